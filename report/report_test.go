package report_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/report"
)

func TestCountsAddUp(t *testing.T) {
	for name, in := range map[string]report.Input{
		"sample": sample(), "sound": sound(), "extreme": extreme(), "base": base(), "empty": {}, "many": many(400),
	} {
		t.Run(name, func(t *testing.T) { checkCounts(t, report.New(in)) })
	}
}

// checkCounts recounts the results by hand and compares every count with them.
func checkCounts(t *testing.T, r report.Report) {
	t.Helper()
	var want, specs, risks everqual.Counts
	fails := 0
	for _, x := range r.Results {
		want.Add(x.Outcome)
		if (x.Outcome == everqual.Fail) != (x.Deviation != "") {
			t.Errorf("%s on %s is %s with deviation %q", x.TestCase, x.Resource.ID, x.Outcome, x.Deviation)
		}
	}
	sum := func(total *everqual.Counts, n everqual.Counts) {
		total.Total += n.Total
		total.Pass += n.Pass
		total.Fail += n.Fail
		total.NotEvaluated += n.NotEvaluated
		total.NotApplicable += n.NotApplicable
	}
	executed := map[everqual.SpecificationRef]bool{}
	for _, s := range r.Specs {
		sum(&specs, s.Counts)
		executed[everqual.SpecificationRef{ID: s.ID, Version: s.Version, Digest: s.Digest}] = true
	}
	for _, x := range r.Results {
		if !executed[x.Specification] {
			specs.Add(x.Outcome)
		}
	}
	for _, x := range r.Risks {
		sum(&risks, x.Counts)
	}
	for _, d := range r.Deviations {
		if d.Kind == report.FailedTest {
			fails++
		}
	}
	if r.Counts != want || specs != want || risks != want {
		t.Errorf("results have %+v, but total says %+v, specifications %+v, risks %+v", want, r.Counts, specs, risks)
	}
	if fails != want.Fail || len(r.NotEvaluated) != want.NotEvaluated {
		t.Errorf("%d failed tests and %d open ones listed, want %d and %d", fails, len(r.NotEvaluated), want.Fail, want.NotEvaluated)
	}
	c := r.Coverage
	if c.Resources != len(r.Inventory) || c.Resources != c.Assessed+c.NotAssessed+c.WithoutSpecification+c.Unread+c.Deleted+c.OutOfScope {
		t.Errorf("coverage does not add up: %+v for %d resources", c, len(r.Inventory))
	}
}

// change is an edit of an input that is sound but for it.
type change func(*report.Input)

