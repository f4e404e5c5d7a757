package main

import (
	"cmp"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/report"
)

func (a *app) historyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "history SUBJECT",
		Short: "Show all that is recorded of a resource, a system or an event",
		Example: `  everqual history arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc
  everqual history LIMS --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			records := []everqual.Record{}
			for r, err := range c.Ledger.Records(cmd.Context(), ledger.Query{Subject: args[0]}) {
				if err != nil {
					return err
				}
				records = append(records, r)
			}
			if len(records) == 0 {
				return fmt.Errorf("nothing is recorded of %q: name a resource by its ARN, a system by its id, an event as event:ID", args[0])
			}
			if a.json() {
				return printJSON(cmd.OutOrStdout(), records)
			}
			rows := make([][]string, len(records))
			for i, r := range records {
				what, err := summary(r)
				if err != nil {
					return err
				}
				rows[i] = []string{strconv.FormatUint(r.Sequence, 10), utc(r.Time), string(r.Kind), what}
			}
			columns(cmd.OutOrStdout(), []string{"RECORD", "RECORDED", "KIND", "WHAT"}, rows)
			return nil
		},
	}
}

// summary says in one line what a record holds.
func summary(r everqual.Record) (string, error) {
	switch r.Kind {
	case everqual.KindChangeEvent:
		e, err := ledger.Body[everqual.ReceivedEvent](r)
		ahead := ""
		if e.Time.Sub(r.Time) > time.Minute {
			ahead = ", in the future when it came in"
		}
		return fmt.Sprintf("%s %s by %s at %s (%s%s)", e.Service, e.Name, e.Actor.Name, utc(e.Time), e.Class, ahead), err
	case everqual.KindObservation:
		o, err := ledger.Body[everqual.Observation](r)
		return fmt.Sprintf("version %d, %s, collected %s, state %s", o.Version, o.State, utc(o.CollectedAt), o.Digest.Short()), err
	case everqual.KindConfirmation:
		k, err := ledger.Body[everqual.Confirmation](r)
		return fmt.Sprintf("version %d unchanged, collected %s", k.Version, utc(k.CollectedAt)), err
	case everqual.KindAssessment:
		s, err := ledger.Body[everqual.Assessment](r)
		n := s.Counts()
		return fmt.Sprintf("version %d by %s %s: %d PASS, %d FAIL, %d NOT EVALUATED, %d NOT APPLICABLE", s.Version,
			s.Specification.ID, s.Specification.Version, n.Pass, n.Fail, n.NotEvaluated, n.NotApplicable), err
	case everqual.KindSpecification:
		s, err := ledger.Body[everqual.SpecificationRef](r)
		return fmt.Sprintf("%s %s, %s", s.ID, s.Version, s.Digest.Short()), err
	case everqual.KindInForce:
		set, err := ledger.Body[[]everqual.SpecificationRef](r)
		return fmt.Sprintf("everything is judged by %d specifications", len(set)), err
	case everqual.KindSystem:
		s, err := ledger.Body[everqual.System](r)
		return fmt.Sprintf("%s is defined with the scope %s", s.Title, report.ScopeThen(everqual.ScopeThen{Selector: s.Scope})), err
	case everqual.KindBaseline:
		b, err := ledger.Body[everqual.Baseline](r)
		return fmt.Sprintf("baseline of %d resources by %s: %s", len(b.Members), b.By, b.Reason), err
	case everqual.KindDeadLetter:
		l, err := ledger.Body[everqual.DeadLetter](r)
		return fmt.Sprintf("%s after %d attempts: %s", l.ID, l.Attempts, l.Cause), err
	case everqual.KindDisposition:
		d, err := ledger.Body[everqual.Disposition](r)
		return fmt.Sprintf("%s %s by %s: %s", d.Action, d.DeadLetter, d.By, d.Reason), err
	case everqual.KindCheckpoint:
		c, err := ledger.Body[everqual.Checkpoint](r)
		return fmt.Sprintf("%d records signed, root %s", c.Size, c.Root.Short()), err
	case everqual.KindAttestation:
		t, err := ledger.Body[everqual.Attestation](r)
		return fmt.Sprintf("%s of %d records by %s at %s", t.Form, t.Size, t.By, utc(t.Time)), err
	case everqual.KindReport:
		i, err := ledger.Body[everqual.ReportIssued](r)
		return fmt.Sprintf("report %s issued, %s", i.Number, i.Digest.Short()), err
	case everqual.KindApproval:
		d, err := ledger.Body[everqual.ReportDecided](r)
		return fmt.Sprintf("report %s, %s, %s", d.Number, d.Report.Short(), d), err
	case everqual.KindMigration, everqual.KindMoved:
		m, err := ledger.Body[everqual.Migration](r)
		why := m.By
		if m.Reason != "" {
			why += ": " + m.Reason
		}
		return fmt.Sprintf("%d records from %s to %s by %s", m.Records, m.From.Name, m.To.Name, why), err
	case everqual.KindRetention, everqual.KindHold, everqual.KindDisposal:
		return keeping(r)
	case everqual.KindSweep:
		s, err := ledger.Body[everqual.SweepAccount](r)
		if s.Ended.IsZero() {
			return fmt.Sprintf("sweep of %s began", s.Scope), err
		}
		return fmt.Sprintf("sweep of %s ended: %s", s.Scope, count(totalOf(s).Expected, "resource", "resources")), err
	case everqual.KindCompleteness:
		m, err := ledger.Body[everqual.Completeness](r)
		return fmt.Sprintf("%d events from %s to %s, %d not accounted for", m.Events, utc(m.From), utc(m.To), m.Open), err
	case everqual.KindKey:
		k, err := ledger.Body[everqual.KeyChange](r)
		return fmt.Sprintf("%s signs by %s: %s", k.To, k.By, k.Reason), err
	case everqual.KindIntake:
		i, err := ledger.Body[everqual.IntakeAccount](r)
		return fmt.Sprintf("%d events from %s", i.Events.Total, i.From), err
	}
	return "", nil
}

// keeping says what was decided about how long something is kept.
func keeping(r everqual.Record) (string, error) {
	switch r.Kind {
	case everqual.KindRetention:
		t, err := ledger.Body[everqual.Retention](r)
		return fmt.Sprintf("what %s records rest on is kept %s, by %s: %s", t.Kind, cmp.Or(string(t.Keep), "for ever"), t.By, t.Reason), err
	case everqual.KindHold:
		h, err := ledger.Body[everqual.Hold](r)
		what := "placed on " + held(h)
		if h.Released {
			what = "released"
		}
		return fmt.Sprintf("hold %s %s by %s: %s", h.ID, what, h.By, h.Reason), err
	}
	d, err := ledger.Body[everqual.Disposal](r)
	return fmt.Sprintf("%s deleted by %s: %s", count(len(d.Digests), "blob", "blobs"), d.By, d.Reason), err
}
