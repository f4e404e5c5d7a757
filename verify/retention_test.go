package verify_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// said is a record of a story: its day after noon, kind, subjects and body.
type said struct {
	day      int
	kind     everqual.Kind
	subjects []string
	body     any
}

var (
	report  = everqual.DigestOf([]byte("the report's data"))
	account = everqual.DigestOf([]byte("CloudTrail's keys"))
	version = everqual.DigestOf([]byte("evidence"))
	newest  = everqual.DigestOf([]byte("newer evidence"))
	spec    = everqual.DigestOf([]byte("specification"))
)

func keeps(kind, keep string) said {
	return said{0, everqual.KindRetention, nil, everqual.Retention{Kind: everqual.Kind(kind), Keep: everqual.Term(keep)}}
}

func holds(system string, subjects ...string) said {
	return said{1, everqual.KindHold, nil, everqual.Hold{ID: "h", System: system, Subjects: subjects}}
}

func deletes(day int, d everqual.Digest) said {
	return said{day, everqual.KindDisposal, nil, everqual.Disposal{Digests: []everqual.Digest{d}}}
}

func observed(arn string, on everqual.Digest, marks ...string) said {
	return said{0, everqual.KindObservation, append([]string{arn}, marks...), everqual.Observation{Evidence: on}}
}

func assessed(arn, system string, marks ...string) said {
	return said{1, everqual.KindAssessment, append([]string{arn, arn + "#S"}, marks...), everqual.Assessment{System: system}}
}

