package function

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// tasked is what one state of a state machine asks for: a verb, and what the verb
// needs. docs/functions.md has the table.
type tasked struct {
	Do       string            `json:"do"`
	System   string            `json:"system,omitempty"`
	Resource everqual.Resource `json:"resource,omitzero"` // at least its id
	// Since is when an observation is recent enough, now where it is missing;
	// Attempt counts the tries from 1.
	Since   time.Time `json:"since,omitzero"`
	Attempt int       `json:"attempt,omitempty"`
	// Archive has a list archived instead of returned.
	Archive bool `json:"archive,omitempty"`
	ReportRequest
	Question
}

// ReportRequest says which document a report becomes.
type ReportRequest struct {
	System       string `json:"-"`
	Number       string `json:"number,omitempty"`
	Version      string `json:"version,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	By           string `json:"by,omitempty"`
	Reason       string `json:"reason,omitempty"`
	// At is the time on the report, now where it is missing: the start of the
	// execution makes a repeated call the same report.
	At time.Time `json:"at,omitzero"`
}

// ReportIssued is a report that was recorded, and its files in the archive.
type ReportIssued struct {
	System   string                     `json:"system"`
	Number   string                     `json:"number"`
	Version  string                     `json:"version"`
	Digest   everqual.Digest            `json:"digest"`
	Files    map[string]everqual.Digest `json:"files"`
	Status   string                     `json:"status"`
	Reasons  []string                   `json:"reasons"`
	Verdicts everqual.Counts            `json:"verdicts"`
}

// task does one verb for a state machine.
func task(ctx context.Context, c *call, input json.RawMessage) (any, error) {
	var t tasked
	if err := decode(input, &t); err != nil {
		return nil, err
	}
	c.fresh(ctx, libraryAge)
	verbs := map[string]func(context.Context, tasked) (any, error){
		"settle-until": c.settleUntil, "observe": c.observe, "judge": c.judge, "members": c.members,
		"report": c.report, "decide": c.decide, "unanswered": c.unanswered, "publish": c.publish,
	}
	if verbs[t.Do] == nil {
		return nil, everqual.Permanent(fmt.Errorf(`"do" is settle-until, observe, judge, members, report, decide, unanswered or publish, not %q`, t.Do))
	}
	return verbs[t.Do](ctx, t)
}

// settleUntil says until when to wait before a change may be observed.
func (c *call) settleUntil(_ context.Context, t tasked) (any, error) {
	if t.Since.IsZero() {
		t.Since = c.Clock.Now()
	}
	return map[string]time.Time{"until": t.Since.Add(c.Settings.Settle)}, nil
}

// looked is what is known of a resource now.
type looked struct {
	Resource everqual.Resource `json:"resource"`
	State    everqual.State    `json:"state"`
	Version  int               `json:"version"`
	Entry    uint64            `json:"entry"`
	SeenAt   time.Time         `json:"seen_at"`
	Unread   int               `json:"unread"`
}

func (c *call) observe(ctx context.Context, t tasked) (any, error) {
	r, err := c.named(t.Resource)
	if err != nil {
		return nil, err
	}
	if t.Since.IsZero() {
		t.Since = c.Clock.Now()
	}
	o, err := c.Look(ctx, r, t.Since, max(1, t.Attempt))
	return lookedAt(o), err
}

func lookedAt(o ledger.Observed) looked {
	return looked{o.Resource, o.State, o.Version, o.Record.Sequence, o.SeenAt, len(o.Unread)}
}

// named completes a resource that is named by its ARN alone.
func (c *call) named(r everqual.Resource) (everqual.Resource, error) {
	if r.Type != "" {
		return r, nil
	}
	known, ok := c.Rules.Resource(r.ID)
	if !ok {
		return r, everqual.Permanent(fmt.Errorf("%q is no ARN of a known resource type: name its type, account and region", r.ID))
	}
	if known.Account == "" {
		known.Account = r.Account
	}
	if known.Region == "" {
		known.Region = r.Region
	}
	return known, nil
}

func (c *call) judge(ctx context.Context, t tasked) (any, error) {
	if err := c.judgeLast(ctx, t.Resource.ID); err != nil {
		return nil, err
	}
	o, err := c.Ledger.Latest(ctx, t.Resource.ID)
	return lookedAt(o), err
}

// listed are the resources of a system, to be mapped over.
type listed struct {
	System string              `json:"system"`
	Count  int                 `json:"count"`
	Items  []everqual.Resource `json:"items,omitempty"`
	// Archived is the list as a JSON file in the archive, in place of Items.
	Archived everqual.Digest `json:"archived,omitempty"`
}

// maxItems keeps a reply within the 256 KiB that pass from state to state: a
// resource takes less than 500 bytes.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const maxItems = 500

func (c *call) members(ctx context.Context, t tasked) (any, error) {
	system, err := c.system(t.System)
	if err != nil {
		return nil, err
	}
	members, err := c.Members(ctx, system)
	if err != nil {
		return nil, err
	}
	l := listed{System: system.ID, Items: []everqual.Resource{}}
	for _, m := range members {
		l.Items = append(l.Items, m.Resource)
	}
	l.Count = len(l.Items)
	if !t.Archive {
		if l.Count > maxItems {
			return nil, everqual.Permanent(fmt.Errorf(`system %s has %d resources, more than fit into a reply: ask with "archive": true`, system.ID, l.Count))
		}
		return l, nil
	}
	b, err := json.Marshal(l.Items)
	if err != nil {
		return nil, everqual.Permanent(err)
	}
	l.Items, l.Archived = nil, everqual.DigestOf(b)
	return l, c.Archive.Put(ctx, l.Archived, b)
}

func (c *call) system(id string) (everqual.System, error) {
	s, ok := c.Library.System(id)
	if !ok {
		return s, everqual.Permanent(fmt.Errorf("no specification defines a system %q", id))
	}
	return s, nil
}

func (c *call) report(ctx context.Context, t tasked) (any, error) {
	if _, err := c.system(t.System); err != nil {
		return nil, err
	}
	t.ReportRequest.System = t.System
	return c.host.Report(ctx, c.Corridor, t.ReportRequest)
}
