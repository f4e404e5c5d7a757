package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

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

func (c *ruleCase) run() caseResult {
	r := caseResult{ID: c.ID}
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
	return r
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

// badLine is a line of cases that cannot be read.
type badLine struct {
	place string
	error
}

func (b badLine) Error() string { return b.place + ": " + b.error.Error() }

// eachCase reads JSON lines, also compressed, and calls do for each. Lines that
// cannot be read or done are joined in the error, and the rest carries on.
func eachCase[T any](path string, do func(T) error) error {
	var text io.Reader = os.Stdin
	if path != "-" {
		b, err := readCompressed(path)
		if err != nil {
			return err
		}
		text = bytes.NewReader(b)
	}
	var bad []error
	scan := bufio.NewScanner(text)
	scan.Buffer(nil, 64<<20)
	for line := 1; scan.Scan(); line++ {
		if len(bytes.TrimSpace(scan.Bytes())) == 0 {
			continue
		}
		var one T
		err := json.Unmarshal(scan.Bytes(), &one)
		if err == nil {
			err = do(one)
		}
		if err != nil {
			bad = append(bad, badLine{fmt.Sprintf("%s:%d", path, line), err})
		}
	}
	return errors.Join(append(bad, scan.Err())...)
}
