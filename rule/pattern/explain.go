package pattern

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// Explanation says why an event satisfies a pattern, or why not.
type Explanation struct {
	Match bool `json:"match"`
	// Attempts are the combinations of $or branches, one without $or. One that
	// holds is enough. The first hundred are told.
	Attempts []Attempt `json:"attempts"`
	Left     int       `json:"attempts_left_out,omitempty"`
}

// Attempt is one combination of $or branches: every condition must hold, and
// all of them together.
type Attempt struct {
	Holds      bool     `json:"holds"`
	Conditions []Reason `json:"conditions"`
	// Apart is set where each condition holds alone, but only with values from
	// different elements of one list.
	Apart bool `json:"from_different_list_elements,omitempty"`
}

// Reason is what became of one condition.
type Reason struct {
	Path   string   `json:"path"`
	Line   int      `json:"line"` // of the condition in the pattern
	Column int      `json:"column"`
	Wanted string   `json:"wanted"` // the list of values, as written
	Found  []string `json:"found"`  // the values that the event has there, as JSON
	Holds  bool     `json:"holds"`
	Why    string   `json:"why"`
}

const maxAttempts = 100

// Explain tests an event condition by condition. The error is that of Match.
func (p *Pattern) Explain(event []byte) (Explanation, error) {
	root, err := ParseEvent(event)
	if err != nil {
		return Explanation{}, err
	}
	x := &match{bank: newBank([]*Pattern{p})}
	if err := x.run(event); err != nil {
		return Explanation{}, located(event, err)
	}
	e := Explanation{Match: len(x.found) > 0, Left: max(0, len(x.bank.rules)-maxAttempts)}
	for i := range x.bank.rules[:len(x.bank.rules)-e.Left] {
		e.Attempts = append(e.Attempts, x.attempt(p, root, &x.bank.rules[i]))
	}
	slices.SortStableFunc(e.Attempts, func(a, b Attempt) int { return a.missing() - b.missing() })
	return e, nil
}

// missing is how many conditions fail: the attempt that comes nearest is told
// first.
func (a Attempt) missing() (n int) {
	for _, r := range a.Conditions {
		if !r.Holds {
			n++
		}
	}
	return n
}

func (x *match) attempt(p *Pattern, root *syntax.Node, r *rule) Attempt {
	a := Attempt{Holds: true}
	for _, c := range r.conditions {
		line, column := syntax.Place(p.text, c.field.at)
		reason := Reason{Path: c.field.path, Line: line, Column: column, Wanted: c.field.source, Found: []string{}, Holds: x.satisfies(c)}
		for l := x.first(c.path); l >= 0; l = x.leaves[l].next {
			reason.Found = append(reason.Found, x.leaves[l].scalar.String())
		}
		reason.Why = x.why(c, root, reason.Holds)
		a.Conditions = append(a.Conditions, reason)
		a.Holds = a.Holds && reason.Holds
	}
	if a.Holds && len(x.elements) > 0 && !x.consistent(r) {
		a.Holds, a.Apart = false, true
	}
	return a
}

// String is the scalar as JSON.
func (s scalar) String() string {
	if s.kind == syntax.Text {
		return strconv.Quote(s.text)
	}
	return s.text
}

// why says in words what decided a condition.
func (x *match) why(c *condition, root *syntax.Node, holds bool) string {
	first := x.first(c.path)
	if first < 0 {
		return lack(c.field, root, holds)
	}
	var against []string
	for l := first; l >= 0; l = x.leaves[l].next {
		s := x.leaves[l].scalar
		for _, v := range c.field.values {
			if v.test.holds(s) {
				return fmt.Sprintf("%s satisfies %s", brief(s), v.source)
			}
			against = append(against, refusal(s, v))
		}
	}
	if holds {
		return "the field lies in elements of a list, and others are without it"
	}
	if len(against) > 3 {
		against = append(against[:3], fmt.Sprintf("and %d more", len(against)-3))
	}
	return strings.Join(against, "; ")
}

func brief(s scalar) string {
	if len(s.text) > 80 {
		s.text = strings.ToValidUTF8(s.text[:80], "") + "..."
	}
	return s.String()
}

// refusal says why a value does not satisfy one match value.
func refusal(s scalar, v value) string {
	switch t := v.test.(type) {
	case never:
		return "the field is there"
	case inverse:
		return brief(s) + " is one of the excluded"
	case equal:
		if s.kind == syntax.Text && strings.EqualFold(s.text, t.text) {
			return fmt.Sprintf("%s differs from %s in upper and lower case only", brief(s), v.source)
		}
		if s.kind == syntax.Text && strings.TrimSpace(s.text) == strings.TrimSpace(t.text) {
			return fmt.Sprintf("%s differs from %s in white space only", brief(s), v.source)
		}
		if s.kind != syntax.Text && s.text == t.text {
			return fmt.Sprintf("%s is %s, %s a string", s.text, s.kind, v.source)
		}
	case same, span, word:
		if s.kind == syntax.Text {
			return fmt.Sprintf("%s is a string, and %s is compared with values without quotes", brief(s), v.source)
		}
	default:
		if s.kind != syntax.Text {
			return fmt.Sprintf("%s is %s, and %s looks at strings only", brief(s), s.kind, v.source)
		}
	}
	return fmt.Sprintf("%s does not satisfy %s", brief(s), v.source)
}

// lack says why there is no value at a path, and what is there instead.
func lack(f *field, root *syntax.Node, holds bool) string {
	at, rest := reach(root, f.path)
	what := "there is no such field"
	switch {
	case rest == "" && at.Kind == syntax.Object:
		what = "an object is there, and patterns see values only: name a field in it"
	case rest == "":
		what = "an empty list is there, which is no value"
	case at.Kind == syntax.Object:
		name, _, _ := strings.Cut(rest, ".")
		what = fmt.Sprintf("there is no %q", name)
		if near := nearest(at, name); near != "" {
			what += fmt.Sprintf(", but %q", near)
		}
	}
	if holds {
		return what + ", as {\"exists\": false} wants it"
	}
	return what
}

// reach goes along a path as far as the event has it.
func reach(n *syntax.Node, path string) (at *syntax.Node, rest string) {
	for n.Kind == syntax.Array && len(n.Items) > 0 {
		n = &n.Items[0]
	}
	best, left := n, path
	for i := range n.Members {
		m := &n.Members[i]
		switch after, ok := strings.CutPrefix(path, m.Key); {
		case ok && after == "":
			return deepest(&m.Value), ""
		case ok && after[0] == '.':
			at, rest := reach(&m.Value, after[1:])
			if len(rest) < len(left) {
				best, left = at, rest
			}
		}
	}
	return best, left
}

func deepest(n *syntax.Node) *syntax.Node {
	for n.Kind == syntax.Array && len(n.Items) > 0 {
		n = &n.Items[0]
	}
	return n
}

// nearest is a key that name was perhaps meant to be.
func nearest(n *syntax.Node, name string) string {
	fold := func(s string) string {
		return strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(s))
	}
	for i := range n.Members {
		if fold(n.Members[i].Key) == fold(name) {
			return n.Members[i].Key
		}
	}
	return ""
}
