package flow

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// reportRequest is the body of a report message: a report of the system is wanted
// that shows this record.
type reportRequest struct {
	System  string `json:"system"`
	Record  uint64 `json:"record"`
	EventID string `json:"event_id,omitempty"` // that led to it, where one did
}

// wantReports queues the reports that a judged record asks for. It comes after all
// is recorded and is repeated with the judgement, so that a crash in between loses
// none; what a report shows already asks for no other.
func (c *Corridor) wantReports(ctx context.Context, o ledger.Observed) error {
	for _, s := range c.Library.Systems() {
		if !s.Report.OnChange() {
			continue
		}
		last, err := c.lastWordOn(ctx, o, s)
		if err == nil && last > 0 {
			last, err = c.lookOn(ctx, o, s, last)
		}
		if err != nil {
			return err
		}
		shown, err := c.reported(ctx, s, last)
		if err != nil {
			return err
		}
		if shown {
			continue
		}
		if err := c.Queue.Send(ctx, c.reportLater(ctx, s, last)); err != nil {
			return fmt.Errorf("queue the report of %s: %w", s.ID, err)
		}
	}
	return nil
}

// reportLater has a name of its own for each record: a message that is held by a
// worker who has read the ledger already must not swallow the next change.
func (c *Corridor) reportLater(ctx context.Context, s everqual.System, record uint64) Message {
	now := c.Clock.Now()
	body, _ := json.Marshal(reportRequest{s.ID, record, eventOf(ctx)}) // of strings and a number: cannot fail
	return Message{
		ID: fmt.Sprintf("report:%s:%d", s.ID, record), Kind: kindReport, Subject: "report of " + s.ID,
		Body: body, SentAt: now, NotBefore: now.Add(c.Settings.Reports),
	}
}

// lastWordOn is the last record about the resource that the system's report shows:
// its present version or a judgement of it; 0 when it does not belong to the system.
func (c *Corridor) lastWordOn(ctx context.Context, o ledger.Observed, s everqual.System) (last uint64, err error) {
	if s.Scope.Selects(o.Observation) {
		last = o.Record.Sequence
	}
	q := ledger.Query{Kind: everqual.KindAssessment, Subject: string(o.Resource.ID), Descending: true}
	for a, err := range ledger.Bodies[everqual.Assessment](ctx, c.Ledger, q) {
		if err != nil {
			return 0, fmt.Errorf("read assessments of %s: %w", o.Resource.ID, err)
		}
		if a.Body.Version < o.Version {
			break
		}
		if a.Body.System == s.ID {
			return max(last, a.Record.Sequence), nil
		}
	}
	return last, nil
}

// reported tells whether the system's last report shows the record; none, 0, needs
// no report.
func (c *Corridor) reported(ctx context.Context, s everqual.System, record uint64) (bool, error) {
	if record == 0 {
		return true, nil
	}
	shows, err := c.shows(ctx, s)
	return shows >= record, err
}

// shows is how many records the system's last report shows.
func (c *Corridor) shows(ctx context.Context, s everqual.System) (uint64, error) {
	q := ledger.Query{Kind: everqual.KindReport, Subject: s.ID, Descending: true, Limit: 1}
	for r, err := range ledger.Bodies[everqual.ReportIssued](ctx, c.Ledger, q) {
		if err != nil {
			return 0, fmt.Errorf("read the last report of %s: %w", s.ID, err)
		}
		return r.Body.Records, nil
	}
	return 0, nil
}

// report issues the report that a change asked for, unless one that shows it was
// issued since, or the system asks for none any more.
func (c *Corridor) report(ctx context.Context, d Delivery) error {
	r, err := opened[reportRequest](d)
	if err != nil {
		return err
	}
	s, ok := c.Library.System(r.System)
	if !ok || !s.Report.OnChange() {
		c.log(ctx).Info("no report is asked for any more", "system", r.System)
		return nil
	}
	if reported, err := c.reported(ctx, s, r.Record); err != nil || reported {
		return err
	}
	return c.issue(ctx, s, r.Record)
}

// issue composes a report, has people told and records it. A crash before the last
// step makes another one and tells them again; in another order a report might be
// one that nobody was told of.
func (c *Corridor) issue(ctx context.Context, s everqual.System, why uint64) error {
	if c.Report == nil {
		return everqual.Permanent(fmt.Errorf("report of %s: nothing here issues reports", s.ID))
	}
	composing, ended := c.begin(ctx, "report", slog.String("system", s.ID))
	issued, notice, err := c.Report(composing, c, s, why)
	ended(err)
	if err != nil {
		return fmt.Errorf("compose the report of %s: %w", s.ID, err)
	}
	if err := c.notify(ctx, notice); err != nil {
		return err
	}
	record, err := c.Issued(ctx, issued)
	if err != nil {
		return err
	}
	c.log(ctx).Info("reported", "system", s.ID, "report", issued.Digest, "record", record.Sequence)
	return nil
}

// Issued records that a report was issued. The same report has one record.
func (c *Corridor) Issued(ctx context.Context, issued everqual.ReportIssued) (everqual.Record, error) {
	key := reportKey(issued.Digest)
	record, err := c.append(ctx, ledger.Entry{
		Kind: everqual.KindReport, Key: key, Subjects: []string{issued.System, key}, Body: issued,
	})
	if err != nil {
		return everqual.Record{}, fmt.Errorf("record the report: %w", err)
	}
	return record, nil
}
