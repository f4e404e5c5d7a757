package assess_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
)

var collected = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// observe makes an observation from its attributes in JSON.
func observe(t testing.TB, attributes string) everqual.Observation {
	t.Helper()
	o := everqual.Observation{
		Resource: everqual.Resource{ID: "arn:aws:ec2:eu-central-1:111122223333:instance/i-0a", Type: "AWS::EC2::Instance"},
		Version:  3, State: everqual.Present, CollectedAt: collected,
		Tags: map[string]string{"Role": "app", "System": "LIMS"},
	}
	if err := json.Unmarshal([]byte(attributes), &o.Attributes); err != nil {
		t.Fatal(err)
	}
	return o
}

// testCase reads a test case; id and title are given.
func testCase(t testing.TB, text string) everqual.TestCase {
	t.Helper()
	tc := everqual.TestCase{ID: "T-1", Title: "test"}
	if err := json.Unmarshal([]byte(text), &tc); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return tc
}

func judge(o everqual.Observation, tc everqual.TestCase) everqual.Verdict {
	return assess.Assess(o, everqual.Specification{TestCases: []everqual.TestCase{tc}}, collected).Verdicts[0]
}

const server = `{
  "InstanceType": "m5.large", "EbsOptimized": true, "Zero": 0, "Seven": 7, "SevenText": "7", "Nothing": null,
  "LaunchTime": "2026-10-02T12:00:00Z", "Engine": "14.10", "Odd": "5.7.mysql_aurora.2.11.1",
  "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
  "Volumes": [
    {"VolumeId": "vol-1", "Encrypted": true, "Size": 20, "KmsKeyId": "k1"},
    {"VolumeId": "vol-2", "Encrypted": true, "Size": 100, "KmsKeyId": null},
    {"VolumeId": "vol-3", "Encrypted": false, "Size": 8}
  ],
  "None": [], "Logs": ["error", "postgresql"], "Nested": [["a"], ["b", "c"]],
  "Cidrs": ["10.0.0.0/16", "192.168.1.7/32"], "World": ["10.0.0.0/8", "0.0.0.0/0"], "Cidr6": "2001:db8::/32", "Text": "",
  "Tags": [{"Key": "Role", "Value": "app"}, {"Key": "System", "Value": "LIMS"}]
}`