func TestConclusion(t *testing.T) {
	fail := func(in *report.Input) { in.Assessments[0].Verdicts[1].Outcome = everqual.Fail }
	open := func(in *report.Input) { in.Assessments[0].Verdicts[2].Outcome = everqual.NotEvaluated }
	letter := func(in *report.Input) { in.DeadLetters = []everqual.DeadLetter{{ID: "1"}} }
	for _, c := range []struct {
		name    string
		changes []change
		status  report.Status
		reasons []string
	}{
		{"everything holds", nil, report.Accepted, []string{}},
		{"a test fails", []change{fail}, report.NotAccepted, []string{"1 deviation open"}},
		{"a test is not evaluated", []change{open}, report.Incomplete, []string{"1 test case not evaluated"}},
		{"both", []change{fail, open}, report.NotAccepted, []string{"1 deviation open", "1 test case not evaluated"}},
		{"a dead letter is open", []change{letter}, report.NotAccepted, []string{"1 prerequisite not met"}},
		{"an unknown outcome is never a pass", []change{func(in *report.Input) { in.Assessments[0].Verdicts[0].Outcome = "pass" }},
			report.Incomplete, []string{"1 test case not evaluated"}},
		{"a verdict is missing", []change{func(in *report.Input) { in.Assessments[0].Verdicts = in.Assessments[0].Verdicts[1:] }},
			report.Incomplete, []string{"1 test case not evaluated"}},
		{"an assessment is missing", []change{func(in *report.Input) { in.Assessments = nil }},
			report.Incomplete, []string{"4 test cases not evaluated", "no test case was evaluated"}},
		{"the assessment is of an older record", []change{func(in *report.Input) { in.Inventory[0].Version, in.Inventory[0].Digest = 2, digestOf("new") }},
			report.Incomplete, []string{"4 test cases not evaluated", "no test case was evaluated"}},
		{"the specification has changed since", []change{func(in *report.Input) {
			in.Specifications[0].Version = "2.0"
		}}, report.Incomplete, []string{"8 test cases not evaluated", "no test case was evaluated"}},
		{"nothing applies", []change{func(in *report.Input) {
			for i := range in.Assessments[0].Verdicts {
				in.Assessments[0].Verdicts[i].Outcome = everqual.NotApplicable
			}
		}}, report.Incomplete, []string{"no test case was evaluated"}},
		{"no specification", []change{func(in *report.Input) { in.Specifications, in.Assessments = nil, nil }},
			report.Incomplete, []string{"3 prerequisites not evaluated", "no test case was evaluated"}},
		{"the resource lost a tag", []change{func(in *report.Input) {
			in.Assessments = nil
			in.Inventory[0].Tags = map[string]string{"System": "LIMS-PRD"}
		}}, report.NotAccepted, []string{"2 deviations open", "no test case was evaluated"}},
		{"a baseline resource is gone", []change{func(in *report.Input) {
			in.Baseline = &everqual.Baseline{Members: []everqual.BaselineItem{{Resource: resource("AWS::EC2::Instance", "i-gone"), Version: 1}}}
		}}, report.NotAccepted, []string{"1 deviation open"}},
		{"the resource could not be read", []change{func(in *report.Input) {
			in.Inventory[0].Unread = []everqual.Unread{{Reason: everqual.Denied}}
		}}, report.NotAccepted, []string{"1 prerequisite not met"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := sound()
			for _, edit := range c.changes {
				edit(&in)
			}
			r := report.New(in)
			if r.Conclusion.Status != c.status || !slices.Equal(r.Conclusion.Reasons, c.reasons) {
				t.Errorf("got %s %q, want %s %q", r.Conclusion.Status, r.Conclusion.Reasons, c.status, c.reasons)
			}
			checkCounts(t, r)
		})
	}
}

func TestPrerequisites(t *testing.T) {
	for _, c := range []struct {
		id      string
		edit    change
		outcome everqual.Outcome
	}{
		{"PRE-01", func(in *report.Input) { in.Specifications[0].Approval.At = day }, everqual.Fail},
		{"PRE-01", func(in *report.Input) { in.Specifications[0].Approval = everqual.Approval{} }, everqual.Fail},
		{"PRE-01", func(in *report.Input) { in.Specifications[0].Approval.At = in.Inventory[0].CollectedAt }, everqual.Pass},
		{"PRE-02", func(in *report.Input) { in.Specifications[0].Effective.From = day }, everqual.Fail},
		{"PRE-02", func(in *report.Input) { in.Specifications[0].Effective.Until = in.Inventory[0].CollectedAt }, everqual.Fail},
		{"PRE-03", func(in *report.Input) { in.Specifications[0].Source = []byte("edited since") }, everqual.Fail},
		{"PRE-04", func(in *report.Input) { in.ToolVersion = " " }, everqual.Fail},
		{"PRE-04", func(in *report.Input) { in.ToolVersion = "(devel)" }, everqual.Fail},
		{"PRE-04", func(in *report.Input) { in.ToolVersion = "v0.1.0+dirty" }, everqual.Fail},
		{"PRE-05", func(in *report.Input) { in.Inventory[0].Caller = everqual.Caller{} }, everqual.Fail},
		{"PRE-05", func(in *report.Input) { in.Inventory = nil }, everqual.NotEvaluated},
		{"PRE-06", func(in *report.Input) { in.Ledger.Hash = "sha256:short" }, everqual.Fail},
		{"PRE-06", func(in *report.Input) { in.Ledger.Sequence = 40 }, everqual.Fail},
		{"PRE-07", func(in *report.Input) { in.Events.Total++ }, everqual.Fail},
		{"PRE-07", func(in *report.Input) { in.Events.Total++; in.Events.Unparsable++ }, everqual.Fail},
		{"PRE-08", func(in *report.Input) { in.DeadLetters = []everqual.DeadLetter{{ID: "1"}} }, everqual.Fail},
		{"PRE-09", func(in *report.Input) { in.Inventory[0].Unread = []everqual.Unread{{Reason: everqual.Throttled}} }, everqual.Fail},
		{"PRE-09", func(in *report.Input) { in.Inventory = nil }, everqual.NotEvaluated},
		{"PRE-10", func(in *report.Input) {
			in.Inventory[0].Changed = []everqual.EventThen{{ID: "e-1", Name: "ModifyInstance", Time: day}}
		}, everqual.Fail},
	} {
		in := sound()
		for _, p := range report.New(in).Prereqs {
			if p.Outcome != everqual.Pass {
				t.Fatalf("%s does not hold on the sound input: %s", p.ID, p.Evidence)
			}
		}
		c.edit(&in)
		r := report.New(in)
		i := slices.IndexFunc(r.Prereqs, func(p report.Prerequisite) bool { return p.ID == c.id })
		if p := r.Prereqs[i]; p.Outcome != c.outcome || len(p.Evidence) == 0 {
			t.Errorf("%s is %s (%s), want %s", p.ID, p.Outcome, p.Evidence, c.outcome)
		}
	}
}

