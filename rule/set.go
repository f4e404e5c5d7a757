package rule

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/everqual/everqual"
)

// Set is the rules of a folder, indexed so that an event meets only the rules
// that can know it. It is safe for concurrent use.
type Set struct {
	rules []*Rule
	index map[key][]*match
	types map[string][]*resourceType // by the service in their ARN
}

// key is what an event is looked up by; name is "" for matches without events.
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
	s := &Set{index: map[key][]*match{}, types: map[string][]*resourceType{}}
	var faults []error
	for _, name := range files {
		faults = append(faults, s.add(folder, name))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
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

func (s *Set) add(folder fs.FS, name string) error {
	b, err := fs.ReadFile(folder, name)
	if err != nil {
		return fmt.Errorf("read rule file: %w", err)
	}
	r, err := parseRule(b)
	if err == nil && r.ID+".json" != name {
		err = faultf(0, "the id %q must be the file name without .json", r.ID)
	}
	for i := 0; err == nil && i < len(r.matches); i++ {
		err = s.put(r.matches[i])
	}
	if err != nil {
		return located(name, b, err)
	}
	s.rules = append(s.rules, r)
	for _, t := range r.types {
		s.types[t.arn.service] = append(s.types[t.arn.service], t)
	}
	return nil
}

// put enters a match into the index under every source, detail-type and event
// name that it can select.
func (s *Set) put(m *match) error {
	names := slices.Sorted(maps.Keys(m.events))
	if m.events == nil {
		names = []string{""}
	}
	for _, c := range m.pattern.alternatives {
		sources, types := c.exact("source"), c.exact("detail-type")
		if len(sources) == 0 || len(types) == 0 {
			return faultf(m.at, `the pattern must list "source" and "detail-type" as exact strings, so that events find the rule`)
		}
		for _, source := range sources {
			for _, detailType := range types {
				for _, name := range names {
					if err := s.enter(key{source, detailType, name}, m); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// enter refuses an event name that another match has already: which of the two
// decides would depend on the order of files.
func (s *Set) enter(k key, m *match) error {
	if other := s.index[k]; k.name != "" && len(other) > 0 && other[0] != m {
		return faultf(m.at, "%s of %s is already in the rule %q", k.name, k.source, other[0].rule.ID)
	}
	if !slices.Contains(s.index[k], m) {
		s.index[k] = append(s.index[k], m)
	}
	return nil
}

// exact returns the strings that the field at path is compared with, nil when
// there is any other comparison.
func (c conjunction) exact(path string) (out []string) {
	for _, f := range c {
		if f.path != path || f.absent {
			continue
		}
		for _, t := range f.values {
			e, ok := t.(equal)
			if !ok {
				return nil
			}
			out = append(out, e.text)
		}
	}
	return out
}

// Match is what the rules say of one event.
type Match struct {
	// Rule is the id of the rule that knows the event, "" when none does.
	Rule string
	// Resources are what the event touched, without duplicates, in order of
	// appearance.
	Resources []everqual.Resource
	// Unresolved says in words which resources the event must have touched
	// but does not name in a form that can be read. It can be set beside
	// Resources, when the event names some well and some not.
	Unresolved string
}

// Match finds the rule that knows the event and the resources that the event
// touched. An event that only touches types no rule describes is unmatched.
// The error is permanent: the envelope is no JSON object.
func (s *Set) Match(e everqual.ChangeEvent) (Match, error) {
	root, err := parseEvent(e.Envelope)
	if err != nil {
		return Match{}, everqual.Permanent(fmt.Errorf("read the envelope: %w", located("", e.Envelope, err)))
	}
	o := originOf(root, e)
	for _, name := range slices.Compact([]string{o.name, o.plainName(), ""}) {
		for _, m := range s.index[key{o.source, o.detailType, name}] {
			if !m.pattern.MatchEvent(newEvent(root, m.pattern)) {
				continue
			}
			x := extractor{set: s, rule: m.rule, origin: o}
			if found := x.run(m.extractionsFor(name)); found.Rule != "" {
				return found, nil
			}
		}
	}
	return Match{}, nil
}

func (m *match) extractionsFor(name string) []extraction {
	if m.events != nil {
		return m.events[name]
	}
	return m.touches
}
