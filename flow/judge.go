package flow

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/everqual/everqual/ledger"
)

// Judge assesses a recorded observation by every specification that selects
// it, or that selected the version before: a resource does not leave its
// specification by losing a tag.
func (c *Corridor) Judge(ctx context.Context, o ledger.Observed) error {
	ctx, _ = with(ctx, slog.String(aboutResource, string(o.Resource.ID)))
	now := c.Clock.Now()
	judged := map[string]bool{}
	for _, s := range c.Library.Select(o.Observation, now) {
		judged[s.ID] = true
		if err := c.keep(ctx, o, assess.Assess(o.Observation, s, now)); err != nil {
			return err
		}
	}
	before, err := c.judgedBefore(ctx, o)
	if err != nil {
		return err
	}
	for _, s := range c.Library.InForce(now) {
		if judged[s.ID] || before[s.ID] == 0 {
			continue
		}
		a := assess.Assess(o.Observation, s, now)
		if o.State != everqual.Deleted && !unread(o.Observation, "Tags") {
			a.Verdicts = append(a.Verdicts, assess.Selection(o.Observation, s))
		}
		if err := c.keep(ctx, o, a); err != nil {
			return err
		}
	}
	return c.wantReports(ctx, o)
}

// judgedBefore returns the specifications that judged the resource's present version or
// the last that was judged before it, by id, with the version: one in between that was
// never judged, as when the program was killed, lets no specification go.
func (c *Corridor) judgedBefore(ctx context.Context, o ledger.Observed) (map[string]int, error) {
	versions, before := map[string]int{}, 0
	q := ledger.Query{Kind: everqual.KindAssessment, Subject: string(o.Resource.ID), Descending: true}
	for a, err := range ledger.Bodies[everqual.Assessment](ctx, c.Ledger, q) {
		if err != nil {
			return nil, fmt.Errorf("read assessments of %s: %w", o.Resource.ID, err)
		}
		version := a.Body.Version
		if version < before {
			break
		}
		if version < o.Version {
			before = version
		}
		id := a.Body.Specification.ID
		versions[id] = max(versions[id], version)
	}
	return versions, nil
}

// unread tells whether the whole resource or the attribute could not be read.
func unread(o everqual.Observation, path string) bool {
	for _, u := range o.Unread {
		if u.Path == "" || u.Path == path {
			return true
		}
	}
	return false
}

// keep records an assessment that says something new. Where not all is well,
// the notice is queued first: a crash in between tells people twice at worst.
func (c *Corridor) keep(ctx context.Context, o ledger.Observed, a everqual.Assessment) (err error) {
	counts := a.Counts()
	ctx, ended := c.begin(ctx, "judge", slog.String("specification", a.Specification.ID+" "+a.Specification.Version), slog.Int("version", a.Version))
	defer func() {
		ended(err, slog.Int("pass", counts.Pass), slog.Int("fail", counts.Fail), slog.Int("not_evaluated", counts.NotEvaluated))
	}()
	same, err := c.Ledger.Judged(ctx, a)
	if err != nil || same {
		return err
	}
	if counts.Fail+counts.NotEvaluated > 0 {
		if err := c.notify(ctx, assessmentNotice(o, a, counts)); err != nil {
			return err
		}
	}
	appending, appended := c.begin(ctx, "append", slog.String("record", string(everqual.KindAssessment)))
	_, err = c.Ledger.Judge(appending, a)
	if appended(err); err != nil {
		return fmt.Errorf("record assessment of %s by %s: %w", o.Resource.ID, a.Specification.ID, err)
	}
	c.log(ctx).Info("judged", "fail", counts.Fail, "not_evaluated", counts.NotEvaluated)
	return nil
}

func assessmentNotice(o ledger.Observed, a everqual.Assessment, counts everqual.Counts) Notice {
	n := Notice{
		ID:       fmt.Sprintf("assessment:%s:v%d:%s:%s", a.Resource.ID, a.Version, a.Specification.ID, a.Specification.Version),
		Severity: "warning", System: a.System, Resource: a.Resource, Time: a.AssessedAt,
		Title: fmt.Sprintf("%s %s: %d FAIL, %d NOT EVALUATED", a.System, o.Name, counts.Fail, counts.NotEvaluated),
		Text: fmt.Sprintf("%s, version %d, by specification %s %s",
			a.Resource.ID, a.Version, a.Specification.ID, a.Specification.Version),
	}
	for _, v := range a.Verdicts {
		switch v.Outcome {
		case everqual.Fail:
			if strings.EqualFold(v.Risk, "high") {
				n.Severity = "critical"
			}
			n.Fields = append(n.Fields, Field{v.TestCase + " FAIL " + v.Title, "expected " + v.Expected + ", actual " + v.Actual})
		case everqual.NotEvaluated:
			n.Fields = append(n.Fields, Field{v.TestCase + " NOT EVALUATED " + v.Title, string(v.Reason) + ": " + v.Detail})
		}
	}
	return n
}
