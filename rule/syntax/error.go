package syntax

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Error is a fault in a text that a person wrote, with its place.
type Error struct {
	File    string // "" when the text has no file name
	Line    int    // from 1
	Column  int    // in characters, from 1
	Problem string // what is wrong and what to write instead
}

// Error returns "file:line:column: problem".
func (e *Error) Error() string {
	place := fmt.Sprintf("line %d, column %d", e.Line, e.Column)
	if e.File != "" {
		place = fmt.Sprintf("%s:%d:%d", e.File, e.Line, e.Column)
	}
	return place + ": " + e.Problem
}

// fault is a problem at a byte offset; it becomes an Error where the text is
// at hand.
type fault struct {
	at      int
	problem string
}

func (f *fault) Error() string { return f.problem }

// Faultf is a problem at a byte offset.
func Faultf(at int, format string, args ...any) error {
	return &fault{at, fmt.Sprintf(format, args...)}
}

// Located turns a fault into an Error with line and column of text. Other
// errors pass unchanged.
func Located(file string, text []byte, err error) error {
	f, ok := err.(*fault)
	if !ok {
		return err
	}
	e := &Error{File: file, Problem: f.problem}
	e.Line, e.Column = Place(text, f.at)
	return e
}

// Place returns line and column, in characters, of a byte offset, both from 1.
func Place(text []byte, at int) (line, column int) {
	before := text[:min(max(at, 0), len(text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}