func TestDeviations(t *testing.T) {
	r := report.New(sample())
	type row struct{ Number, TestCase, Name, Actual string }
	var got []row
	for _, d := range r.Deviations {
		got = append(got, row{d.Number, d.TestCase, d.Name, d.Actual})
	}
	want := []row{
		{"DEV-001", "APP-01", "lims-app-1", `"m7i.4xlarge"`},
		{"DEV-002", "DB-02", "lims-prd", "false"},
		{"DEV-003", "", "lims-app-0", "deleted"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLatestObservationCounts(t *testing.T) {
	in := sound()
	old := in.Inventory[0]
	old.Sequence, old.Version, old.Digest = 7, 1, digestOf("older")
	in.Inventory = append(in.Inventory, old)
	if r := report.New(in); len(r.Inventory) != 1 || r.Inventory[0].Sequence != 41 || r.Conclusion.Status != report.Accepted {
		t.Errorf("got %d records, %s", len(r.Inventory), r.Conclusion.Status)
	}
}

func TestTraceHasUntestedRequirements(t *testing.T) {
	in := sound()
	in.Specifications = append(in.Specifications, databaseSpec)
	for _, row := range report.New(in).Trace {
		switch row.ID {
		case "URS-031":
			if row.Counts.Total != 0 || !slices.Equal(row.TestCases, []string{"SPEC-DB/DB-02"}) {
				t.Errorf("URS-031 is untested, but got %+v", row)
			}
			return
		}
	}
	t.Error("URS-031 is missing from the trace")
}

func TestNewLeavesInputAlone(t *testing.T) {
	in, twin := extreme(), extreme()
	report.New(in)
	if diff := cmp.Diff(twin, in); diff != "" {
		t.Error(diff)
	}
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	in, turned := sample(), sample()
	slices.Reverse(turned.Inventory)
	slices.Reverse(turned.Assessments)
	slices.Reverse(turned.Specifications)
	slices.Reverse(turned.Drift)
	if a, b := report.New(in), report.New(turned); a.Digest != b.Digest || a.Digest == "" {
		t.Error(cmp.Diff(a, b))
	}
}

func TestTimesAreUTC(t *testing.T) {
	in, moved := sample(), sample()
	zone := time.FixedZone("", 2*60*60)
	moved.GeneratedAt = moved.GeneratedAt.In(zone)
	moved.Baseline.At = moved.Baseline.At.In(zone)
	moved.Ledger.CheckpointAt = moved.Ledger.CheckpointAt.In(zone)
	for i := range moved.Inventory {
		moved.Inventory[i].CollectedAt = moved.Inventory[i].CollectedAt.In(zone)
	}
	if a, b := report.New(in), report.New(moved); a.Digest != b.Digest {
		t.Error(cmp.Diff(a, b))
	}
}
