package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is one place of a cron expression: what it is called and what may
// stand there (both user guides, "Cron expressions").
type field struct {
	name     string
	min, max int
	names    []string // names[0] means min
	cyclic   bool     // a range may run over the end, as 22-2 does
	hint     string
}

var (
	minutes = field{"minutes", 0, 59, nil, true, "write 0-59, * or a combination such as 0,30 or 10-20 or 0/15"}
	hours   = field{"hours", 0, 23, nil, true, "write 0-23, * or a combination such as 8,20 or 8-17 or 0/6"}
	days    = field{"day-of-month", 1, 31, nil, true, "write 1-31, *, ?, L, LW, 15W or a combination such as 1,15 or 1-7 or 1/10"}
	months  = field{"month", 1, 12, monthNames, true, "write 1-12 or JAN-DEC, * or a combination such as JAN,JUL or 4-9 or 1/3"}
	weekday = field{"day-of-week", 1, 7, dayNames, true, "write 1-7 or SUN-SAT (1 is Sunday), ?, 6L, 3#2 or a combination such as MON-FRI"}
	years   = field{"year", firstYear, lastYear, nil, false, "write 1970-2199, * or a combination such as 2030,2032 or 2030-2035 or 2030/2"}

	monthNames = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	dayNames   = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

func (f field) faultf(at int, format string, args ...any) *fault {
	return &fault{f.name, at, fmt.Sprintf(format, args...), f.hint}
}

// parse reads a list of values, ranges and steps.
func (f field) parse(s string, at int) (set, *fault) {
	values := newSet(f.min, f.max)
	for item := range strings.SplitSeq(s, ",") {
		if bad := f.item(values, item, at); bad != nil {
			return set{}, bad
		}
		at += len(item) + 1
	}
	return values, nil
}

// item reads "*", "v", "a-b", or one of them with "/step".
func (f field) item(into set, s string, at int) *fault {
	span, step, stepped := strings.Cut(s, "/")
	by := 1
	if stepped {
		var bad *fault
		if by, bad = f.step(step, at+len(span)+1); bad != nil {
			return bad
		}
	}
	first, last, bad := f.span(span, at, stepped)
	if bad != nil {
		return bad
	}
	size := f.max - f.min + 1
	if last < first {
		last += size
	}
	for v := first; v <= last; v += by {
		into.add(f.min + (v-f.min)%size)
	}
	return nil
}

// span reads what stands before the step. A single value with a step runs to
// the end of the field.
func (f field) span(s string, at int, stepped bool) (first, last int, bad *fault) {
	if s == "*" {
		return f.min, f.max, nil
	}
	from, to, ranged := strings.Cut(s, "-")
	if first, bad = f.value(from, at); bad != nil {
		return 0, 0, bad
	}
	last = first
	switch {
	case ranged:
		last, bad = f.value(to, at+len(from)+1)
	case stepped:
		last = f.max
	}
	if bad == nil && last < first && !f.cyclic {
		bad = f.faultf(at, "the range %q ends before it begins", s)
	}
	return first, last, bad
}

// step reads what stands after the slash. AWS refuses cron(*/60 ...), as
// Quartz refuses every step above the highest value of the field.
func (f field) step(s string, at int) (int, *fault) {
	most := f.max
	if f.name == years.name {
		most = f.max - f.min
	}
	n, ok := number(s)
	if !ok || n < 1 || n > most {
		return 0, f.faultf(at, "the step %q is no number from 1 to %d", s, most)
	}
	return n, nil
}

// value reads a number or a name. Names are read in any case: the EventBridge
// console takes Wed-Fri, and Quartz documents it.
func (f field) value(s string, at int) (int, *fault) {
	if i := slices.Index(f.names, strings.ToUpper(s)); i >= 0 {
		return f.min + i, nil
	}
	n, ok := number(s)
	switch {
	case s == "":
		return 0, f.faultf(at, "a value is missing")
	case s == "?":
		return 0, f.faultf(at, "? stands alone, and only in day-of-month or day-of-week")
	case !ok && f.names != nil:
		return 0, f.faultf(at, "%q is no number from %d to %d and no name", s, f.min, f.max)
	case !ok || n < f.min || n > f.max:
		return 0, f.faultf(at, "%q is no number from %d to %d", s, f.min, f.max)
	}
	return n, nil
}

// number reads digits, without a sign.
func number(s string) (int, bool) {
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
