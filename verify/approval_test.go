package verify_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// TestDecisions: who keeps the ledger can append what he likes, and the chain is
// whole. That a decision is none is found all the same.
func TestDecisions(t *testing.T) {
	report := everqual.ReportIssued{System: "LIMS", Number: "IQ-1", Digest: everqual.DigestOf([]byte("report"))}
	good := everqual.ReportDecided{System: "LIMS", Number: "IQ-1", Report: report.Digest, Decision: everqual.Approved, By: "A. Person", Reason: "r", Answered: noon}
	change := func(change func(d *everqual.ReportDecided)) everqual.ReportDecided {
		d := good
		change(&d)
		return d
	}
	silent := change(func(d *everqual.ReportDecided) { d.Decision, d.By, d.Reason = everqual.Unanswered, "", "" })
	for name, c := range map[string]struct {
		bodies  []any
		finding string
	}{
		"approved":                 {[]any{report, good}, ""},
		"unanswered, then decided": {[]any{report, silent, silent, good}, ""},
		"decided, then unanswered": {[]any{report, good, silent}, ""},
		"never issued":             {[]any{good}, "record 9, report: it decides about " + string(report.Digest) + ", and no report"},
		"issued after it":          {[]any{good, report}, "record 9, report: it decides about"},
		"another number":           {[]any{report, change(func(d *everqual.ReportDecided) { d.Number = "IQ-2" })}, "record 10, report: it says that"},
		"another system":           {[]any{report, change(func(d *everqual.ReportDecided) { d.System = "ERP" })}, "record 10, report: it says that"},
		"another digest":           {[]any{report, change(func(d *everqual.ReportDecided) { d.Report = everqual.DigestOf(nil) })}, "record 10, report: it decides about"},
		"no decision":              {[]any{report, change(func(d *everqual.ReportDecided) { d.Decision = "maybe" })}, `record 10, decision: "maybe" is no decision`},
		"by nobody":                {[]any{report, change(func(d *everqual.ReportDecided) { d.By = "" })}, "record 10, by: it does not say who"},
		"at no time":               {[]any{report, change(func(d *everqual.ReportDecided) { d.Answered = d.Asked })}, "record 10, answered: it does not say when"},
		"decided twice":            {[]any{report, good, change(func(d *everqual.ReportDecided) { d.Decision = everqual.Rejected })}, "record 11, report: record 10 decided about this report before"},
		"no object":                {[]any{report, "yes"}, "record 10, body: it is no decision"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			for i, body := range c.bodies {
				kind := everqual.KindApproval
				if body == any(report) {
					kind = everqual.KindReport
				}
				_, _, err := s.ledger.Append(context.Background(), ledger.Entry{Kind: kind, Key: fmt.Sprint("d", i), Body: body})
				s.ok(err)
			}
			for place, r := range map[string]*verify.Result{"home": s.home(s.trust()), "bundle": s.bundle(false, s.trust())} {
				if c.finding == "" && !r.OK() || c.finding != "" && (r.Total != 1 || !strings.Contains(r.Findings[0].String(), c.finding)) {
					t.Errorf("%s: found %v, want %q", place, r.Findings, c.finding)
				}
			}
		})
	}
}
