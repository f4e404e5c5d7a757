package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/everqual/everqual/rule/transform"
)

// transformCase is one line of a file of cases.
type transformCase struct {
	ID        json.RawMessage   `json:"id"`
	Paths     map[string]string `json:"paths"`
	Template  *string           `json:"template"`
	Event     json.RawMessage   `json:"event"`
	Output    json.RawMessage   `json:"output"`
	Error     any               `json:"error"`
	Valid     *bool             `json:"valid"`
	Strict    bool              `json:"strict"`
	Variables map[string]string `json:"variables"`
}

// transformResult is what is printed of a case.
type transformResult struct {
	ID     json.RawMessage `json:"id"`
	OK     bool            `json:"ok"`
	Output *string         `json:"output,omitempty"`
	Error  string          `json:"error,omitempty"`
	Wanted any             `json:"wanted,omitempty"` // of a case that is not ok
}

// runCase runs one case; an error is a line that is none.
func (f *transformFlags) runCase(line int, c transformCase) (r transformResult, err error) {
	c.ID = lineID(c.ID, line)
	if c.Template == nil || len(c.Event) == 0 {
		return r, errors.New("no case: it needs a template and an event")
	}
	if c.Event[0] == '"' {
		var text string
		if err := json.Unmarshal(c.Event, &text); err != nil {
			return r, err
		}
		c.Event = json.RawMessage(text)
	}
	wanted, err := expected(c.Output)
	if err != nil {
		return r, err
	}
	v, err := f.caseVariables(c)
	if err != nil {
		return r, err
	}
	var output []byte
	t, err := transform.Parse(c.Paths, *c.Template)
	if err == nil {
		output, err = t.Apply(c.Event, v)
	}
	return judge(c, wanted, output, err), nil
}

// expected is the wanted output, nil where none is: a string, or JSON.
func expected(output json.RawMessage) (*string, error) {
	if len(output) == 0 || string(output) == "null" {
		return nil, nil
	}
	var text string
	if output[0] == '"' {
		err := json.Unmarshal(output, &text)
		return &text, err
	}
	var b bytes.Buffer
	err := json.Compact(&b, output)
	text = b.String()
	return &text, err
}

// caseVariables are the variables of a case, and the flags where it has none.
func (f *transformFlags) caseVariables(c transformCase) (transform.Variables, error) {
	own := *f
	own.strict = f.strict || c.Strict
	for name, value := range c.Variables {
		switch plainName(name) {
		case "rulearn":
			own.ruleARN = value
		case "rulename":
			own.ruleName = value
		case "ingestiontime":
			own.ingest = value
		default:
			return transform.Variables{}, fmt.Errorf("no variable %q: there are rule-arn, rule-name and ingestion-time", name)
		}
	}
	return own.variables()
}

// plainName is the last part of a variable's name, however its words are joined.
func plainName(name string) string {
	name = strings.Trim(name, "<>")
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}

func judge(c transformCase, wanted *string, output []byte, err error) transformResult {
	r := transformResult{ID: c.ID}
	fails := c.Valid != nil && !*c.Valid || c.Error != nil && c.Error != false && c.Error != ""
	if err != nil {
		nothing := wanted == nil && c.Valid == nil && c.Error == nil // expected
		r.Error = err.Error()
		r.OK = fails || nothing
	} else {
		text := string(output)
		r.Output = &text
		r.OK = !fails && (wanted == nil || *wanted == text)
	}
	if !r.OK && fails {
		r.Wanted = "an error"
	} else if !r.OK && wanted != nil {
		r.Wanted = *wanted
	}
	return r
}
