package assess_test

import (
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
)

const bucket = `{"Versioning":{"Status":"Enabled"},"Policy":{"Statement":[]},"Name":"b","Tags":[]}`

func TestUnreadIsNeverJudged(t *testing.T) {
	tests := []struct{ attribute, expect string }{
		{"Policy", `{"exists":false}`},
		{"Policy", `{"exists":true}`},
		{"Policy", `{"empty":true}`},
		{"Policy.Statement", `{"length":0}`},
		{"Policy.Statement", `{"empty":true}`},
		{`"Policy"`, `{"exists":true}`},
		{"not_null(Policy, 'x')", `"x"`},
		{"Policy || Name", `"b"`},
		{"Name && Policy", `{"exists":false}`},
		{"!Policy", `true`},
		{"Policy == null", `true`},
		{"@", `{"exists":true}`},
		{"$", `{"exists":true}`},
		{"[@]", `{"length":1}`},
		{"length(@)", `{"at_least":1}`},
		{"keys(@)", `{"contains":"Policy"}`},
		{"values(@)", `{"length":{"at_least":1}}`},
		{"items(@)", `{"length":{"at_least":1}}`},
		{"*", `{"length":{"at_least":1}}`},
		{"*.Status", `"Enabled"`},
		{"to_string(@)", `{"contains":"Versioning"}`},
		{"type(@)", `"object"`},
		{"merge(@, {a: Name}).a", `"b"`},
		{"@ == @", `true`},
		{"{n: Name, p: Policy}.n", `"b"`},
		{"[Name, Policy][0]", `"b"`},
		{"let $x = @ in $x.Policy", `{"exists":false}`},
		{"let $p = Policy in Name", `"b"`},
		{"map(&Policy, [@])", `{"length":1}`},
		{"[@][?Policy].Name", `"b"`},
		{"[@][].Policy", `{"empty":true}`},
		{"$.Policy", `{"exists":false}`},
		{"Name | $.Policy", `{"exists":false}`},
	}
	o := observe(t, bucket)
	o.Unread = []everqual.Unread{{Path: "Policy", Reason: everqual.Denied, Call: "s3:GetBucketPolicy", Message: "AccessDenied"}}
	for _, test := range tests {
		t.Run(test.attribute, func(t *testing.T) {
			v := judge(o, testCase(t, `{"attribute":`+quote(test.attribute)+`,"expect":`+test.expect+`}`))
			if v.Outcome != everqual.NotEvaluated || v.Reason != everqual.Denied || v.Actual != "" {
				t.Fatalf("got %s %s %q, actual %s", v.Outcome, v.Reason, v.Detail, v.Actual)
			}
			if !strings.Contains(v.Detail, "s3:GetBucketPolicy") {
				t.Errorf("the detail %q does not name the call", v.Detail)
			}
		})
	}
}

func TestWhatWasReadIsJudgedBesideWhatWasNot(t *testing.T) {
	o := observe(t, bucket)
	o.Unread = []everqual.Unread{{Path: "Policy", Reason: everqual.Throttled}}
	for _, attribute := range []string{"Versioning.Status", "@.Versioning.Status", "$.Versioning.Status", "[Versioning][].Status | [0]",
		"Versioning.Status || Policy", "Versioning | Status", "let $v = Versioning in $v.Status"} {
		if v := judge(o, testCase(t, `{"attribute":`+quote(attribute)+`,"expect":"Enabled"}`)); v.Outcome != everqual.Pass {
			t.Errorf("%s: got %s %s", attribute, v.Outcome, v.Detail)
		}
	}
}

