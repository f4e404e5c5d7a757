package schedule

import (
	"fmt"
	"unicode/utf8"
)

// Error is a fault in an expression that a person wrote.
type Error struct {
	Field   string // "minutes", "day-of-week", "value", ...; "expression" when it is no single field
	Column  int    // in characters of the expression, from 1
	Problem string // what is wrong
	Hint    string // what to write
}

// Error returns "field, column n: problem; hint".
func (e *Error) Error() string {
	return fmt.Sprintf("%s, column %d: %s; %s", e.Field, e.Column, e.Problem, e.Hint)
}

// fault is a problem at a byte offset; Parse, which has the whole expression,
// makes it an Error.
type fault struct {
	field   string
	at      int
	problem string
	hint    string
}

func (f *fault) located(expr string) *Error {
	column := utf8.RuneCountInString(expr[:min(f.at, len(expr))]) + 1
	return &Error{Field: f.field, Column: column, Problem: f.problem, Hint: f.hint}
}
