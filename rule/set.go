package rule

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"sync"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rule/syntax"
)

// Set is the rules of a folder. All their patterns are tested in one reading of
// an event. It is safe for concurrent use.
type Set struct {
	rules   []*Rule
	matches []*match
	matcher *pattern.Matcher           // of the matches' patterns
	types   map[string][]*resourceType // by the service in their ARN
	buffers sync.Pool                  // of *buffer
}

// key is what must lead to one match only.
type key struct{ source, detailType, name string }

// Load reads every *.json file at the top of the folder. It reports the first
// fault of each file, as an *Error with file, line and column.
func Load(folder fs.FS) (*Set, error) {
	files, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list rule files: %w", err)
	}
	if len(files) == 0 {
		return nil, errors.New("no rule files (*.json) in the folder")
	}
	s := &Set{types: map[string][]*resourceType{}}
	s.buffers.New = func() any { return new(buffer) }
	var faults []error
	known := map[key]*match{}
	for _, name := range files {
		faults = append(faults, s.add(folder, name, known))
	}
	for _, r := range s.rules {
		faults = append(faults, s.borrow(folder, r))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	patterns := make([]*pattern.Pattern, len(s.matches))
	for i, m := range s.matches {
		patterns[i] = m.pattern
	}
	s.matcher = pattern.NewMatcher(patterns...)
	return s, nil
}

// Rules returns the rules by file name.
func (s *Set) Rules() []Rule {
	out := make([]Rule, len(s.rules))
	for i, r := range s.rules {
		out[i] = *r
	}
	return out
}

func (s *Set) add(folder fs.FS, name string, known map[key]*match) error {
	b, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("read rule file: %w", err)
	}
	r, err := parseRule(b)
	if err == nil && r.ID+".json" != name {
		err = syntax.Faultf(0, "the id %q must be the file name without .json", r.ID)
	}
	for i := 0; err == nil && i < len(r.matches); i++ {
		err = distinct(r.matches[i], known)
	}
	if err != nil {
		return syntax.Located(name, b, err)
	}
	s.rules = append(s.rules, r)
	s.matches = append(s.matches, r.matches...)
	for _, t := range r.types {
		if t.from == "" {
			s.types[t.arn.service] = append(s.types[t.arn.service], t)
		}
	}
	return nil
}

// borrow fills in the types that r takes from other rule files.
func (s *Set) borrow(folder fs.FS, r *Rule) error {
	for _, t := range r.types {
		if t.from == "" {
			continue
		}
		i := slices.IndexFunc(s.rules, func(r *Rule) bool { return r.ID == t.from })
		var other *resourceType
		if i >= 0 {
			other = s.rules[i].typeNamed(t.name)
		}
		if other == nil || other.from != "" {
			name := r.ID + ".json"
			b, _ := fs.ReadFile(folder, name) // it was read before
			return syntax.Located(name, b, syntax.Faultf(t.at, "the rule file %q does not describe %s", t.from, t.name))
		}
		t.arn, t.id, t.arnOnly, t.lower = other.arn, other.id, other.arnOnly, other.lower
		t.part = other.part
	}
	return nil
}

// typesNamed are the descriptions of one type, borrowed ones aside.
func (s *Set) typesNamed(name string) (found []*resourceType) {
	for _, r := range s.rules {
		for _, t := range r.types {
			if t.name == name && t.from == "" {
				found = append(found, t)
			}
		}
	}
	return found
}

// distinct refuses an event name that another match has already: which of the
// two decides would depend on the order of files.
func distinct(m *match, known map[key]*match) error {
	sources, ok := m.pattern.Exact("source")
	types, also := m.pattern.Exact("detail-type")
	if !ok || !also {
		return syntax.Faultf(m.at, `the pattern must list "source" and "detail-type" as exact strings, so that one rule knows an event`)
	}
	for _, source := range sources {
		for _, detailType := range types {
			for name := range m.names() {
				k := key{source, detailType, name}
				if other := known[k]; other != nil && other != m {
					return syntax.Faultf(m.at, "%s of %s is already in the rule %q", name, source, other.rule.ID)
				}
				known[k] = m
			}
		}
	}
	return nil
}

// names are the events that the match knows.
func (m *match) names() iter.Seq[string] {
	return func(yield func(string) bool) {
		for name := range m.events {
			if !yield(name) {
				return
			}
		}
		for name := range m.others {
			if !yield(name) {
				return
			}
		}
	}
}

// Match is what the rules say of one event.
type Match struct {
	// Rule is the id of the rule that knows the event, "" when none does. A rule
	// may know an event to touch nothing that it describes: then Resources and
	// Unresolved are empty.
	Rule string
	// Resources are what the event touched, without duplicates, in order of
	// appearance.
	Resources []everqual.Resource
	// Parts are those of Resources that exist in others only, such as the
	// association of a route table: whatever contains them is to be observed.
	Parts []everqual.ResourceID
	// Unresolved says in words which resources the event must have touched
	// but does not name in a form that can be read. It can be set beside
	// Resources, when the event names some well and some not.
	Unresolved string
}

// Touched tells whether the event touched anything that the rules describe.
func (m Match) Touched() bool { return len(m.Resources) > 0 || m.Unresolved != "" }

// buffer is memory for one event, kept for the next.
type buffer struct {
	found []int
	room  room
}

// Match finds the rule that knows the event and the resources that the event
// touched. An event that only touches types no rule describes is unmatched. An
// event that no pattern selects costs one reading. The error is permanent: the
// envelope is no JSON object.
func (s *Set) Match(e everqual.ChangeEvent) (Match, error) {
	b := s.buffers.Get().(*buffer)
	defer s.buffers.Put(b)
	found, err := s.matcher.Match(e.Envelope, b.found[:0])
	b.found = found
	if err != nil {
		return Match{}, everqual.Permanent(fmt.Errorf("read the envelope: %w", err))
	}
	if len(found) == 0 {
		return Match{}, nil
	}
	defer b.room.clear()
	root := &node{raw: bytes.TrimSpace(e.Envelope), room: &b.room}
	return s.extract(originOf(root, e), found), nil
}

// extract takes the resources from the first match that knows the event.
func (s *Set) extract(o *origin, found []int) Match {
	for _, name := range slices.Compact([]string{o.name, o.plainName(), ""}) {
		for _, i := range found {
			m := s.matches[i]
			list := m.touches
			if name != "" {
				list = m.events[name]
			}
			if m.others[name] {
				return Match{Rule: m.rule.ID}
			}
			if list == nil {
				continue
			}
			x := extractor{set: s, rule: m.rule, origin: o}
			if found := x.run(list); found.Rule != "" {
				return found
			}
		}
	}
	return Match{}
}
