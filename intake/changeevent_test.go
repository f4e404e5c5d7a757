package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/google/go-cmp/cmp"
)

// asMessage writes an event as a target receives it.
func asMessage(t testing.TB, e everqual.ChangeEvent) string {
	t.Helper()
	e.Place = everqual.Place{}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b.String())
}

// delivered returns the envelopes of a call, an addendum, an event without an
// id and a service's own event.
func delivered(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"service": instanceStopped, "service without an id": strings.Replace(instanceStopped, `"id":"env-1",`, "", 1)}
	for name, members := range map[string]string{
		"call":     `"awsRegion":"eu-west-1","recipientAccountId":"1","readOnly":false,"userAgent":"a \"quoted\" agent","sourceIPAddress":"192.0.2.1"`,
		"failed":   `"errorCode":"AccessDenied","errorMessage":"no, you may not"`,
		"addendum": `"addendum":{"originalEventID":"first"}`,
		"no id":    `"eventID":"-"`,
	} {
		e, err := intake.FromRecord(record(t, members), here)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(e.Envelope)
	}
	return out
}

func TestMessageIsItsEnvelope(t *testing.T) {
	for name, envelope := range delivered(t) {
		t.Run(name, func(t *testing.T) {
			want, err := intake.FromEnvelope([]byte(envelope), here)
			if err != nil {
				t.Fatal(err)
			}
			for form, raw := range map[string]string{
				"every key":     asMessage(t, want),
				"envelope only": `{"envelope":` + envelope + `}`,
				"empty keys":    `{"id":"","source":"eventbridge","time":"","actor":{"type":"","arn":null},"read_only":"","error_code":"","envelope":` + envelope + `}`,
				"read_only":     `{"read_only":"false","envelope":` + envelope + `}`,
				"no actor":      `{"actor":"","envelope":` + envelope + `}`,
				"another place": `{"place":{"input":"elsewhere"},"envelope":` + envelope + `}`,
				"indented":      "{\n\t\"envelope\": " + envelope + "\n}",
			} {
				got, err := intake.Parse([]byte(raw), here)
				if diff := cmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("%s: %v, event (-of the envelope +of the message):\n%s", form, err, diff)
				}
			}
		})
	}
}

// TestMessageOfAnAddendum gives the only id that a template can write.
func TestMessageOfAnAddendum(t *testing.T) {
	envelope := delivered(t)["addendum"]
	want, err := intake.FromEnvelope([]byte(envelope), here)
	if err != nil {
		t.Fatal(err)
	}
	id, _, ok := strings.Cut(want.ID, "/addendum/")
	if !ok {
		t.Fatalf("ID %s", want.ID)
	}
	got, err := intake.Parse([]byte(`{"id":"`+id+`","envelope":`+envelope+`}`), here)
	if err != nil || got.ID != want.ID {
		t.Errorf("ID %q, %v, want %q", got.ID, err, want.ID)
	}
}

// TestMessageContradicts changes one key at a time: each is an error that names
// it, and no event.
func TestMessageContradicts(t *testing.T) {
	envelope := delivered(t)["call"]
	for key, value := range map[string]string{
		"id": `"another"`, "source": `"cloudtrail"`, "service": `"rds.amazonaws.com"`, "name": `"StopInstances"`,
		"time": `"2031-01-01T00:00:00Z"`, "account": `"2"`, "region": `"eu-west-2"`, "read_only": `true`,
		"error_code": `"AccessDenied"`, "error_message": `"no"`, "corrects": `"first"`,
	} {
		contradicts(t, key, `{"`+key+`":`+value+`,"envelope":`+envelope+`}`)
	}
	for _, key := range []string{"type", "arn", "name", "account", "invoked_by", "source_ip", "user_agent"} {
		contradicts(t, "actor."+key, `{"actor":{"`+key+`":"mallory"},"envelope":`+envelope+`}`)
	}
}

func contradicts(t *testing.T, key, raw string) {
	t.Helper()
	e, err := intake.Parse([]byte(raw), here)
	if err == nil || !strings.HasPrefix(err.Error(), key+" is ") || !strings.Contains(err.Error(), "but the envelope says") ||
		!everqual.IsPermanent(err) || e.ID != "" {
		t.Errorf("%s: event %q, error %v", key, e.ID, err)
	}
}

