package awsresource_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
)

// managed is an instance that Run Command reaches, with the document as it is in
// the account and what the command prints.
func managed(t *testing.T, content, output string) canned {
	t.Helper()
	text := func(s string) string { return string(must[[]byte](t)(json.Marshal(s))) }
	return canned{
		"sts:GetCallerIdentity":           identityReply,
		"ec2:DescribeInstances":           `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><reservationSet><item><instancesSet><item><instanceId>i-1</instanceId><instanceState><name>running</name></instanceState></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`,
		"ec2:DescribeVolumes":             `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet/></DescribeVolumesResponse>`,
		"ec2:DescribeInstanceAttribute":   `<DescribeInstanceAttributeResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><instanceId>i-1</instanceId></DescribeInstanceAttributeResponse>`,
		"ssm:DescribeInstanceInformation": `{"InstanceInformationList":[]}`,
		"ssm:DescribeDocument":            `{"Document":{"Name":"Everqual-LinuxFacts","DefaultVersion":"3","Hash":"ab12"}}`,
		"ssm:GetDocument":                 `{"Name":"Everqual-LinuxFacts","Content":` + text(content) + `}`,
		"ssm:SendCommand":                 `{"Command":{"CommandId":"00000000-0000-0000-0000-000000000001"}}`,
		"ssm:GetCommandInvocation":        `{"Status":"Success","StandardOutputContent":` + text(output) + `}`,
	}
}

func operatingSystem(t *testing.T, c canned) everqual.Observation {
	t.Helper()
	environment(t, "http://127.0.0.1:1")
	d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		Transport: c, MaxAttempts: 1, Attach: []string{"os"}, Poll: time.Millisecond,
	}))
	o, _, _ := observe(t, d, everqual.Resource{ID: "arn:aws:ec2:eu-central-1:111122223333:instance/i-1", Type: "AWS::EC2::Instance"}, time.Now)
	return o
}

const printed = "Facts\tVersion\t1\nSystem\tDistribution\trhel\nFiles\t/etc/passwd\tsha256:00\nFacts\tEnd\t1\n"

func TestOperatingSystem(t *testing.T) {
	for _, platform := range []string{"linux", "windows"} {
		if _, text, err := awsresource.Document(platform); err != nil || !json.Valid(text) {
			t.Errorf("document for %s: %v", platform, err)
		}
	}
	_, shipped, err := awsresource.Document("linux")
	if err != nil {
		t.Fatal(err)
	}
	o := operatingSystem(t, managed(t, string(shipped), printed))
	got, _ := json.Marshal(o.Attributes["OperatingSystem"])
	if want := `{"Document":{"Hash":"ab12","Name":"Everqual-LinuxFacts","Version":"3"},"Facts":{"Files":{"/etc/passwd":"sha256:00"},"System":{"Distribution":"rhel"}}}`; string(got) != want {
		t.Errorf("facts %s; unread %+v", got, o.Unread)
	}
	for name, c := range map[string]struct{ content, output, message string }{
		"another document": {`{"schemaVersion":"2.2"}`, printed, "is not the shipped one, and is not run"},
		"cut off":          {string(shipped), printed[:40], "is not whole"},
		"no fact":          {string(shipped), strings.Replace(printed, "System\t", "System ", 1), "line 2 of the output is no fact"},
	} {
		c2 := managed(t, c.content, c.output)
		if name == "another document" {
			delete(c2, "ssm:SendCommand") // it would be refused, and say so
		}
		o := operatingSystem(t, c2)
		if len(o.Unread) != 1 || o.Unread[0].Path != "OperatingSystem" || !strings.Contains(o.Unread[0].Message, c.message) {
			t.Errorf("%s: unread %+v", name, o.Unread)
		}
	}
	replies := managed(t, string(shipped), printed)
	delete(replies, "ssm:SendCommand")
	if o := operatingSystem(t, replies); len(o.Unread) != 1 || o.Unread[0].Call != "ssm:SendCommand" || o.Unread[0].Reason != everqual.Denied {
		t.Errorf("denied: unread %+v", o.Unread)
	}
}
