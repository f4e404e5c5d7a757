package specification

import (
	"fmt"
	"strconv"
	"time"
)

// checkSpecification finds what a schema cannot say. It looks at every part
// that has the right shape, so that one mistake does not hide another.
func (f *file) checkSpecification() {
	f.checkPeriod()
	f.checkTime("approval", "at")
	f.checkTestCases()
}

// checkTime returns the time of root.part.key; ok is false where there is
// none or the schema has already refused it.
func (f *file) checkTime(part, key string) (t time.Time, ok bool) {
	n := f.root.field(part).field(key)
	s, isText := n.text()
	if !isText || len(s) < len(time.DateOnly) {
		return t, false
	}
	t, err := parseTime(s)
	if err != nil && f.quiet(n) {
		f.at(n, []string{part, key}, fmt.Sprintf("%q is %q, a day or time that does not exist", key, s), "")
	}
	return t, err == nil
}

// quiet tells whether no problem has yet been found at the node.
func (f *file) quiet(n *node) bool {
	line, column := lineColumn(f.src, n.start)
	for _, p := range f.problems {
		if p.Line == line && p.Column == column {
			return false
		}
	}
	return true
}

func (f *file) checkPeriod() {
	from, ok := f.checkTime("effective", "from")
	until, ok2 := f.checkTime("effective", "until")
	if ok && ok2 && !from.Before(until) {
		f.at(f.root.field("effective").field("until"), []string{"effective", "until"},
			"the effective period ends before it begins", "")
	}
}

// reservedID is the id of the verdict on the tags that select a resource.
const reservedID = "SELECTION"

func (f *file) checkTestCases() {
	first := map[string]int{}
	cases := f.root.field("test_cases")
	if cases == nil {
		return
	}
	for i, c := range cases.items {
		where := []string{"test_cases", strconv.Itoa(i)}
		if id, ok := c.field("id").text(); ok {
			if j, seen := first[id]; seen {
				line, _ := lineColumn(f.src, cases.items[j].start)
				f.at(c.field("id"), join(where, "id"),
					fmt.Sprintf("the test case id %q is already used in line %d", id, line), "")
			} else {
				first[id] = i
			}
			if id == reservedID {
				f.at(c.field("id"), join(where, "id"), fmt.Sprintf("the test case id %q is reserved for the check of the tags", id), "")
			}
		}
		f.checkAttribute(c.field("attribute"), join(where, "attribute"))
		if e := c.field("expect"); e != nil {
			f.checkExpectation(e, join(where, "expect"))
			f.checkReach(c, e, where)
		}
	}
}
