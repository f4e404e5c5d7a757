package verify

import (
	"fmt"

	"github.com/everqual/everqual"
)

// approvals follows which reports were issued, and what was decided about them.
type approvals struct {
	issued  map[everqual.Digest]everqual.ReportIssued
	decided map[everqual.Digest]uint64 // the record that decides
}

func newApprovals() *approvals {
	return &approvals{map[everqual.Digest]everqual.ReportIssued{}, map[everqual.Digest]uint64{}}
}

// record takes the next record, and finds a decision that cannot be one: about no
// report that was issued before it, or a second one about the same.
func (a *approvals) record(r everqual.Record) []Finding {
	switch r.Kind {
	case everqual.KindReport:
		var said everqual.ReportIssued
		if err := decode(r.Body, &said); err != nil {
			return []Finding{{Record: r.Sequence, Field: "body", Message: "it is no report: " + err.Error()}}
		}
		a.issued[said.Digest] = said
	case everqual.KindApproval:
		var said everqual.ReportDecided
		if err := decode(r.Body, &said); err != nil {
			return []Finding{{Record: r.Sequence, Field: "body", Message: "it is no decision about a report: " + err.Error()}}
		}
		if field, message := a.wrong(said, r.Sequence); message != "" {
			return []Finding{{Record: r.Sequence, Field: field, Message: message}}
		}
	}
	return nil
}

func (a *approvals) wrong(d everqual.ReportDecided, sequence uint64) (field, message string) {
	report, issued := a.issued[d.Report]
	before := a.decided[d.Report]
	switch {
	case !issued:
		return "report", fmt.Sprintf("it decides about %s, and no report with this digest was issued before it", d.Report)
	case report.System != d.System || report.Number != d.Number:
		return "report", fmt.Sprintf("it says that %s is report %s of %s, which was issued as %s of %s", d.Report.Short(), d.Number, d.System, report.Number, report.System)
	case d.Answered.IsZero():
		return "answered", "it does not say when it was decided"
	case d.Decision == everqual.Unanswered:
		return "", ""
	case d.Decision != everqual.Approved && d.Decision != everqual.Rejected:
		return "decision", fmt.Sprintf("%q is no decision", d.Decision)
	case d.By == "" || d.Reason == "":
		return "by", "it does not say who decided, or why"
	case before > 0:
		return "report", fmt.Sprintf("record %d decided about this report before", before)
	}
	a.decided[d.Report] = sequence
	return "", ""
}
