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
	ID      json.RawMessage `json:"id"`
	Pattern rawText         `json:"pattern"`
	Event   rawText         `json:"event"`
	Match   *bool           `json:"match"` // what is expected, if anything
	Valid   *bool           `json:"valid"` // false: the pattern must be refused
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
	ID    json.RawMessage `json:"id"`
	Match bool            `json:"match"`
	Error string          `json:"error,omitempty"`
	// Failed says how the result differs from what the case expects.
	Failed string `json:"failed,omitempty"`
}

func (c *ruleCase) run(line int) (caseResult, error) {
	r := caseResult{ID: lineID(c.ID, line)}
	switch {
	case !c.Pattern.given:
		return r, errors.New("a case needs a pattern")
	case c.Match != nil && !c.Event.given:
		return r, errors.New(`a case with "match" needs an event`)
	}
	p, err := pattern.Parse(c.Pattern.text)
	if err == nil && (c.Valid != nil || !c.Event.given) {
		err = refused(p)
	}
	valid := err == nil
	if valid && c.Event.given {
		if r.Match, err = p.Match(c.Event.text); err != nil {
			err = fmt.Errorf("event: %w", err)
		}
	}
	if err != nil {
		r.Error = err.Error()
	}
	r.Failed = c.failed(valid, err != nil, r.Match)
	return r, nil
}

// failed says which expectation does not hold, "" when all do.
func (c *ruleCase) failed(valid, broken, match bool) string {
	switch {
	case c.Valid != nil && !*c.Valid && valid:
		return "the pattern should be refused"
	case c.Valid != nil && !*c.Valid:
		return ""
	case !valid && (c.Valid != nil || c.Match != nil):
		return "the pattern is refused"
	case broken && c.Match != nil:
		return "the event cannot be read"
	case c.Match != nil && match != *c.Match:
		return fmt.Sprintf("match should be %v", *c.Match)
	}
	return ""
}

// refused is the first problem for which EventBridge refuses a pattern that can
// be used here.
func refused(p *pattern.Pattern) error {
	for _, problem := range p.Lint() {
		if problem.Refused {
			return fmt.Errorf("line %d, column %d: %s; %s", problem.Line, problem.Column, problem.Message, problem.Hint)
		}
	}
	return nil
}
