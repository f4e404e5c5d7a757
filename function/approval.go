package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// Question is what a state machine asked people about a report, and what came of it.
type Question struct {
	Report    everqual.Digest `json:"report,omitempty"`
	Answer    json.RawMessage `json:"answer,omitempty"` // as it was sent
	Asked     time.Time       `json:"asked,omitzero"`
	Execution string          `json:"execution,omitempty"`
	Refused   string          `json:"refused,omitempty"` // why an answer was, to be told
}

// decided is how things stand after an answer, or after none.
type decided struct {
	// Decided tells that a decision holds, which need not be the one that was sent.
	Decided  bool              `json:"decided"`
	Decision *everqual.Decided `json:"decision"`
	Refused  string            `json:"refused"` // why the answer was not recorded, "" when it was
}

// decide records the answer of a person. One that is none is no error: the state
// machine goes on by what is returned, and the person is told why.
func (c *call) decide(ctx context.Context, t tasked) (any, error) {
	d, err := answered(t)
	if err == nil {
		_, err = c.Decide(ctx, d)
	}
	var refused flow.Refused
	if err != nil && !errors.As(err, &refused) {
		return nil, err
	}
	return c.decided(ctx, t.Report, refused.Why)
}

// unanswered records that nobody answered in time. Somebody may have decided by
// another way: that holds.
func (c *call) unanswered(ctx context.Context, t tasked) (any, error) {
	if err := c.NotAnswered(ctx, asked(t)); err != nil {
		return nil, err
	}
	return c.decided(ctx, t.Report, "")
}

func (c *call) decided(ctx context.Context, report everqual.Digest, refused string) (any, error) {
	d, err := c.Decision(ctx, report)
	return decided{d != nil, d, refused}, err
}

// asked is the decision that is to be, without what is decided. The state machine
// says when: the time is the same when the call is repeated.
func asked(t tasked) everqual.ReportDecided {
	return everqual.ReportDecided{Report: t.Report, Execution: t.Execution, Asked: t.Asked.UTC(), Answered: t.At.UTC()}
}

// answered reads an answer. It is strict: what was mistyped may mean anything.
func answered(t tasked) (everqual.ReportDecided, error) {
	d := asked(t)
	var a struct {
		Decision everqual.Decision `json:"decision"`
		By       string            `json:"by"`
		Reason   string            `json:"reason"`
		Report   everqual.Digest   `json:"report"`
	}
	from := json.NewDecoder(bytes.NewReader(t.Answer))
	from.DisallowUnknownFields()
	switch err := from.Decode(&a); {
	case err != nil:
		return d, flow.Refused{Why: fmt.Sprintf(`it is no object with "decision", "by", "reason" and "report" as texts: %v`, err)}
	case a.By == "NAME" || a.Reason == "TEXT":
		return d, flow.Refused{Why: "NAME and TEXT stand for the full name of who decides, and for why"}
	case a.Report != "" && a.Report != t.Report:
		return d, flow.Refused{Why: fmt.Sprintf("it is about the report %s, and this is %s", a.Report, t.Report)}
	}
	d.Decision, d.By, d.Reason = a.Decision, a.By, a.Reason
	return d, nil
}

// publish tells people what the ledger holds of the decision about a report.
func (c *call) publish(ctx context.Context, t tasked) (any, error) {
	notice, err := c.TellDecided(ctx, t.Report, t.Refused)
	return map[string]string{"notice": notice}, err
}
