package assess_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

const before = `{
  "InstanceType": "m5.large", "EbsOptimized": true, "Gone": null, "Kernel": "k",
  "Tags": [{"Key": "Name", "Value": "app-1"}, {"Key": "Role", "Value": "app"}, {"Key": "System", "Value": "LIMS"}],
  "Volumes": [{"VolumeId": "vol-1", "Encrypted": true, "Size": 20}, {"VolumeId": "vol-2", "Encrypted": true, "Size": 100}],
  "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "lims-app"}],
  "IpPermissions": [
    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "plant"}]},
    {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5010, "IpRanges": []}
  ],
  "Logs": ["a", "b"], "Ordered": [1, 2, 3], "Odd": [{"x": 1}, {"x": 2}], "a.b": 1,
  "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}, "Policy": {"Statement": []}
}`

const after = `{
  "InstanceType": "m5.xlarge", "EbsOptimized": true, "Gone": 1, "Platform": null,
  "Tags": [{"Key": "Name", "Value": "app-1b"}, {"Key": "System", "Value": "LIMS"}, {"Key": "Temp", "Value": ""}],
  "Volumes": [{"VolumeId": "vol-2", "Encrypted": true, "Size": 200}, {"VolumeId": "vol-3", "Encrypted": false, "Size": 8}],
  "SecurityGroups": [{"GroupId": "sg-1", "GroupName": "lims-app"}, {"GroupId": "sg-2", "GroupName": "open"}],
  "IpPermissions": [
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "plant B"}, {"CidrIp": "0.0.0.0/0"}]}
  ],
  "Logs": ["b", "c"], "Ordered": [3, 2, 1], "Odd": [{"x": 2}, {"x": 3, "y": "z"}], "a.b": 2,
  "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}, "Policy": {"Statement": [1]}
}`

func TestDiff(t *testing.T) {
	o, p := observe(t, before), observe(t, after)
	p.Unread = []everqual.Unread{{Path: "Policy", Reason: everqual.Denied, Call: "s3:GetBucketPolicy"}}
	b, err := json.MarshalIndent(assess.Diff(o, p), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/drift.json", string(b)+"\n")
}

func TestDiffOfStateAndOfWhatIsUnread(t *testing.T) {
	o, gone := observe(t, before), observe(t, `{}`)
	gone.State = everqual.Deleted
	want := assess.Drift{Changes: []assess.Change{{Path: "State", Kind: assess.Changed, Before: "PRESENT", After: "DELETED"}}}
	if diff := cmp.Diff(want, assess.Diff(o, gone)); diff != "" {
		t.Error(diff)
	}
	dark := observe(t, `{}`)
	dark.Unread = []everqual.Unread{{Reason: everqual.Throttled}}
	want = assess.Drift{Unreadable: dark.Unread}
	if diff := cmp.Diff(want, assess.Diff(o, dark)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(want, assess.Diff(dark, o)); diff != "" {
		t.Error("what was not read before cannot be compared either:", diff)
	}
}

func event(t *testing.T, id, name, parameters string) everqual.ReceivedEvent {
	t.Helper()
	if !json.Valid([]byte(parameters)) {
		t.Fatal(parameters)
	}
	return everqual.ReceivedEvent{ChangeEvent: everqual.ChangeEvent{
		ID: id, Name: name, Envelope: json.RawMessage(`{"detail":{"eventName":"` + name + `","requestParameters":` + parameters + `}}`),
	}}
}

func TestAttribute(t *testing.T) {
	events := []everqual.ReceivedEvent{
		event(t, "run", "RunInstances", `{"instancesSet":{"items":[{"imageId":"ami-1"}]}}`),
		event(t, "type-1", "ModifyInstanceAttribute", `{"instanceId":"i-1","instanceType":{"value":"m5.xlarge"}}`),
		event(t, "type-2", "ModifyInstanceAttribute", `{"instanceId":"i-1","instanceType":{"value":"m5.2xlarge"}}`),
		event(t, "protection", "ModifyInstanceAttribute", `{"instanceId":"i-1","disableApiTermination":{"value":false}}`),
		event(t, "untag", "DeleteTags", `{"resourcesSet":{"items":[{"resourceId":"i-1"}]},"tagSet":{"items":[{"key":"Role"}]}}`),
		event(t, "tag", "CreateTags", `{"resourcesSet":{"items":[{"resourceId":"i-1"}]},"tagSet":{"items":[{"key":"Owner","value":"lab"}]}}`),
		event(t, "open", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]}}]}}`),
		event(t, "more", "AuthorizeSecurityGroupIngress", `{"groupId":"sg-1","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]}}]}}`),
		event(t, "rds", "ModifyDBInstance", `{"dBInstanceIdentifier":"lims","deletionProtection":false,"applyImmediately":true}`),
		event(t, "versioning", "PutBucketVersioning", `{"bucketName":"b","VersioningConfiguration":{"Status":"Suspended"}}`),
		event(t, "end", "TerminateInstances", `{"instancesSet":{"items":[{"instanceId":"i-1"}]}}`),
		{ChangeEvent: everqual.ChangeEvent{ID: "odd", Name: "Odd", Envelope: json.RawMessage(`not JSON`)}},
		event(t, "none", "StopInstances", `null`),
	}
	all := "run type-1 type-2 protection untag tag open more rds versioning end odd none"
	tests := []struct {
		change assess.Change
		want   string
	}{
		{assess.Change{Path: "InstanceType", Kind: assess.Changed, Before: "m5.large", After: "m5.2xlarge"}, "type-2"},
		{assess.Change{Path: "InstanceType", Kind: assess.Changed, Before: "m5.large", After: "c5.large"}, "type-1 type-2"},
		{assess.Change{Path: "DisableApiTermination.Value", Kind: assess.Changed, Before: true, After: false}, "protection"},
		{assess.Change{Path: "Tags[Role]", Kind: assess.Removed, Before: "app"}, "untag"},
		{assess.Change{Path: "Tags[Owner]", Kind: assess.Added, After: "lab"}, "tag"},
		{assess.Change{Path: "IpPermissions[tcp 22]", Kind: assess.Added, After: map[string]any{
			"IpProtocol": "tcp", "FromPort": 22.0, "ToPort": 22.0, "IpRanges": []any{map[string]any{"CidrIp": "0.0.0.0/0"}},
		}}, "open"},
		{assess.Change{Path: "IpPermissions[tcp 443].IpRanges[10.0.0.0/8]", Kind: assess.Added, After: map[string]any{"CidrIp": "10.0.0.0/8"}}, "more"},
		{assess.Change{Path: "DeletionProtection", Kind: assess.Changed, Before: true, After: false}, "rds"},
		{assess.Change{Path: "Versioning.Status", Kind: assess.Changed, Before: "Enabled", After: "Suspended"}, "versioning"},
		{assess.Change{Path: "State", Kind: assess.Changed, Before: "PRESENT", After: "DELETED"}, "end"},
		{assess.Change{Path: "Placement.Tenancy", Kind: assess.Changed, Before: "default", After: "host"}, all},
	}
	for _, test := range tests {
		t.Run(test.change.Path, func(t *testing.T) {
			var ids []string
			for _, e := range assess.Attribute(test.change, events) {
				ids = append(ids, e.ID)
			}
			if got := strings.Join(ids, " "); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if got := assess.Attribute(tests[0].change, nil); len(got) != 0 {
		t.Error(got)
	}
}
