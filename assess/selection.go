package assess

import (
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// SelectionID is the id of the verdict that Selection gives. Test cases may
// not have it in their specification.
const SelectionID = "SELECTION"

// Selection judges whether a resource still carries the tags by which a
// specification selects it. It is for a specification that applied to the
// version before: a resource does not leave its specification by losing a tag.
func Selection(o everqual.Observation, s everqual.Specification) everqual.Verdict {
	v := everqual.Verdict{
		TestCase: SelectionID, Title: "The resource carries the tags that select it",
		Risk: "high", Attribute: TagMap, Expected: wantedTags(s.Applies),
	}
	subject := newSubject(o)
	if subject.blank != nil {
		v.Outcome, v.Reason, v.Detail = subject.blank.Outcome, subject.blank.Reason, subject.blank.Detail
		return v
	}
	if p, poisoned := subject.root[TagMap].(*poison); poisoned {
		t := unreadTrouble(p.unread)
		v.Outcome, v.Reason, v.Detail = everqual.NotEvaluated, t.reason, t.detail
		return v
	}
	v.Actual = compact(carried(o, s.Applies))
	v.Outcome = everqual.Pass
	if missing := s.Applies.MissingTags(o); len(missing) > 0 {
		slices.Sort(missing)
		v.Outcome, v.Detail = everqual.Fail, "missing or different: "+strings.Join(missing, ", ")
	}
	return v
}

func wantedTags(s everqual.Selector) string {
	var words []string
	for _, k := range sortedKeys(s.Tags) {
		var values []string
		for _, x := range s.Tags[k] {
			values = append(values, fmt.Sprintf("%q", x))
			if x == "*" {
				values[len(values)-1] = "any value"
			}
		}
		words = append(words, k+" = "+strings.Join(values, " or "))
	}
	return strings.Join(words, ", ")
}

// carried returns the resource's values of the selector's tags, null for none.
func carried(o everqual.Observation, s everqual.Selector) any {
	tags := map[string]any{}
	for k := range s.Tags {
		tags[k] = nil
		if x, ok := o.Tags[k]; ok {
			tags[k] = x
		}
	}
	return tags
}
