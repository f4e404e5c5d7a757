package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/everqual/everqual/rule/pattern"
)

// ruleCase is a line of a file of cases. Event and pattern are JSON, or a string
// that holds the raw text of it, as it must where the text is no JSON or writes
// a key twice.
type ruleCase struct {
	ID      string  `json:"id"`
	Pattern rawText `json:"pattern"`
	Event   rawText `json:"event"`
	Match   *bool   `json:"match"` // what is expected, if anything
	Valid   *bool   `json:"valid"` // false: the pattern must be refused
}

type rawText struct {
	text  []byte
	given bool
}

func (r *rawText) UnmarshalJSON(b []byte) error {
	r.text, r.given = bytes.Clone(b), true
	if len(b) > 0 && b[0] == '"' {
		var s string
		err := json.Unmarshal(b, &s)
		r.text = []byte(s)
		return err
	}
	return nil
}

// caseResult is the line printed for a case.
type caseResult struct {
	ID    string `json:"id"`
	Match bool   `json:"match"`
	Error string `json:"error,omitempty"`
	// Failed says how the result differs from what the case expects.
	Failed string `json:"failed,omitempty"`
}

func (c *ruleCase) run() (caseResult, error) {
	r := caseResult{ID: c.ID}
	if !c.Pattern.given {
		return r, errors.New("a case needs a pattern")
	}
	p, err := pattern.Parse(c.Pattern.text)
	if err == nil && (c.Valid != nil || !c.Event.given) {
		err = refused(p)
	}
	if err == nil && c.Event.given {
		if r.Match, err = p.Match(c.Event.text); err != nil {
			err = fmt.Errorf("event: %w", err)
		}
	}
	if err != nil {
		r.Error = err.Error()
	}
	switch {
	case c.Valid != nil && !*c.Valid && err == nil:
		r.Failed = "the pattern should be refused"
	case c.Valid != nil && !*c.Valid:
	case err != nil && (c.Valid != nil || c.Match != nil):
		r.Failed = "the pattern or the event is refused"
	case c.Match != nil && r.Match != *c.Match:
		r.Failed = fmt.Sprintf("match should be %v", *c.Match)
	}
	return r, nil
}

// refused is the first problem for which EventBridge refuses a pattern that can
// be used here.
func refused(p *pattern.Pattern) error {
	for _, problem := range p.Lint() {
		if problem.Refused {
			return errors.New(problem.String())
		}
	}
	return nil
}