func TestUnreadTagsHideTheTagMap(t *testing.T) {
	o := observe(t, bucket)
	o.Unread = []everqual.Unread{{Path: "Tags", Reason: everqual.Denied, Call: "s3:GetBucketTagging"}}
	v := judge(o, testCase(t, `{"attribute":"TagMap.Role","expect":{"exists":false}}`))
	if v.Outcome != everqual.NotEvaluated || v.Reason != everqual.Denied {
		t.Errorf("got %s %s", v.Outcome, v.Reason)
	}
	s := everqual.Specification{Applies: everqual.Selector{Tags: map[string]everqual.Values{"Role": {"db"}}}}
	if v := assess.Selection(o, s); v.Outcome != everqual.NotEvaluated || v.Reason != everqual.Denied {
		t.Errorf("selection: got %s %s", v.Outcome, v.Reason)
	}
}

func TestNoStateNoVerdict(t *testing.T) {
	tc := testCase(t, `{"attribute":"Name","expect":"b"}`)
	tests := []struct {
		name    string
		change  func(*everqual.Observation)
		outcome everqual.Outcome
		reason  everqual.Reason
		detail  string
	}{
		{"deleted", func(o *everqual.Observation) { o.State = everqual.Deleted }, everqual.NotApplicable, "", "the resource was deleted"},
		{"deleted and unread", func(o *everqual.Observation) {
			o.State, o.Unread = everqual.Deleted, []everqual.Unread{{Reason: everqual.Denied}}
		}, everqual.NotApplicable, "", "the resource was deleted"},
		{"unread", func(o *everqual.Observation) {
			o.Unread = []everqual.Unread{{Reason: everqual.Denied, Call: "ec2:DescribeInstances", Message: "not authorised"}}
		}, everqual.NotEvaluated, everqual.Denied, "the resource could not be read: ec2:DescribeInstances denied (not authorised)"},
		{"unread without reason", func(o *everqual.Observation) { o.Unread = []everqual.Unread{{}} },
			everqual.NotEvaluated, everqual.Invalid, "the resource could not be read"},
		{"unknown state", func(o *everqual.Observation) { o.State = "GONE" }, everqual.NotEvaluated, everqual.Invalid, `the observation has the unknown state "GONE"`},
		{"not JSON", func(o *everqual.Observation) { o.Attributes["Name"] = func() {} }, everqual.NotEvaluated, everqual.Invalid,
			"the attributes are not JSON: json: unsupported type: func()"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := observe(t, bucket)
			test.change(&o)
			v := judge(o, tc)
			if v.Outcome != test.outcome || v.Reason != test.reason || v.Detail != test.detail {
				t.Errorf("got %s %s %q", v.Outcome, v.Reason, v.Detail)
			}
		})
	}
}

func TestCyclesAndBombsEnd(t *testing.T) {
	cycle := map[string]any{}
	cycle["Self"] = cycle
	o := observe(t, bucket)
	o.Attributes["Cycle"] = cycle
	if v := judge(o, testCase(t, `{"attribute":"Name","expect":"b"}`)); v.Outcome != everqual.NotEvaluated {
		t.Errorf("cycle: got %s", v.Outcome)
	}
	o = observe(t, bucket)
	for _, attribute := range []string{
		"[@,@]" + strings.Repeat(".[@,@]", 60),
		"[@,@]" + strings.Repeat(" | [@,@][]", 60),
		strings.Repeat("(", 4000) + "Name" + strings.Repeat(")", 4000),
		strings.Repeat("[", 9000),
		"pad_left(Name, `1000000000`)",
		"replace(pad_left(Name, `100000`), '', pad_left(Name, `100000`))",
		"join(pad_left(Name, `1000000`), [@,@,@,@,@].Name)",
		"\u0080", "a\u0080", "(", ")", "a.(", "@(", "\"", "'", "`", "$", "let $x", "&", "&Name", "sort_by(@, &a)", "contains([@], @)",
	} {
		v := judge(o, testCase(t, `{"attribute":`+quote(attribute)+`,"expect":{"not":"x"}}`))
		if v.Outcome == "" {
			t.Errorf("%.40q: no outcome", attribute)
		}
	}
}
