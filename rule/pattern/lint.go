package pattern

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// Limits of an event pattern in EventBridge. The quota of characters can be
// raised; the complexity is not published and was inferred from patterns that
// AWS accepted and refused.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
const (
	MaxCharacters = 2048
	MaxComplexity = 10
)

// Problem is something in a valid pattern that EventBridge would refuse, or that
// is hardly meant as it is written.
type Problem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Refused bool   `json:"refused"` // EventBridge refuses the pattern
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

func (p Problem) String() string {
	kind := "warning"
	if p.Refused {
		kind = "error"
	}
	return fmt.Sprintf("line %d, column %d: %s: %s; %s", p.Line, p.Column, kind, p.Message, p.Hint)
}

// Lint lists the problems of a pattern, in the order of the text.
func (p *Pattern) Lint() []Problem {
	l := &linter{p: p, seen: map[int]bool{}}
	l.limits()
	for _, f := range p.overridden {
		l.warn(f.at, fmt.Sprintf("%q is written again later and this list has no effect", f.path), "remove one of the two")
	}
	for _, c := range p.alternatives {
		for _, f := range c {
			if !l.seen[f.at] {
				l.seen[f.at] = true
				l.field(f, c)
			}
		}
	}
	slices.SortStableFunc(l.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return l.problems
}

type linter struct {
	p        *Pattern
	seen     map[int]bool // lists, by their place
	problems []Problem
}

func (l *linter) add(at int, refused bool, message, hint string) {
	line, column := syntax.Place(l.p.text, at)
	l.problems = append(l.problems, Problem{line, column, refused, message, hint})
}

func (l *linter) warn(at int, message, hint string) { l.add(at, false, message, hint) }

func (l *linter) limits() {
	if n := l.p.Characters(); n > MaxCharacters {
		l.add(l.p.at, true, fmt.Sprintf("the pattern has %d characters without white space, the quota is %d", n, MaxCharacters), "split it, or have the quota raised")
	}
	if n, f := l.p.mostComplex(); n > MaxComplexity {
		l.add(f.at, true, fmt.Sprintf("the wildcards of %q have a complexity of %d, EventBridge takes about %d: rule is too complex", f.path, n, MaxComplexity), "use fewer wildcards, or fewer repeated characters after one")
	}
}

// envelope are the fields of every event; all but detail and resources hold one
// string.
var envelope = []string{"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail", "replay-name"}

// always are the fields of the envelope that every event has.
var always = []string{"version", "id", "detail-type", "source", "account", "time", "region"}

// objects are fields of CloudTrail events that hold an object, or null.
var objects = []string{"detail", "detail.userIdentity", "detail.userIdentity.sessionContext", "detail.requestParameters", "detail.responseElements",
	"detail.additionalEventData", "detail.tlsDetails", "detail.serviceEventDetails", "detail.resources"}

func (l *linter) field(f *field, c conjunction) {
	l.everything(f)
	l.large(f)
	top, _, nested := strings.Cut(f.path, ".")
	switch {
	case !slices.Contains(envelope, top):
		l.warn(f.at, fmt.Sprintf("no event has the field %q at its top, so this can never match", top), fmt.Sprintf("write {\"detail\": {%q: ...}}", top))
	case !nested && top != "detail" && top != "resources":
		l.strings(f)
	}
	parent := slices.ContainsFunc(c, func(o *field) bool { return strings.HasPrefix(o.path, f.path+".") })
	known := slices.Contains(objects, f.path)
	for _, v := range f.values {
		_, there := v.test.(anyValue)
		switch exists := there || v.test == missing; {
		case exists && (parent || known):
			l.warn(v.at, fmt.Sprintf("%q is an object and exists looks at values only, so this %s", f.path, onObject(f.path, there)), "name a field in it")
		case known && v.test != test(word{"null"}):
			l.warn(v.at, fmt.Sprintf("%q is an object, so %s never matches it", f.path, v.source), "name a field in it")
		case exists && slices.Contains(always, f.path):
			l.warn(v.at, fmt.Sprintf("every event has %q, so this %s", f.path, outcome(there)), "leave the field out")
		}
	}
	if parent && !known {
		l.warn(f.at, fmt.Sprintf("%q is asked for as a value and as an object, which only a list or a repeated key can be", f.path), "ask for one of them")
	}
}

// documented is the greatest number that EventBridge documents for numeric. Its
// open engine compares larger ones since version 1.8.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
const documented = 5e9

func (l *linter) large(f *field) {
	for _, v := range f.values {
		s, ok := v.test.(span)
		beyond := func(n float64) bool { return !math.IsInf(n, 0) && math.Abs(n) > documented }
		if ok && (beyond(s.low) || beyond(s.high)) {
			l.warn(v.at, "EventBridge documents numeric for numbers from -5.0e9 to 5.0e9 only", "try it with aws events test-event-pattern, or compare a smaller number")
		}
	}
}

func outcome(match bool) string {
	if match {
		return "always matches"
	}
	return "never matches"
}

// onObject is what exists does with an object. CloudTrail writes null where a
// call has no parameters or no answer, and null is a value.
func onObject(path string, there bool) string {
	switch nullable := path == "detail.requestParameters" || path == "detail.responseElements"; {
	case nullable && there:
		return "matches null only"
	case nullable:
		return "matches whatever is not null"
	}
	return outcome(!there)
}

// strings warns of comparisons that no string satisfies, or that all do.
func (l *linter) strings(f *field) {
	for _, v := range f.values {
		switch t := v.test.(type) {
		case same, span, word:
			l.warn(v.at, fmt.Sprintf("%q is always a string, so %s can never match", f.path, v.source), fmt.Sprintf("write \"%s\"", strings.Trim(v.source, `"`)))
		case inverse:
			if numbers(t) {
				l.warn(v.at, fmt.Sprintf("%q is always a string, so %s lets every event in", f.path, v.source), "put the numbers in quotes")
			}
		}
	}
}

// numbers tells whether an anything-but excludes numbers.
func numbers(t inverse) bool {
	_, ok := t.none[0].(span)
	return ok
}

// everything warns of lists that every value satisfies.
func (l *linter) everything(f *field) {
	inverses, exists := 0, 0
	for i, v := range f.values {
		switch t := v.test.(type) {
		case inverse:
			if inverses++; inverses == 2 {
				l.warn(v.at, fmt.Sprintf("two anything-buts in the list of %q: what one excludes the other lets in, so nearly every value matches", f.path), "put all that is excluded into one anything-but")
			}
			l.readmitted(f, t)
		case anyValue, never:
			if exists++; exists == 2 && f.absent {
				l.warn(v.at, fmt.Sprintf("%q may exist or not, so this says nothing", f.path), "leave the field out")
			}
			if _, there := t.(anyValue); there && len(f.values) > 1 && !f.absent {
				l.warn(v.at, fmt.Sprintf("every value of %q exists, so the rest of the list has no effect", f.path), "remove this, or all the others")
			}
		case prefix:
			l.anyString(v, t.text == "")
		case suffix:
			l.anyString(v, t.text == "")
		case glob:
			l.anyString(v, len(t) == 2 && t[0] == "" && t[1] == "")
		}
		if slices.ContainsFunc(f.values[:i], func(o value) bool { return o.source == v.source }) {
			l.warn(v.at, v.source+" is listed twice", "remove one")
		}
	}
}

func (l *linter) anyString(v value, any bool) {
	if any {
		l.warn(v.at, v.source+" matches every string", `write {"exists": true}, or leave the field out`)
	}
}

// readmitted warns of a value that the list excludes and names.
func (l *linter) readmitted(f *field, t inverse) {
	for _, v := range f.values {
		if slices.ContainsFunc(t.none, func(x test) bool { return alike(x, v.test) }) {
			l.warn(v.at, v.source+" is excluded and listed: one of a list is enough, so it matches all the same", "remove one of the two")
		}
	}
}

// alike tells whether what x excludes is what v names.
func alike(x, v test) bool {
	if n, ok := v.(same); ok {
		s, ok := x.(span)
		return ok && n.exact && s.low == n.value
	}
	switch x.(type) {
	case equal, prefix, suffix:
		return x == v
	}
	return false
}
