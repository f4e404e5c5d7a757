// Package specification is the build specification language: it reads and
// checks specification and system files, with the place of every problem, and
// finds the specifications that apply to a resource at a time. What the
// expectations mean when they meet an observation is the assess room's to say.
package specification

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 4 << 20

// Parse reads one specification file. All its problems are returned, sorted
// by place; with any, the specification is not usable. Dates without a time
// mean midnight UTC. The path only names the file in problems.
func Parse(path string, b []byte) (everqual.Specification, []Problem) {
	var s everqual.Specification
	f := read(path, b)
	if f.root != nil {
		f.validate(theLanguage().specification)
		f.checkSpecification()
	}
	if f.decode(&s) {
		s.Digest, s.Source, s.Path = everqual.DigestOf(b), bytes.Clone(b), path
	}
	return s, f.sorted()
}

// ParseSystem reads one system file, with the care of Parse.
func ParseSystem(path string, b []byte) (everqual.System, []Problem) {
	var s everqual.System
	f := read(path, b)
	if f.root != nil {
		f.validate(theLanguage().system)
	}
	f.decode(&s)
	return s, f.sorted()
}

// bom is the byte order mark that some editors write in front of UTF-8.
var bom = []byte("\xef\xbb\xbf")

func read(path string, b []byte) *file {
	f := &file{path: path, src: bytes.TrimPrefix(b, bom)}
	if len(b) > MaxSize {
		f.problems = append(f.problems, Problem{Path: path, Message: fmt.Sprintf(
			"the file has %d bytes, more than the %d allowed; split it into several specifications", len(b), MaxSize)})
		return f
	}
	root, faults := scan(f.src)
	f.root = root
	for _, x := range faults {
		f.add(x.offset, "", x.message, "")
	}
	return f
}

func (f *file) sorted() []Problem {
	sortProblems(f.problems)
	return f.problems
}

// decode fills target from a file without problems.
func (f *file) decode(target any) bool {
	if len(f.problems) > 0 {
		return false
	}
	v := f.root.value()
	completeDates(v)
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, target)
	}
	if err != nil {
		f.at(f.root, nil, fmt.Sprintf("cannot be read: %v", err), "")
	}
	return err == nil
}

// completeDates turns plain dates into times, where the schema has times.
func completeDates(v any) {
	root, _ := v.(map[string]any)
	for _, place := range [][2]string{{"effective", "from"}, {"effective", "until"}, {"approval", "at"}} {
		part, _ := root[place[0]].(map[string]any)
		if s, ok := part[place[1]].(string); ok {
			if t, err := parseTime(s); err == nil {
				part[place[1]] = t.Format(time.RFC3339Nano)
			}
		}
	}
}

// parseTime reads RFC 3339 or a plain date, which is midnight UTC.
func parseTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err
}
