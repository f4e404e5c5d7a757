package report

import (
	"fmt"

	"github.com/everqual/everqual"
)

// conclude computes the conclusion:
//
//	NOT ACCEPTED  a deviation is open or a prerequisite fails
//	INCOMPLETE    otherwise, when a test case or a prerequisite was not
//	              evaluated, or nothing at all was
//	ACCEPTED      otherwise
func conclude(r Report) Conclusion {
	c := Conclusion{Status: Accepted, Reasons: []string{}, Remarks: remarks(r)}
	var unmet, unknown int
	for _, p := range r.Prereqs {
		switch p.Outcome {
		case everqual.Pass:
		case everqual.Fail:
			unmet++
		default:
			unknown++
		}
	}
	note := func(s Status, n int, text string) {
		if n == 0 {
			return
		}
		c.Reasons = append(c.Reasons, text)
		if c.Status != NotAccepted {
			c.Status = s
		}
	}
	note(NotAccepted, len(r.Deviations), plural(len(r.Deviations), "deviation")+" open")
	note(NotAccepted, unmet, plural(unmet, "prerequisite")+" not met")
	note(Incomplete, r.Counts.NotEvaluated, plural(r.Counts.NotEvaluated, "test case")+" not evaluated")
	note(Incomplete, unknown, plural(unknown, "prerequisite")+" not evaluated")
	if r.Counts.Pass+r.Counts.Fail == 0 {
		note(Incomplete, 1, "no test case was evaluated")
	}
	return c
}

func remarks(r Report) []string {
	out := []string{}
	if n := r.Coverage.WithoutSpecification; n > 0 {
		out = append(out, fmt.Sprintf("%s in scope without a specification: not covered by this conclusion", plural(n, "resource")))
	}
	if n := r.Coverage.OutOfScope; n > 0 {
		out = append(out, fmt.Sprintf("%s known to the ledger but out of scope", plural(n, "resource")))
	}
	if n := r.Unplaced; n > 0 {
		out = append(out, fmt.Sprintf("%s that changed and never could be read: whether they belong to the system is not known", plural(n, "resource")))
	}
	if n := r.Events.Unmatched; n > 0 {
		out = append(out, fmt.Sprintf("%s that no rule matches", plural(n, "mutating event")))
	}
	return out
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