// A deletion is held against the rules and holds that were in force, by the records alone.
func TestRetention(t *testing.T) {
	issued := said{0, everqual.KindReport, []string{"LIMS", "report:1"}, everqual.ReportIssued{System: "LIMS", Data: report}}
	counted := said{0, everqual.KindCompleteness, []string{"completeness"}, everqual.Completeness{Keys: account}}
	used := said{0, everqual.KindSpecification, []string{"specification:S", "LIMS"}, map[string]any{"digest": spec}}
	newer := observed("arn:a", newest)
	// there are two versions of arn:a, and one is what may go
	two := []said{keeps("observation", "1d"), observed("arn:a", version), newer}
	with := func(all ...said) []said { return append(append([]said{}, two...), all...) }
	released := said{2, everqual.KindHold, nil, everqual.Hold{ID: "h", System: "LIMS", Subjects: []string{"LIMS"}, Released: true}}
	null := func(kind everqual.Kind) []said { return []said{{0, kind, nil, nil}} }
	for name, c := range map[string]struct {
		story   []said
		finding string
	}{
		"a report":                         {[]said{keeps("report", "1d"), issued, deletes(3, report)}, ""},
		"a report of a held system":        {[]said{keeps("report", "1d"), issued, holds("LIMS", "LIMS", "arn:a"), deletes(3, report)}, "in spite of the hold h of the system LIMS on what record 10"},
		"the hold does not name it":        {[]said{keeps("report", "1d"), issued, holds("LIMS", "arn:a"), deletes(3, report)}, "in spite of the hold h of the system LIMS"},
		"a report of another system":       {[]said{keeps("report", "1d"), issued, holds("ERP", "ERP", "arn:a"), deletes(3, report)}, ""},
		"released":                         {[]said{keeps("report", "1d"), issued, holds("LIMS", "LIMS"), released, deletes(3, report)}, ""},
		"released later":                   {[]said{keeps("report", "1d"), issued, holds("LIMS", "LIMS"), deletes(2, report), released}, "in spite of the hold"},
		"held later":                       {[]said{keeps("report", "1d"), issued, deletes(2, report), holds("LIMS", "LIMS")}, ""},
		"an account, a hold on a system":   {[]said{keeps("completeness", "1d"), counted, holds("LIMS", "LIMS"), deletes(3, account)}, "in spite of the hold"},
		"an account, a hold on a resource": {[]said{keeps("completeness", "1d"), counted, holds("", "arn:a"), deletes(3, account)}, "in spite of the hold h on what record 10"},
		"an account, no hold":              {[]said{keeps("completeness", "1d"), counted, deletes(3, account)}, ""},
		"a version":                        {with(deletes(3, version)), ""},
		"a version that is held":           {with(holds("", "arn:a"), deletes(3, version)), "in spite of the hold h on what"},
		"all is held":                      {with(holds("", "*"), deletes(3, version)), "in spite of the hold"},
		"the hold was extended":            {with(holds("LIMS", "LIMS"), holds("LIMS", "LIMS", "arn:a"), deletes(3, version)), "in spite of the hold"},
		"the last record of an id counts":  {with(holds("", "arn:a"), holds("", "arn:b"), deletes(3, version)), ""},
		"assessed after the hold":          {with(holds("LIMS", "LIMS"), assessed("arn:a", "LIMS", "assessed:LIMS"), deletes(3, version)), "in spite of the hold"},
		"assessed before there were marks": {with(holds("LIMS", "LIMS"), assessed("arn:a", "LIMS"), deletes(3, version)), "in spite of the hold"},
		"assessed for another system":      {with(holds("LIMS", "LIMS"), assessed("arn:a", "ERP", "assessed:ERP"), deletes(3, version)), ""},
		"assessed after it was deleted":    {with(holds("LIMS", "LIMS"), deletes(3, version), assessed("arn:a", "LIMS", "assessed:LIMS")), ""},
		"a resource without a system":      {with(holds("", "arn:b"), assessed("arn:a", ""), deletes(3, version)), ""},
		"the last version":                 {[]said{keeps("observation", "1d"), observed("arn:a", version), deletes(3, version)}, "the last version of its resource"},
		"a specification":                  {[]said{used, keeps("specification", "1d"), deletes(3, spec)}, `nothing is ever deleted of records of kind "specification"`},

		"on the day":                   {[]said{keeps("report", "3d"), issued, deletes(3, report)}, ""},
		"a day before":                 {[]said{keeps("report", "3d"), issued, deletes(2, report)}, "before its time: record 10 rests on it until 2020-03-05"},
		"a clock far ahead":            {[]said{keeps("report", "3d"), issued, deletes(900, report), holds("", "arn:b")}, "that was 2020-03-05, the record says 2022-08-19, and record 12 after it is of 2020-03-03 again"},
		"a clock that went back a bit": {[]said{keeps("report", "3d"), issued, deletes(9, report), {5, everqual.KindHold, nil, everqual.Hold{ID: "h"}}}, ""},
		"a clock far back":             {[]said{keeps("report", "3d"), issued, {8, everqual.KindHold, nil, everqual.Hold{ID: "h"}}, deletes(9, report), {-900, everqual.KindHold, nil, everqual.Hold{ID: "h"}}}, ""},
		"the last rule counts":         {[]said{keeps("report", "1d"), keeps("report", "9d"), issued, deletes(3, report)}, "before its time"},
		"a rule of another kind":       {[]said{keeps("report", "1d"), keeps("observation", "9d"), issued, deletes(3, report)}, ""},
		"for ever":                     {[]said{keeps("report", "1d"), keeps("report", ""), issued, deletes(3, report)}, "is kept for ever"},
		"no term":                      {[]said{keeps("report", "banana")}, `record 9, keep: "banana" is no term`},
		"a null retention":             {null(everqual.KindRetention), "record 9, body: it is no retention: it is no JSON object"},
		"a null hold":                  {null(everqual.KindHold), "record 9, body: it is no hold"},
		"a null disposal":              {null(everqual.KindDisposal), "record 9, body: it is no disposal"},
		"a retention in a list":        {[]said{{0, everqual.KindRetention, nil, []int{}}}, "record 9, body: it is no retention"},
		"a hold that is a text":        {[]said{{0, everqual.KindHold, nil, "h"}}, "record 9, body: it is no hold"},
		"a disposal that is a list":    {[]said{{0, everqual.KindDisposal, nil, []string{string(report)}}}, "record 9, body: it is no disposal"},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t, c.story)
			for place, r := range map[string]*verify.Result{"home": s.home(s.trust()), "bundle": s.bundle(false, s.trust())} {
				if got := of(r); c.finding == "" && len(got) > 0 || c.finding != "" && !strings.Contains(strings.Join(got, "\n"), c.finding) {
					t.Errorf("%s: found %q, want %q", place, got, c.finding)
				}
			}
		})
	}
}

