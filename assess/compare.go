package assess

import (
	"fmt"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// tri is what an operator finds. What cannot be compared is unknown.
type tri int

const (
	unknown tri = iota
	no
	yes
)

// finding is the result of one operator on one value.
type finding struct {
	is     tri
	reason everqual.Reason // of unknown
	detail string
	// unset says that the answer is no because the value is null: a negation
	// of that is unknown, not yes.
	unset bool
}

func answer(holds bool) finding {
	if holds {
		return finding{is: yes}
	}
	return finding{is: no}
}

func unsure(reason everqual.Reason, format string, args ...any) finding {
	return finding{is: unknown, reason: reason, detail: fmt.Sprintf(format, args...)}
}

// checker applies expectations; ages are measured to collectedAt.
type checker struct{ collectedAt time.Time }

// compare holds a selected value against a test case's expectation, all of it
// or element by element.
func (s *subject) compare(tc everqual.TestCase, value any) *everqual.Verdict {
	c := checker{s.observation.CollectedAt}
	list, isList := value.([]any)
	a, missing := value.(*absent)
	quantified := tc.Quantifier.Kind != ""
	over := reachOf(tc.Expect)
	switch {
	case tc.Empty != "" && (isList && len(list) == 0 || missing && a.reason == everqual.NoMatch):
		return outcomeOf(tc.Empty)
	case isList && len(list) == 0 && (quantified || !judgesEmpty(tc.Expect, false)):
		return notEvaluated(everqual.NoMatch, "the expression selects an empty list")
	case isList && quantified, isList && len(list) > 0 && over != wholeList:
		if !quantified && over == wholeList|elements {
			return notEvaluated(everqual.Invalid, "the expectation mixes operators for elements with operators for the whole list; it needs a quantifier")
		}
		return c.quantify(tc, list)
	case quantified && !missing:
		return notEvaluated(everqual.Mistyped, fmt.Sprintf("a quantifier needs a list, not %s", kindOf(value)))
	}
	return verdictOf(c.check(tc.Expect, value))
}

// outcomeOf applies a test case's outcome for an empty selection.
func outcomeOf(o everqual.Outcome) *everqual.Verdict {
	const detail = "the expression selects nothing; the test case gives the outcome for that"
	switch o {
	case everqual.Pass, everqual.Fail, everqual.NotApplicable:
		return &everqual.Verdict{Outcome: o, Detail: detail}
	}
	return notEvaluated(everqual.NoMatch, detail)
}

func verdictOf(f finding) *everqual.Verdict {
	switch f.is {
	case yes:
		return &everqual.Verdict{Outcome: everqual.Pass, Detail: f.detail}
	case no:
		return &everqual.Verdict{Outcome: everqual.Fail, Detail: f.detail}
	}
	return notEvaluated(f.reason, f.detail)
}

// tally counts the elements of a list by what an expectation found.
type tally struct {
	total, yes, no, unknown int
	failed, satisfied       []string // elements in words
	reason                  everqual.Reason
	open                    []string
}

// quantify checks each element. An unknown element decides nothing: the
// verdict stands only if it would be the same either way.
func (c checker) quantify(tc everqual.TestCase, list []any) *everqual.Verdict {
	var t tally
	for i, x := range list {
		t.add(i, x, c.check(tc.Expect, x))
	}
	lowest, highest := t.yes, t.yes+t.unknown
	var least, most int
	switch q := tc.Quantifier; q.Kind {
	case "", "all":
		least, most = t.total, t.total
	case "any":
		least, most = 1, t.total
	case "none":
		least, most = 0, 0
	case "count":
		least, most = q.N, q.N
	case "at_least":
		least, most = q.N, max(t.total, q.N)
	case "at_most":
		least, most = 0, q.N
	default:
		return notEvaluated(everqual.Invalid, fmt.Sprintf("unknown quantifier %q", q.Kind))
	}
	switch {
	case lowest >= least && highest <= most:
		return &everqual.Verdict{Outcome: everqual.Pass}
	case lowest > most || highest < least:
		return &everqual.Verdict{Outcome: everqual.Fail, Detail: t.failure(lowest > most)}
	}
	return notEvaluated(t.reason, fmt.Sprintf("%d of %d cannot be judged: %s", t.unknown, t.total, someOf(t.open, maxNamed)))
}

// maxNamed is how many elements a detail names.
const maxNamed = 10

func (t *tally) add(i int, x any, f finding) {
	t.total++
	words := fmt.Sprintf("[%d] = %s", i, shorten(compact(x)))
	switch f.is {
	case yes:
		t.yes++
		t.satisfied = append(t.satisfied, words)
	case no:
		t.no++
		t.failed = append(t.failed, words)
	default:
		if t.unknown == 0 {
			t.reason = f.reason
		}
		t.unknown++
		t.open = append(t.open, fmt.Sprintf("[%d]: %s", i, f.detail))
	}
}

// failure names the elements that did it: those that satisfy when there are
// too many of them, else those that do not.
func (t *tally) failure(tooMany bool) string {
	if tooMany {
		return fmt.Sprintf("%d of %d satisfy: %s", t.yes, t.total, someOf(t.satisfied, maxNamed))
	}
	s := fmt.Sprintf("%d of %d fail: %s", t.no, t.total, someOf(t.failed, maxNamed))
	if t.unknown > 0 {
		s += fmt.Sprintf("; %d cannot be judged", t.unknown)
	}
	return s
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 120 {
		return string(r[:117]) + "..."
	}
	return s
}

// reach says what an expectation without quantifier looks at in a list.
type reach int

const (
	elements  reach = 1
	wholeList reach = 2
)

func reachOf(e everqual.Expectation) reach {
	switch e.Operator {
	case "contains", "contains_all", "contains_any", "contains_none", "same_set", "subset_of", "length", "empty":
		return wholeList
	case "exists":
		return 0
	case "equals":
		if _, isList := e.Operand.([]any); isList {
			return wholeList
		}
	case "in", "not_in":
		options, _ := e.Operand.([]any)
		for _, x := range options {
			if _, isList := x.([]any); isList {
				return wholeList
			}
		}
	}
	var r reach
	parts, nested := partsOf(e)
	for _, p := range parts {
		r |= reachOf(p)
	}
	if !nested {
		return elements
	}
	return r
}

// judgesEmpty tells whether an expectation says something about an empty
// list. Where it would hold only because there is nothing to break it, it does
// not: selecting nothing is no proof.
func judgesEmpty(e everqual.Expectation, negated bool) bool {
	switch e.Operator {
	case "exists", "empty", "length", "same_set":
		return true
	case "contains", "contains_all", "contains_any":
		return !negated
	case "contains_none", "subset_of":
		return negated
	case "equals", "in", "not_in":
		return reachOf(e) == wholeList
	}
	parts, nested := partsOf(e)
	for _, p := range parts {
		if !judgesEmpty(p, negated != (e.Operator == "not" || e.Operator == "none_of")) {
			return false
		}
	}
	return nested && len(parts) > 0
}

// partsOf returns the expectations inside not, all_of, any_of and none_of.
func partsOf(e everqual.Expectation) (parts []everqual.Expectation, nested bool) {
	switch e.Operator {
	case "not":
		return []everqual.Expectation{nestedExpectation(e.Operand)}, true
	case "all_of", "any_of", "none_of":
		list, _ := e.Operand.([]any)
		for _, x := range list {
			parts = append(parts, nestedExpectation(x))
		}
		return parts, true
	}
	return nil, false
}

// nestedExpectation reads an operand as an expectation: a literal, or an
// object with one operator.
func nestedExpectation(v any) everqual.Expectation {
	if m, ok := v.(map[string]any); ok {
		for k, operand := range m {
			if len(m) == 1 {
				return everqual.Expectation{Operator: k, Operand: operand}
			}
		}
		return everqual.Expectation{Operator: strings.Join(sortedKeys(m), "+"), Operand: v}
	}
	return everqual.Expectation{Operator: "equals", Operand: v}
}
