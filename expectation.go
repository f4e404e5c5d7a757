package everqual

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Expectation is what a test case wants of the selected value. In JSON it is a
// literal, which means equal, or an object with exactly one key, the operator.
type Expectation struct {
	Operator string // "equals" for a literal
	Operand  any    // JSON value: nil, bool, float64, string, []any, map[string]any
}

// UnmarshalJSON reads a literal or an operator object. It checks the shape;
// what the operators mean is the specification room's to say.
func (e *Expectation) UnmarshalJSON(b []byte) error {
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	object, ok := v.(map[string]any)
	if !ok {
		*e = Expectation{Operator: "equals", Operand: v}
		return nil
	}
	if len(object) != 1 {
		return fmt.Errorf("an expectation has exactly one operator, not %d", len(object))
	}
	for k, operand := range object {
		*e = Expectation{Operator: k, Operand: operand}
	}
	return nil
}

// MarshalJSON writes the operator object.
func (e Expectation) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{e.Operator: e.Operand})
	return bytes.TrimSpace(b.Bytes()), err
}

// Quantifier is "all" (the default), "any", "none", or a count. In JSON a
// count is {"count": n} or {"at_least": n} or {"at_most": n}.
type Quantifier struct {
	Kind string // "", "all", "any", "none", "count", "at_least", "at_most"
	N    int
}

// UnmarshalJSON reads a quantifier.
func (q *Quantifier) UnmarshalJSON(b []byte) error {
	var word string
	if json.Unmarshal(b, &word) == nil {
		*q = Quantifier{Kind: word}
		return nil
	}
	var object map[string]int
	if err := json.Unmarshal(b, &object); err != nil || len(object) != 1 {
		return fmt.Errorf("a quantifier is a word or an object with one count")
	}
	for k, n := range object {
		*q = Quantifier{Kind: k, N: n}
	}
	return nil
}

// MarshalJSON writes a quantifier.
func (q Quantifier) MarshalJSON() ([]byte, error) {
	switch q.Kind {
	case "count", "at_least", "at_most":
		return json.Marshal(map[string]int{q.Kind: q.N})
	}
	return json.Marshal(q.Kind)
}
