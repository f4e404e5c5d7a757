package assess_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/google/go-cmp/cmp"
)

// What a reader of the report sees of each test case: expected, actual and
// the detail.
func TestWords(t *testing.T) {
	tests := []string{
		`{"attribute":"InstanceType","expect":"m5.large"}`,
		`{"attribute":"Nothing","expect":null}`,
		`{"attribute":"MetadataOptions","expect":{"equals":{"HttpTokens":"required"}}}`,
		`{"attribute":"InstanceType","expect":{"not":{"in":["a","b"]}}}`,
		`{"attribute":"Volumes[].Size","expect":{"at_least":14}}`,
		`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":"any"}`,
		`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":"none"}`,
		`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":{"count":1}}`,
		`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":{"at_most":1}}`,
		`{"attribute":"Volumes[].KmsKeyId","expect":{"starts_with":"k"}}`,
		`{"attribute":"Volumes[?VolumeId!='vol-2'].KmsKeyId","expect":{"starts_with":"k"}}`,
		`{"attribute":"Volumes.Encrypted","expect":true}`,
		`{"attribute":"MetadataOptions.HttpToken","expect":"required"}`,
		`{"attribute":"MetadataOptions.Missing","expect":"required"}`,
		`{"attribute":"MetadataOptions.HttpToken","expect":{"exists":false}}`,
		`{"attribute":"MetadataOptions.Missing","expect":{"exists":false}}`,
		`{"attribute":"Seven","expect":{"between":[1,6]}}`,
		`{"attribute":"Engine","expect":{"version":{"<":"15",">=":"14.2","!=":"14.10"}}}`,
		`{"attribute":"Odd","expect":{"version":{">=":"5.7"}}}`,
		`{"attribute":"LaunchTime","expect":{"younger_than":"7d"}}`,
		`{"attribute":"Logs","expect":{"same_set":["error","audit"]}}`,
		`{"attribute":"Logs","expect":{"contains_all":["audit"]}}`,
		`{"attribute":"Logs","expect":{"contains_none":["error"]}}`,
		`{"attribute":"Logs","expect":{"subset_of":["error"]}}`,
		`{"attribute":"Logs","expect":{"length":{"at_least":3}}}`,
		`{"attribute":"World","expect":{"excludes_cidr":["0.0.0.0/0","::/0"]}}`,
		`{"attribute":"World","expect":{"within":"10.0.0.0/8"}}`,
		`{"attribute":"Seven","expect":{"all_of":[{"at_least":8},{"below":36}]}}`,
		`{"attribute":"Seven","expect":{"any_of":[1,{"all_of":[{"above":7},{"below":9}]}]}}`,
		`{"attribute":"Seven","expect":{"none_of":[7,8]}}`,
		`{"attribute":"SevenText","expect":{"at_least":7}}`,
		`{"attribute":"Nothing","expect":{"at_least":7}}`,
		`{"attribute":"None","expect":true}`,
		`{"attribute":"None","expect":true,"empty":"NOT APPLICABLE"}`,
		`{"attribute":"length(Seven)","expect":1}`,
		`{"attribute":"Volumes[","expect":1}`,
		`{"attribute":"InstanceType","expect":{"at_leest":1}}`,
		`{"attribute":"TagMap.Owner","expect":{"exists":true}}`,
	}
	var got strings.Builder
	o := observe(t, server)
	for _, test := range tests {
		v := judge(o, testCase(t, test))
		fmt.Fprintf(&got, "%s\n  expected  %s\n  actual    %s\n  outcome   %s %s\n  detail    %s\n\n", test, v.Expected, v.Actual, v.Outcome, v.Reason, v.Detail)
	}
	golden(t, "testdata/words.txt", got.String())
}

func TestVerdictCarriesTheTestCase(t *testing.T) {
	tc := testCase(t, `{"attribute":"Seven","expect":7,"risk":"high","rationale":"because","requirements":["URS-1"],"controls":["Annex 11 §7.1"]}`)
	want := everqual.Verdict{
		TestCase: "T-1", Title: "test", Risk: "high", Rationale: "because", Requirements: []string{"URS-1"}, Controls: []string{"Annex 11 §7.1"},
		Attribute: "Seven", Expected: "7", Actual: "7", Outcome: everqual.Pass,
	}
	if diff := cmp.Diff(want, judge(observe(t, server), tc)); diff != "" {
		t.Error(diff)
	}
}

func TestAssessmentNamesWhatItJudged(t *testing.T) {
	o := observe(t, server)
	o.Digest, o.Evidence = "sha256:o", "sha256:e"
	s := everqual.Specification{ID: "LIMS-APP", Version: "1.0", System: "LIMS", Digest: "sha256:s"}
	at := collected.AddDate(0, 0, 1)
	want := everqual.Assessment{
		System: "LIMS", Resource: o.Resource, Version: 3, Observation: "sha256:o", Evidence: "sha256:e", CollectedAt: collected,
		Specification: everqual.SpecificationRef{ID: "LIMS-APP", Version: "1.0", Digest: "sha256:s"}, AssessedAt: at,
		Verdicts: []everqual.Verdict{},
	}
	if diff := cmp.Diff(want, assess.Assess(o, s, at)); diff != "" {
		t.Error(diff)
	}
}

func TestSelection(t *testing.T) {
	s := everqual.Specification{Applies: everqual.Selector{Tags: map[string]everqual.Values{
		"System": {"LIMS"}, "Role": {"db", "replica"}, "Owner": {"*"},
	}}}
	v := assess.Selection(observe(t, server), s)
	want := everqual.Verdict{
		TestCase: "SELECTION", Title: "The resource carries the tags that select it", Risk: "high", Attribute: "TagMap",
		Expected: `Owner = any value, Role = "db" or "replica", System = "LIMS"`, Actual: `{"Owner":null,"Role":"app","System":"LIMS"}`,
		Outcome: everqual.Fail, Detail: "missing or different: Owner, Role",
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Error(diff)
	}
	s.Applies.Tags = map[string]everqual.Values{"Role": {"app"}}
	if v := assess.Selection(observe(t, server), s); v.Outcome != everqual.Pass {
		t.Error(v)
	}
	gone := observe(t, server)
	gone.State = everqual.Deleted
	if v := assess.Selection(gone, s); v.Outcome != everqual.NotApplicable {
		t.Error(v)
	}
}
