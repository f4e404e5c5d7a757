package aws_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// machine is a state machine, or a part of one that Map and Parallel run, in
// Amazon States Language: https://states-language.net
type machine struct {
	Comment         string
	QueryLanguage   string
	ProcessorConfig struct{ Mode string }
	StartAt         string
	TimeoutSeconds  int
	States          map[string]state
}

type state struct {
	Comment, Type, Resource string
	Next, Default           string
	End                     bool
	TimeoutSeconds          int
	Retry                   []retrier
	Catch                   []catcher
	Choices                 []struct{ Condition, Next string }
	Branches                []machine
	ItemProcessor           *machine
	Assign                  map[string]any

	all map[string]any // of the state, as it is written
}

type retrier struct {
	ErrorEquals     []string
	MaxAttempts     *int
	BackoffRate     float64
	IntervalSeconds int
	JitterStrategy  string
}

type catcher struct {
	ErrorEquals []string
	Next        string
}

func (s *state) UnmarshalJSON(b []byte) error {
	type plain state
	if err := json.Unmarshal(b, (*plain)(s)); err != nil {
		return err
	}
	return json.Unmarshal(b, &s.all)
}

// targets are the states that may follow.
func (s *state) targets() (names []string) {
	for _, c := range s.Choices {
		names = append(names, c.Next)
	}
	for _, c := range s.Catch {
		names = append(names, c.Next)
	}
	for _, n := range []string{s.Next, s.Default} {
		if n != "" {
			names = append(names, n)
		}
	}
	return names
}

func (s *state) ends() bool { return s.End || s.Type == "Succeed" || s.Type == "Fail" }

// parts are the machines within.
func (s *state) parts() []machine {
	if s.ItemProcessor != nil {
		return append([]machine{*s.ItemProcessor}, s.Branches...)
	}
	return s.Branches
}

// checker collects what is wrong with a machine.
type checker struct {
	names    map[string]bool // a name is unique in the whole machine
	problems []string
}

func (c *checker) say(where, format string, args ...any) {
	c.problems = append(c.problems, where+": "+fmt.Sprintf(format, args...))
}

// checkMachine tells what is wrong with a definition.
func checkMachine(definition []byte) []string {
	var m machine
	d := json.NewDecoder(strings.NewReader(string(definition)))
	if err := d.Decode(&m); err != nil {
		return []string{err.Error()}
	}
	c := &checker{names: map[string]bool{}}
	if m.QueryLanguage != "JSONata" || m.Comment == "" {
		c.say("machine", "it has a comment and is written in JSONata")
	}
	c.machine("machine", m, false, map[string]bool{})
	return c.problems
}

// machine checks states and the ways between them. Caught is whether somebody
// outside catches what fails here; variables are those that are assigned outside.
func (c *checker) machine(where string, m machine, caught bool, variables map[string]bool) {
	known := maps.Clone(variables)
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		s := m.States[name]
		if c.names[name] {
			c.say(name, "the name is used twice")
		}
		c.names[name] = true
		for v := range s.Assign {
			known[v] = true
		}
		for _, next := range s.targets() {
			if _, ok := m.States[next]; !ok {
				c.say(name, "it goes on to %q, which is not there", next)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		s := m.States[name]
		c.state(name, s, caught, known)
		for _, part := range s.parts() {
			inner := known
			if part.ProcessorConfig.Mode == "DISTRIBUTED" { // a child execution sees its input only
				inner = map[string]bool{}
			}
			c.machine(name, part, caught || len(s.Catch) > 0, inner)
		}
	}
	c.ways(where, m)
}

// ways checks that every state can be reached, and that each leads to an end.
func (c *checker) ways(where string, m machine) {
	if _, ok := m.States[m.StartAt]; !ok {
		c.say(where, "it starts at %q, which is not there", m.StartAt)
		return
	}
	reached := m.from(m.StartAt)
	for _, name := range slices.Sorted(maps.Keys(m.States)) {
		if !reached[name] {
			c.say(name, "no way leads to it")
		}
		ends := false
		for to := range m.from(name) {
			s := m.States[to]
			ends = ends || s.ends()
		}
		if !ends {
			c.say(name, "no way leads from it to an end")
		}
	}
}

func (m *machine) from(start string) map[string]bool {
	reached, next := map[string]bool{}, []string{start}
	for len(next) > 0 {
		name := next[0]
		next = next[1:]
		s, ok := m.States[name]
		if ok && !reached[name] {
			reached[name] = true
			next = append(next, s.targets()...)
		}
	}
	return reached
}

func (c *checker) state(name string, s state, caught bool, variables map[string]bool) {
	if s.Comment == "" {
		c.say(name, "it has no comment")
	}
	goesOn := s.Next != ""
	switch s.Type {
	case "Task":
		c.task(name, s, caught)
	case "Choice":
		if len(s.Choices) == 0 || s.Default == "" {
			c.say(name, "a choice has choices and a default")
		}
		goesOn = !goesOn && !s.End
	case "Succeed", "Fail":
		goesOn = !goesOn && !s.End
	case "Pass", "Wait":
		goesOn = goesOn != s.End
	case "Parallel", "Map":
		if len(s.parts()) == 0 {
			c.say(name, "it has nothing to run")
		}
		goesOn = goesOn != s.End
	default:
		c.say(name, "there is no type %q", s.Type)
	}
	if s.Type == "Task" {
		goesOn = goesOn != s.End
	}
	if !goesOn {
		c.say(name, "it goes on or ends, one of the two and as its type does")
	}
	c.expressions(name, s.all, variables)
}

// task checks that a task ends in time, is tried again with spread delays, and
// that its failure is caught by somebody.
func (c *checker) task(name string, s state, caught bool) {
	if s.TimeoutSeconds <= 0 {
		c.say(name, "a task has a time-out")
	}
	if len(s.Catch) == 0 && !caught {
		c.say(name, "nobody catches its failure")
	}
	if strings.HasSuffix(s.Resource, ".waitForTaskToken") && !strings.Contains(fmt.Sprint(s.all), "$states.context.Task.Token") {
		c.say(name, "nobody is given the task token that it waits for")
	}
	if len(s.Retry) == 0 {
		c.say(name, "it is not tried again")
	}
	for i, r := range s.Retry {
		never := r.MaxAttempts != nil && *r.MaxAttempts == 0
		if !never && (r.JitterStrategy != "FULL" || r.BackoffRate <= 1 || r.IntervalSeconds < 1 || r.MaxAttempts == nil) {
			c.say(name, "tries have growing, spread delays and a bound")
		}
		if slices.Contains(r.ErrorEquals, "States.ALL") && (len(r.ErrorEquals) > 1 || i < len(s.Retry)-1) {
			c.say(name, "States.ALL stands alone and last")
		}
	}
}