func TestOperators(t *testing.T) {
	const (
		pass = everqual.Pass
		fail = everqual.Fail
		none = everqual.NotEvaluated
	)
	tests := []struct {
		test    string
		outcome everqual.Outcome
		reason  everqual.Reason
	}{
		// equality
		{`{"attribute":"InstanceType","expect":"m5.large"}`, pass, ""},
		{`{"attribute":"InstanceType","expect":"m5.xlarge"}`, fail, ""},
		{`{"attribute":"EbsOptimized","expect":true}`, pass, ""},
		{`{"attribute":"EbsOptimized","expect":"true"}`, none, everqual.Mistyped},
		{`{"attribute":"Seven","expect":7.0}`, pass, ""},
		{`{"attribute":"SevenText","expect":7}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing","expect":null}`, pass, ""},
		{`{"attribute":"InstanceType","expect":null}`, fail, ""},
		{`{"attribute":"Nothing","expect":"x"}`, fail, ""},
		{`{"attribute":"MetadataOptions","expect":{"equals":{"HttpPutResponseHopLimit":1,"HttpTokens":"required"}}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"not":"t2.micro"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"not":{"starts_with":"m5"}}}`, fail, ""},
		{`{"attribute":"Nothing","expect":{"not":{"starts_with":"m5"}}}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing","expect":{"not":"x"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"in":["m5.large","m5.xlarge"]}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"in":["c5.large"]}}`, fail, ""},
		{`{"attribute":"InstanceType","expect":{"in":[1,2]}}`, none, everqual.Mistyped},
		{`{"attribute":"InstanceType","expect":{"not_in":["c5.large"]}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"not_in":[1]}}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing","expect":{"not_in":["x"]}}`, pass, ""},
		// numbers
		{`{"attribute":"Seven","expect":{"at_least":7}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"above":7}}`, fail, ""},
		{`{"attribute":"Seven","expect":{"at_most":6}}`, fail, ""},
		{`{"attribute":"Seven","expect":{"below":8}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"between":[7,35]}}`, pass, ""},
		{`{"attribute":"Zero","expect":{"between":[1,35]}}`, fail, ""},
		{`{"attribute":"SevenText","expect":{"at_least":7}}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing","expect":{"at_least":7}}`, fail, ""},
		{`{"attribute":"Nothing","expect":{"not":{"at_least":7}}}`, none, everqual.Mistyped},
		{`{"attribute":"Seven","expect":{"at_least":"7"}}`, none, everqual.Invalid},
		{`{"attribute":"Seven","expect":{"between":[9,7]}}`, none, everqual.Invalid},
		// text
		{`{"attribute":"InstanceType","expect":{"matches":"m5\\..*"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"matches":"m5"}}`, fail, ""},
		{`{"attribute":"InstanceType","expect":{"matches":"("}}`, none, everqual.Invalid},
		{`{"attribute":"Seven","expect":{"matches":"7"}}`, none, everqual.Mistyped},
		{`{"attribute":"InstanceType","expect":{"ends_with":"large"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"equals_ignore_case":"M5.LARGE"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"contains":"5.l"}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"contains":"error"}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"contains":"err"}}`, fail, ""},
		{`{"attribute":"Logs","expect":{"contains":"r"},"quantifier":"all"}`, pass, ""},
		// lists
		{`{"attribute":"Logs","expect":{"contains_all":["error"]}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"contains_all":["error","audit"]}}`, fail, ""},
		{`{"attribute":"Logs","expect":{"contains_any":["audit","error"]}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"contains_none":["audit"]}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"contains_none":["error"]}}`, fail, ""},
		{`{"attribute":"Logs","expect":{"same_set":["postgresql","error","error"]}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"same_set":["postgresql"]}}`, fail, ""},
		{`{"attribute":"Logs","expect":{"subset_of":["error","postgresql","audit"]}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"equals":["error","postgresql"]}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"equals":["postgresql","error"]}}`, fail, ""},
		{`{"attribute":"Logs","expect":{"length":2}}`, pass, ""},
		{`{"attribute":"Volumes","expect":{"length":{"at_least":4}}}`, fail, ""},
		{`{"attribute":"InstanceType","expect":{"length":8}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"length":8}}`, none, everqual.Mistyped},
		{`{"attribute":"InstanceType","expect":{"contains_all":["x"]}}`, none, everqual.Mistyped},
		{`{"attribute":"Nested","expect":{"contains":"b"},"quantifier":"any"}`, pass, ""},
		// addresses
		{`{"attribute":"Cidrs","expect":{"within":["10.0.0.0/8","192.168.0.0/16"]}}`, pass, ""},
		{`{"attribute":"World","expect":{"within":"10.0.0.0/8"}}`, fail, ""},
		{`{"attribute":"Cidrs","expect":{"not_within":"172.16.0.0/12"}}`, pass, ""},
		{`{"attribute":"World","expect":{"not_within":"172.16.0.0/12"}}`, fail, ""},
		{`{"attribute":"Cidrs","expect":{"excludes_cidr":["0.0.0.0/0","::/0"]}}`, pass, ""},
		{`{"attribute":"World","expect":{"excludes_cidr":["0.0.0.0/0","::/0"]}}`, fail, ""},
		{`{"attribute":"Cidr6","expect":{"within":"10.0.0.0/8"}}`, fail, ""},
		{`{"attribute":"Cidr6","expect":{"not_within":"10.0.0.0/8"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"within":"10.0.0.0/8"}}`, none, everqual.Mistyped},
		{`{"attribute":"InstanceType","expect":{"not_within":"10.0.0.0/8"}}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing","expect":{"not_within":"10.0.0.0/8"}}`, none, everqual.Mistyped},
		{`{"attribute":"Cidrs","expect":{"within":"ten"}}`, none, everqual.Invalid},
		// versions
		{`{"attribute":"Engine","expect":{"version":{">=":"14.2","<":"15"}}}`, pass, ""},
		{`{"attribute":"Engine","expect":{"version":{"<":"14.2"}}}`, fail, ""},
		{`{"attribute":"Engine","expect":{"version":{"=":"14.10.0"}}}`, pass, ""},
		{`{"attribute":"Engine","expect":{"version":{"!=":"14.10"}}}`, fail, ""},
		{`{"attribute":"Odd","expect":{"version":{">=":"5.6"}}}`, pass, ""},
		{`{"attribute":"Odd","expect":{"version":{">=":"5.7"}}}`, none, everqual.Mistyped},
		{`{"attribute":"Seven","expect":{"version":{">=":"5.7"}}}`, none, everqual.Mistyped},
		{`{"attribute":"Engine","expect":{"version":{"~":"5.7"}}}`, none, everqual.Invalid},
		// age
		{`{"attribute":"LaunchTime","expect":{"younger_than":"31d"}}`, pass, ""},
		{`{"attribute":"LaunchTime","expect":{"younger_than":"30d"}}`, fail, ""},
		{`{"attribute":"LaunchTime","expect":{"older_than":"4w1d"}}`, pass, ""},
		{`{"attribute":"InstanceType","expect":{"older_than":"4w"}}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing","expect":{"younger_than":"90d"}}`, fail, ""},
		{`{"attribute":"LaunchTime","expect":{"older_than":"soon"}}`, none, everqual.Invalid},
		// existence
		{`{"attribute":"InstanceType","expect":{"exists":true}}`, pass, ""},
		{`{"attribute":"Nothing","expect":{"exists":true}}`, fail, ""},
		{`{"attribute":"Nothing","expect":{"exists":false}}`, pass, ""},
		{`{"attribute":"Absent","expect":{"exists":false}}`, pass, ""},
		{`{"attribute":"Absent","expect":{"exists":true}}`, fail, ""},
		{`{"attribute":"Absent","expect":{"not":{"exists":false}}}`, fail, ""},
		{`{"attribute":"None","expect":{"exists":true}}`, fail, ""},
		{`{"attribute":"None","expect":{"empty":true}}`, pass, ""},
		{`{"attribute":"Text","expect":{"empty":true}}`, pass, ""},
		{`{"attribute":"Logs","expect":{"empty":false}}`, pass, ""},
		{`{"attribute":"Absent","expect":{"empty":true}}`, pass, ""},
		{`{"attribute":"Volumes[].KmsKeyId","expect":{"exists":true}}`, fail, ""},
		{`{"attribute":"Volumes[].Snapshot","expect":{"exists":false}}`, pass, ""},
		{`{"attribute":"Volumes[].Snapshot","expect":{"empty":true}}`, pass, ""},
		// combinators
		{`{"attribute":"Seven","expect":{"all_of":[{"at_least":7},{"below":8}]}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"all_of":[{"at_least":7},{"above":7}]}}`, fail, ""},
		{`{"attribute":"Seven","expect":{"all_of":[{"starts_with":"7"},{"above":7}]}}`, fail, ""},
		{`{"attribute":"Seven","expect":{"all_of":[{"starts_with":"7"},{"above":6}]}}`, none, everqual.Mistyped},
		{`{"attribute":"Seven","expect":{"any_of":[{"starts_with":"7"},{"above":6}]}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"any_of":[{"starts_with":"7"},{"above":7}]}}`, none, everqual.Mistyped},
		{`{"attribute":"Absent","expect":{"any_of":[{"exists":false},"x"]}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"none_of":[1,2]}}`, pass, ""},
		{`{"attribute":"Seven","expect":{"none_of":[1,7]}}`, fail, ""},
		{`{"attribute":"Seven","expect":{"none_of":[1,{"starts_with":"7"}]}}`, none, everqual.Mistyped},
		{`{"attribute":"Seven","expect":{"all_of":[]}}`, none, everqual.Invalid},
		{`{"attribute":"Seven","expect":{"sounds_like":7}}`, none, everqual.Invalid},
		// the lists of a projection
		{`{"attribute":"Volumes[].Encrypted","expect":true}`, fail, ""},
		{`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":"any"}`, pass, ""},
		{`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":"none"}`, fail, ""},
		{`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":{"count":2}}`, pass, ""},
		{`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":{"at_least":3}}`, fail, ""},
		{`{"attribute":"Volumes[].Encrypted","expect":true,"quantifier":{"at_most":2}}`, pass, ""},
		{`{"attribute":"Volumes[?Size>` + "`10`" + `].Encrypted","expect":true}`, pass, ""},
		{`{"attribute":"Volumes[].Encrypted","expect":{"not":true}}`, fail, ""},
		{`{"attribute":"Volumes[].Size","expect":{"any_of":[8,20,100]}}`, pass, ""},
		{`{"attribute":"None","expect":true}`, none, everqual.NoMatch},
		{`{"attribute":"None","expect":true,"empty":"PASS"}`, pass, ""},
		{`{"attribute":"None","expect":true,"quantifier":"none"}`, none, everqual.NoMatch},
		{`{"attribute":"None","expect":{"contains":"x"},"quantifier":"all"}`, none, everqual.NoMatch},
		{`{"attribute":"None","expect":{"exists":false},"quantifier":"all"}`, none, everqual.NoMatch},
		{`{"attribute":"None","expect":{"exists":false}}`, pass, ""},
		{`{"attribute":"None","expect":{"exists":true}}`, fail, ""},
		{`{"attribute":"None","expect":{"contains_none":["x"]}}`, none, everqual.NoMatch},
		{`{"attribute":"None","expect":{"not":{"contains_any":["x"]}}}`, none, everqual.NoMatch},
		{`{"attribute":"None","expect":{"contains_any":["x"]}}`, fail, ""},
		{`{"attribute":"None","expect":{"length":0}}`, pass, ""},
		{`{"attribute":"None","expect":{"same_set":[]}}`, pass, ""},
		{`{"attribute":"Volumes[?Size>` + "`1000`" + `] | [0].Encrypted","expect":true}`, none, everqual.NoMatch},
		{`{"attribute":"Volumes[?Size>` + "`1000`" + `] | [0].Encrypted","expect":true,"empty":"NOT APPLICABLE"}`, everqual.NotApplicable, ""},
		{`{"attribute":"InstanceType","expect":"m5.large","quantifier":"all"}`, none, everqual.Mistyped},
		{`{"attribute":"Logs","expect":{"all_of":[{"length":2},{"starts_with":"e"}]}}`, none, everqual.Invalid},
		{`{"attribute":"Logs","expect":"error","quantifier":"most"}`, none, everqual.Invalid},
		// what is absent, alone and in a projection
		{`{"attribute":"Absent","expect":true}`, none, everqual.NoAttribute},
		{`{"attribute":"MetadataOptions.HttpToken","expect":"required"}`, none, everqual.NoAttribute},
		{`{"attribute":"Volumes.Encrypted","expect":true}`, none, everqual.NoAttribute},
		{`{"attribute":"InstanceType.Name","expect":true}`, none, everqual.NoAttribute},
		{`{"attribute":"Volumes[].KmsKeyId","expect":"k1","quantifier":"any"}`, pass, ""},
		{`{"attribute":"Volumes[].KmsKeyId","expect":"k1"}`, fail, ""},
		{`{"attribute":"Volumes[:2].KmsKeyId","expect":"k1"}`, fail, ""},
		{`{"attribute":"Volumes[?Size!=` + "`100`" + `].KmsKeyId","expect":"k1"}`, none, everqual.NoAttribute},
		{`{"attribute":"Volumes[].KmsKeyId","expect":{"length":3}}`, none, everqual.NoAttribute},
		{`{"attribute":"length(Volumes[].KmsKeyId)","expect":1}`, none, everqual.NoAttribute},
		{`{"attribute":"length(Absent)","expect":1}`, none, everqual.NoAttribute},
		{`{"attribute":"not_null(Absent, InstanceType)","expect":"m5.large"}`, pass, ""},
		{`{"attribute":"Absent || InstanceType","expect":"m5.large"}`, pass, ""},
		{`{"attribute":"Volumes[?KmsKeyId].KmsKeyId","expect":"k1"}`, pass, ""},
		{`{"attribute":"Volumes[?Iops > ` + "`1`" + `].Size","expect":20}`, none, everqual.NoAttribute},
		{`{"attribute":"InstanceType[]","expect":true}`, none, everqual.Mistyped},
		{`{"attribute":"Nothing[].X","expect":true}`, none, everqual.NoMatch},
		{`{"attribute":"length(Seven)","expect":1}`, none, everqual.Mistyped},
		{`{"attribute":"Volumes[","expect":1}`, none, everqual.Invalid},
		{`{"attribute":"","expect":1}`, none, everqual.Invalid},
		{`{"attribute":"nosuch(Seven)","expect":1}`, none, everqual.Mistyped},
		// tags
		{`{"attribute":"TagMap.Role","expect":"app"}`, pass, ""},
		{`{"attribute":"TagMap.Owner","expect":"qa"}`, fail, ""},
		{`{"attribute":"TagMap.Owner","expect":{"exists":true}}`, fail, ""},
		{`{"attribute":"keys(TagMap)","expect":{"contains_all":["Role","System"]}}`, pass, ""},
		{`{"attribute":"Tags[?Key=='Role'].Value | [0]","expect":"app"}`, pass, ""},
	}
	o := observe(t, server)
	for _, test := range tests {
		t.Run(test.test, func(t *testing.T) {
			v := judge(o, testCase(t, test.test))
			if v.Outcome != test.outcome || v.Reason != test.reason {
				t.Errorf("got %s %s (%s; actual %s), want %s %s", v.Outcome, v.Reason, v.Detail, v.Actual, test.outcome, test.reason)
			}
		})
	}
}
