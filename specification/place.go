package specification

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// file is one text being read, with the problems found so far.
type file struct {
	path     string
	src      []byte
	root     *node
	problems []Problem
}

// lineColumn converts a byte offset, both from 1, columns in characters.
func lineColumn(src []byte, offset int) (line, column int) {
	before := src[:min(max(offset, 0), len(src))]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[lineStart:])
}

// maxProblems bounds what is reported of one file: beyond it something more
// basic is wrong.
const maxProblems = 1000

func (f *file) add(offset int, pointer, message, suggestion string) {
	if len(f.problems) > maxProblems {
		return
	}
	if len(f.problems) == maxProblems {
		f.problems = append(f.problems, Problem{Path: f.path, Message: "more than 1000 problems; the rest is not shown"})
		return
	}
	line, column := lineColumn(f.src, offset)
	f.problems = append(f.problems, Problem{
		Path: f.path, Line: line, Column: column,
		Pointer: pointer, Message: message, Suggestion: suggestion,
	})
}

// at adds a problem at a value.
func (f *file) at(n *node, where []string, message, suggestion string) {
	f.add(n.start, pointer(where), message, suggestion)
}

// find returns the node at a location.
func (f *file) find(where []string) *node {
	n := f.root
	for _, step := range where {
		next := n.field(step)
		if next == nil && n.kind == '[' {
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.items) {
				next = n.items[i]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// pointer writes a location as a JSON Pointer.
func pointer(where []string) string {
	var b strings.Builder
	for _, step := range where {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(step))
	}
	return b.String()
}

// join returns where with more steps, never sharing its memory.
func join(where []string, steps ...string) []string {
	return append(append(make([]string, 0, len(where)+len(steps)), where...), steps...)
}