// A rule that is no term is none: what was deleted by it is found too.
func TestDeletedByNoTerm(t *testing.T) {
	issued := said{0, everqual.KindReport, []string{"LIMS"}, everqual.ReportIssued{System: "LIMS", Data: report}}
	for _, keep := range []string{"banana", "0d", "-1d", "+1d", "01d", "1w", " 1d", "1.5y", "100001d"} {
		s := tell(t, []said{keeps("report", keep), issued, deletes(4000, report)})
		if r := s.home(s.trust()); r.Total != 2 || !strings.Contains(r.Findings[1].Message, "is kept for ever") {
			t.Errorf("%q: %v", keep, r.Findings)
		}
	}
}

func tell(t *testing.T, story []said) *scene {
	s := newScene(t)
	day := 0
	s.ledger = ledger.New(s.store, func() time.Time { return noon.AddDate(0, 0, day) })
	for i, r := range story {
		day = r.day
		_, _, err := s.ledger.Append(t.Context(), ledger.Entry{Kind: r.kind, Key: fmt.Sprint("told", i), Subjects: r.subjects, Body: r.body})
		s.ok(err)
	}
	s.sign()
	return s
}

// of are the findings, but that the evidence is missing that nobody deletes: there is no
// archive here.
func of(r *verify.Result) (found []string) {
	for _, f := range r.Findings {
		if f.Field != string(newest) {
			found = append(found, f.String())
		}
	}
	return found
}

// A reply that pieces of evidence share goes with the last of them only.
func TestSharedReply(t *testing.T) {
	reply := everqual.DigestOf([]byte("reply"))
	sharing := func(n int) []byte { return fmt.Appendf(nil, `{"n":%d,"exchanges":[{"body_digest":%q}]}`, n, reply) }
	one, two := everqual.DigestOf(sharing(1)), everqual.DigestOf(sharing(2))
	story := []said{
		keeps("confirmation", "1d"),
		{0, everqual.KindConfirmation, []string{"arn:a"}, everqual.Confirmation{Evidence: one}},
		{0, everqual.KindConfirmation, []string{"arn:b"}, everqual.Confirmation{Evidence: two}},
		{3, everqual.KindDisposal, nil, everqual.Disposal{Digests: []everqual.Digest{one, reply}}},
	}
	for name, c := range map[string]struct {
		blobs   [][]byte
		finding string
	}{
		"all are there":              {[][]byte{sharing(1), sharing(2), []byte("reply")}, ""},
		"one went":                   {[][]byte{sharing(2), []byte("reply")}, ""},
		"the reply went too":         {[][]byte{sharing(2)}, "record 11, " + string(reply)},
		"the reply went before":      {[][]byte{sharing(1), sharing(2)}, "record 11, " + string(reply)},
		"the other went without one": {[][]byte{sharing(1), []byte("reply")}, "record 11, " + string(two)},
	} {
		t.Run(name, func(t *testing.T) {
			s := tell(t, story)
			s.blobs = map[everqual.Digest][]byte{}
			for _, b := range c.blobs {
				s.blobs[everqual.DigestOf(b)] = b
			}
			for place, r := range map[string]*verify.Result{"home": s.home(s.trust()), "bundle": s.bundle(false, s.trust())} {
				got := fmt.Sprint(r.Findings)
				if c.finding == "" && !r.OK() || !strings.Contains(got, c.finding) {
					t.Errorf("%s: found %s, want %q", place, got, c.finding)
				}
			}
		})
	}
}
