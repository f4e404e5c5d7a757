package flow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// Refused is why an answer about a report was not recorded: it lacks something, or
// something else was decided before. Whoever answered can do something about it.
type Refused struct{ Why string }

func (r Refused) Error() string { return r.Why }

// Decide records what a person decided about a report that was issued. A report is
// decided about once: the record's key is the report's, so that of two answers at the
// same time one holds. The same answer again is the same record; another one is
// refused, as it would undo what people were told and may have acted on.
func (c *Corridor) Decide(ctx context.Context, d everqual.ReportDecided) (everqual.Decided, error) {
	d.By, d.Reason = strings.TrimSpace(d.By), strings.TrimSpace(d.Reason)
	if lacks := d.Lacks(); len(lacks) > 0 {
		return everqual.Decided{}, Refused{strings.Join(lacks, "; ")}
	}
	holds, err := c.recordDecision(ctx, approvalKey(d.Report), d)
	if err == nil && !holds.Same(d) {
		return holds, Refused{fmt.Sprintf("to decide anew, issue a new report: this one was %s", holds)}
	}
	return holds, err
}

// NotAnswered records that nobody decided in time, unless somebody had. A decision
// may still follow.
func (c *Corridor) NotAnswered(ctx context.Context, d everqual.ReportDecided) error {
	if holds, err := c.Decision(ctx, d.Report); err != nil || holds != nil {
		return err
	}
	d.Decision = everqual.Unanswered
	_, err := c.recordDecision(ctx, approvalKey(d.Report)+":unanswered:"+d.Asked.UTC().Format(time.RFC3339Nano), d)
	return err
}

func (c *Corridor) recordDecision(ctx context.Context, key string, d everqual.ReportDecided) (everqual.Decided, error) {
	issued, err := c.issued(ctx, d.Report)
	if err != nil {
		return everqual.Decided{}, err
	}
	if d.System, d.Number = issued.System, issued.Number; d.Answered.IsZero() {
		d.Answered = c.Clock.Now()
	}
	record, err := c.append(ctx, ledger.Entry{
		Kind: everqual.KindApproval, Key: key, Subjects: []string{d.System, reportKey(d.Report)}, Body: d,
	})
	if err != nil {
		return everqual.Decided{}, fmt.Errorf("record the decision: %w", err)
	}
	return decidedBy(record)
}

// Decision is what was decided about a report, nil where nothing was.
func (c *Corridor) Decision(ctx context.Context, report everqual.Digest) (*everqual.Decided, error) {
	if _, err := c.issued(ctx, report); err != nil {
		return nil, err
	}
	record, ok, err := c.Ledger.Find(ctx, approvalKey(report))
	if err != nil || !ok {
		return nil, err
	}
	d, err := decidedBy(record)
	return &d, err
}

// Decisions are those about all reports, by digest. That nobody answered stands
// where nobody decided later.
func (c *Corridor) Decisions(ctx context.Context) (map[everqual.Digest]everqual.Decided, error) {
	all := map[everqual.Digest]everqual.Decided{}
	for d, err := range ledger.Bodies[everqual.ReportDecided](ctx, c.Ledger, ledger.Query{Kind: everqual.KindApproval}) {
		if err != nil {
			return nil, err
		}
		if last, ok := all[d.Body.Report]; !ok || last.Decision == everqual.Unanswered {
			all[d.Body.Report] = everqual.Decided{ReportDecided: d.Body, Entry: d.Record.Sequence}
		}
	}
	return all, nil
}

// TellDecided tells people what the ledger holds of a decision, and of an answer
// that was refused, where one was.
func (c *Corridor) TellDecided(ctx context.Context, report everqual.Digest, refused string) (notice string, err error) {
	d, err := c.Decision(ctx, report)
	if err != nil {
		return "", err
	}
	if d == nil {
		return "", everqual.Permanent(fmt.Errorf("nothing was decided about report %s: there is nothing to tell", report))
	}
	n := Notice{
		ID: reportKey(report) + ":" + string(d.Decision), Severity: "info", System: d.System, Time: c.Clock.Now(),
		Title: fmt.Sprintf("%s report %s was %s", d.System, d.Number, d.Decision), Text: fmt.Sprintf("by %s: %s", d.By, d.Reason),
		Fields: []Field{
			{Name: "Decided at", Value: d.Answered.UTC().Format(time.RFC3339)},
			{Name: "Digest", Value: string(report)}, {Name: "Ledger entry", Value: fmt.Sprint(d.Entry)},
		},
	}
	if d.Decision == everqual.Rejected {
		n.Severity = "warning"
	}
	if refused != "" {
		n.ID += ":" + everqual.DigestOf([]byte(refused)).Short() // a notice of its own
		n.Fields = append(n.Fields, Field{Name: "An answer was refused", Value: refused})
	}
	return n.ID, c.Tell(ctx, n)
}

// issued reads the record of a report.
func (c *Corridor) issued(ctx context.Context, report everqual.Digest) (everqual.ReportIssued, error) {
	record, ok, err := c.Ledger.Find(ctx, reportKey(report))
	if err != nil {
		return everqual.ReportIssued{}, fmt.Errorf("find report %s: %w", report, err)
	}
	if !ok {
		return everqual.ReportIssued{}, everqual.Permanent(fmt.Errorf("no report with the digest %q was issued", report))
	}
	return ledger.Body[everqual.ReportIssued](record)
}

func reportKey(report everqual.Digest) string { return "report:" + string(report) }

func approvalKey(report everqual.Digest) string { return "approval:" + string(report) }

func decidedBy(r everqual.Record) (everqual.Decided, error) {
	d, err := ledger.Body[everqual.ReportDecided](r)
	return everqual.Decided{ReportDecided: d, Entry: r.Sequence}, err
}