func TestMessageErrors(t *testing.T) {
	for name, tc := range map[string]struct{ raw, want string }{
		"envelope is text":  {`{"id":"a","envelope":"{}"}`, "envelope is no object"},
		"envelope is null":  {`{"id":"a","envelope":null}`, "envelope is no object"},
		"no envelope":       {`{"id":"a","source":"eventbridge","service":"aws.ec2"}`, "neither a CloudTrail record"},
		"not an envelope":   {`{"envelope":{"a":1}}`, "envelope: the EventBridge event has no detail object"},
		"two envelopes":     {`{"envelope":` + instanceStopped + `,"envelope":{}}`, "envelope appears twice"},
		"two ids":           {`{"id":"env-1","id":"x","envelope":` + instanceStopped + `}`, "id appears twice"},
		"time is no time":   {`{"time":"now","envelope":` + instanceStopped + `}`, `time "now" is no time`},
		"actor is text":     {`{"actor":"root","envelope":` + instanceStopped + `}`, "actor is no object"},
		"name is an object": {`{"name":{},"envelope":` + instanceStopped + `}`, "name is "},
	} {
		if e, err := intake.Parse([]byte(tc.raw), here); err == nil || !strings.HasPrefix(err.Error(), tc.want) || e.ID != "" {
			t.Errorf("%s: event %q, error %v", name, e.ID, err)
		}
	}
}

// TestCarried reads events as SNS and SQS deliver them, one in the other too.
func TestCarried(t *testing.T) {
	want, err := intake.FromEnvelope([]byte(instanceStopped), here)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) string {
		b, _ := json.Marshal(s)
		return string(b)
	}
	sns := func(s string) string {
		return `{"Type":"Notification","MessageId":"m","TopicArn":"arn:aws:sns:eu-central-1:111122223333:t","Message":` + text(s) + `,"Timestamp":"2024-01-02T03:04:05Z"}`
	}
	sqs := func(s string) string { return `{"messageId":"m","receiptHandle":"r","body":` + text(s) + `}` }
	for name, raw := range map[string]string{
		"SNS": sns(instanceStopped), "SQS": sqs(instanceStopped), "SNS in SQS": sqs(sns(instanceStopped)),
		"SNS of a message": sns(asMessage(t, want)), "SQS of a message": sqs(asMessage(t, want)), "indented": sqs("{\n " + instanceStopped[1:]),
	} {
		got, err := intake.Parse([]byte(raw), here)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s: %v, event (-want +got):\n%s", name, err, diff)
		}
	}
	var ids []string
	var r intake.Reader
	for item := range r.Read(context.Background(), "in", strings.NewReader(`{"Records":[`+sqs(instanceStopped)+`,`+sqs(rec("b"))+`]}`)) {
		ids = append(ids, item.Event.ID)
	}
	if diff := cmp.Diff([]string{"env-1", "b"}, ids); diff != "" {
		t.Errorf("a batch from a queue (-want +got):\n%s", diff)
	}
	for name, tc := range map[string]struct{ raw, want string }{
		"plain text":      {sns("it works"), "Message holds no event"},
		"no text":         {`{"messageId":"m","body":{}}`, "body holds no event"},
		"damaged":         {sqs(`{"a":`), "body: not JSON"},
		"a log file":      {sqs(`{"Records":[]}`), "body: a document of records, not one event"},
		"contradiction":   {sns(`{"id":"x","envelope":` + instanceStopped + `}`), `Message: id is "x", but the envelope says "env-1"`},
		"a subscription":  {`{"Type":"SubscriptionConfirmation","MessageId":"m","Message":"You have chosen"}`, "an SNS message that notifies of nothing"},
		"an empty notice": {sns(""), "Message holds no event"},
	} {
		if e, err := intake.Parse([]byte(tc.raw), here); err == nil || !strings.HasPrefix(err.Error(), tc.want) || e.ID != "" {
			t.Errorf("%s: event %q, error %v", name, e.ID, err)
		}
	}
}
