package intake_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/google/go-cmp/cmp"
)

const instanceStopped = `{"version":"0","id":"env-1","detail-type":"EC2 Instance State-change Notification","source":"aws.ec2","account":"111122223333","time":"2024-01-02T03:04:05Z","region":"eu-central-1","resources":["arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc"],"detail":{"instance-id":"i-0abc","state":"stopped"}}`

func TestFromEnvelope(t *testing.T) {
	got, err := intake.FromEnvelope([]byte(instanceStopped), here)
	want := everqual.ChangeEvent{
		ID: "env-1", Source: "eventbridge", Service: "aws.ec2", Name: "EC2 Instance State-change Notification",
		Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), Account: "111122223333", Region: "eu-central-1",
		Place: here, Envelope: json.RawMessage(instanceStopped),
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, event (-want +got):\n%s", err, diff)
	}
}

// TestSameEventByBothRoads reads a record from a log file, and again as
// EventBridge would deliver it.
func TestSameEventByBothRoads(t *testing.T) {
	for name, members := range map[string]string{
		"call":     `"awsRegion":"eu-west-1","recipientAccountId":"1"`,
		"addendum": `"addendum":{"originalEventID":"first"}`,
		"no id":    `"eventID":"-"`,
		"insight":  `"eventType":"AwsCloudTrailInsight","eventSource":"-","eventName":"-"`,
	} {
		t.Run(name, func(t *testing.T) {
			logged, err := intake.FromRecord(record(t, members), here)
			if err != nil {
				t.Fatal(err)
			}
			delivered := strings.Replace(string(logged.Envelope), `"id":"`, `"id":"another-`, 1)
			got, err := intake.Parse([]byte(delivered), here)
			if err != nil {
				t.Fatal(err)
			}
			want := logged
			want.Source, want.Envelope = "eventbridge", json.RawMessage(delivered)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("event (-logged +delivered):\n%s", diff)
			}
		})
	}
}

func TestFromEnvelopeFields(t *testing.T) {
	with := func(old, new string) []byte { return []byte(strings.Replace(instanceStopped, old, new, 1)) }
	for name, tc := range map[string]struct {
		raw  []byte
		want string // error, or "" and then the ID
	}{
		"no version":        {with(`"version":"0",`, ""), ""},
		"version 1":         {with(`"version":"0"`, `"version":"1"`), `EventBridge event version "1" is unknown`},
		"no detail":         {with(`"detail":`, `"details":`), "the EventBridge event has no detail object"},
		"detail is text":    {with(`"detail":{`, `"detail":"x","d":{`), "the EventBridge event has no detail object"},
		"no source":         {with(`"source":`, `"sauce":`), "source is missing"},
		"no time":           {with(`"time":`, `"thyme":`), "time is missing"},
		"wrong time":        {with(`2024-01-02T`, `yesterday`), `time "yesterday03:04:05Z" is no time`},
		"id is a number":    {with(`"id":"env-1"`, `"id":1`), "id is no text"},
		"not this type":     {with(`"EC2 Instance State-change Notification"`, `"AWS API Call via CloudTrail"`), "detail: eventSource is missing"},
		"type is no text":   {with(`"EC2 Instance State-change Notification"`, `null`), "detail-type is missing"},
		"two different ids": {with(`"id":"env-1"`, `"id":"env-1","id":"env-2"`), "id appears twice with different values"},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := intake.Parse(tc.raw, here)
			switch {
			case tc.want == "" && (err != nil || e.ID != "env-1"):
				t.Errorf("ID %q, %v", e.ID, err)
			case tc.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tc.want) || !everqual.IsPermanent(err)):
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
	noID := []byte(strings.Replace(instanceStopped, `"id":"env-1",`, "", 1))
	if e, err := intake.FromEnvelope(noID, here); err != nil || e.ID != string(everqual.DigestOf(noID)) {
		t.Errorf("without an id: ID %q, %v", e.ID, err)
	}
	custom := []byte(strings.Replace(instanceStopped, `"detail":{`, `"detail":{"eventID":"own","eventName":"Run","eventSource":"ec2.amazonaws.com","eventTime":"2024-01-02T03:04:05Z",`, 1))
	if e, err := intake.FromEnvelope(custom, here); err != nil || e.ID != "own" || e.Account != "111122223333" || e.Region != "eu-central-1" {
		t.Errorf("record under another detail-type: %+v, %v", e, err)
	}
}
