package flow_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

// signedRecord is what CloudTrail signed.
const signedRecord = `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/anna","accountId":"111122223333","userName":"anna"},
	"eventTime":"2026-03-02T09:15:00Z","eventSource":"ec2.amazonaws.com","eventName":"ModifyVolume","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.1",
	"userAgent":"a <b> & c","requestParameters":{"volumeId":"vol-1","size":10000000,"big":12345678901234567890},"responseElements":null,"eventID":"e-1",
	"readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management",
	"resources":[{"ARN":"arn:aws:ec2:eu-central-1:111122223333:volume/vol-1"}],"tlsDetails":{"tlsVersion":"TLSv1.3"}}`

// envelope is a record as EventBridge delivers it.
func envelope(record string) string {
	return `{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333",
		"time":"2026-03-02T09:15:00Z","region":"eu-central-1","resources":[],"detail":` + record + `}`
}

func replaced(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(signedRecord) }

// The ledger must hold the event that CloudTrail signed, not only its ID.
func TestReconcileCompares(t *testing.T) {
	for name, c := range map[string]struct {
		kept, differs string
	}{
		"the same":                 {signedRecord, ""},
		"by way of EventBridge":    {envelope(signedRecord), ""},
		"written anew":             {envelope(replaced(`10000000`, `1.0E7`, `a <b>`, `\u0061 \u003cb\u003e`, `"responseElements":null,`, ``)), ""},
		"without what came later":  {envelope(replaced(`,"managementEvent":true`, ``, `,"eventCategory":"Management"`, ``, `,"tlsDetails":{"tlsVersion":"TLSv1.3"}`, ``, `"recipientAccountId":"111122223333",`, ``, `"readOnly":false,`, ``)), ""},
		"another name":             {replaced(`ModifyVolume`, `CreateTags`), `eventName is "CreateTags" in the ledger, and CloudTrail signed "ModifyVolume"`},
		"another service":          {replaced(`ec2.amazonaws`, `foo.amazonaws`), "eventSource is"},
		"another time":             {replaced(`09:15:00Z`, `09:14:00Z`), "eventTime is"},
		"another region":           {replaced(`"awsRegion":"eu-central-1"`, `"awsRegion":"us-east-1"`), "awsRegion is"},
		"another account":          {replaced(`"recipientAccountId":"111122223333"`, `"recipientAccountId":"444455556666"`), "recipientAccountId is"},
		"another user":             {replaced(`user/anna`, `user/bert`), "userIdentity.arn is"},
		"another kind of user":     {replaced(`IAMUser`, `Root`), "userIdentity is"},
		"an error":                 {replaced(`"readOnly":false`, `"readOnly":false,"errorCode":"AccessDenied"`), "errorCode is"},
		"another request":          {replaced(`vol-1","size"`, `vol-2","size"`), "requestParameters is"},
		"another digit":            {replaced(`12345678901234567890`, `12345678901234567891`), "requestParameters is"},
		"another resource":         {replaced(`volume/vol-1`, `volume/vol-2`), "resources is"},
		"a resource more":          {replaced(`"resources":[`, `"resources":[{},`), "resources is"},
		"no request":               {replaced(`"requestParameters":{"volumeId":"vol-1","size":10000000,"big":12345678901234567890},`, ``), "requestParameters is absent in the ledger"},
		"a reply":                  {replaced(`"responseElements":null`, `"responseElements":{"x":1}`), "responseElements is"},
		"another TLS":              {replaced(`TLSv1.3`, `TLSv1.2`), "tlsDetails is"},
		"a member more":            {replaced(`"eventType"`, `"additionalEventData":{},"eventType"`), "additionalEventData is"},
		"two requests":             {replaced(`"responseElements"`, `"requestParameters":{"volumeId":"vol-2"},"responseElements"`), `"requestParameters" occurs twice`},
		"an envelope of others":    {strings.Replace(envelope(signedRecord), `"aws.ec2"`, `"aws.foo"`, 1), "source is"},
		"an envelope of something": {strings.Replace(envelope(signedRecord), `AWS API Call`, `Nothing`, 1), "detail-type is"},
		"an event without record":  {`{"version":"0","id":"e-1","detail-type":"ModifyVolume","source":"ec2.amazonaws.com","account":"111122223333","time":"2026-03-02T09:15:00Z","region":"eu-central-1","detail":{}}`, "userIdentity.arn is"},
	} {
		t.Run(name, func(t *testing.T) {
			kept := parsed(t, c.kept)
			l := ledger.New(&ledgertest.Memory{}, time.Now)
			_, _, err := l.Append(t.Context(), ledger.Entry{Kind: everqual.KindChangeEvent, Key: "event:" + kept.ID, Subjects: []string{"event:" + kept.ID},
				Body: everqual.ReceivedEvent{ChangeEvent: kept, Class: everqual.Unmatched, Rule: "ec2"}})
			if err != nil {
				t.Fatal(err)
			}
			r, err := (&flow.Corridor{Home: flow.Home{Ledger: l}}).Reconcile(t.Context(), parsed(t, signedRecord))
			want := flow.FateOutOfScope
			if c.differs != "" {
				want = flow.FateDiffers
			}
			if err != nil || r.Fate != want || !strings.Contains(r.Why, c.differs) || r.Entry != 1 || r.Fate.Accounted() != (c.differs == "") {
				t.Errorf("%+v, %v; want %q", r, err, c.differs)
			}
		})
	}
}

func parsed(t *testing.T, text string) everqual.ChangeEvent {
	t.Helper()
	read := intake.FromRecord
	if strings.Contains(text, `"detail"`) {
		read = intake.FromEnvelope
	}
	e, err := read([]byte(text), everqual.Place{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// A failed call need not be in the ledger; where it is, it must be the one.
func TestReconcileFailed(t *testing.T) {
	l := ledger.New(&ledgertest.Memory{}, time.Now)
	c := &flow.Corridor{Home: flow.Home{Ledger: l}}
	failed := parsed(t, replaced(`"readOnly":false`, `"readOnly":false,"errorCode":"AccessDenied"`))
	if r, err := c.Reconcile(t.Context(), failed); err != nil || r.Fate != flow.FateFailed {
		t.Errorf("not in the ledger: %+v, %v", r, err)
	}
	other := parsed(t, replaced(`"readOnly":false`, `"readOnly":false,"errorCode":"Throttled"`))
	if _, _, err := l.Append(t.Context(), ledger.Entry{Kind: everqual.KindChangeEvent, Key: "event:e-1", Subjects: []string{"event:e-1"},
		Body: everqual.ReceivedEvent{ChangeEvent: other, Class: everqual.Failed}}); err != nil {
		t.Fatal(err)
	}
	if r, err := c.Reconcile(t.Context(), failed); err != nil || r.Fate != flow.FateDiffers {
		t.Errorf("another in the ledger: %+v, %v", r, err)
	}
	if r, err := c.Reconcile(t.Context(), other); err != nil || r.Fate != flow.FateFailed || r.Entry != 1 {
		t.Errorf("in the ledger: %+v, %v", r, err)
	}
}

// What could not be read answers nothing, and what was read once since does.
func TestReconcileLooks(t *testing.T) {
	const vol = everqual.ResourceID("arn:aws:ec2:eu-central-1:111122223333:volume/vol-1")
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 9, minute, 0, 0, time.UTC) } // the event is of 9:15
	denied := []everqual.Unread{{Reason: everqual.Denied, Message: "no"}}
	part := []everqual.Unread{{Path: "Tags", Reason: everqual.Denied}}
	some := everqual.Attributes{"Size": json.Number("8")}
	look := func(minute int, digest string, a everqual.Attributes, unread []everqual.Unread) everqual.Observation {
		return everqual.Observation{Resource: everqual.Resource{ID: vol, Type: "AWS::EC2::Volume"}, State: everqual.Present,
			Attributes: a, Unread: unread, Digest: everqual.DigestOf([]byte(digest)), CollectedAt: at(minute)}
	}
	for name, c := range map[string]struct {
		resources []everqual.Resource
		looks     []everqual.Observation
		want      flow.Fate
	}{
		"nobody looked":                {nil, nil, flow.FateNotObserved},
		"looked before":                {nil, []everqual.Observation{look(10, "a", some, nil)}, flow.FateNotObserved},
		"read":                         {nil, []everqual.Observation{look(20, "a", some, nil)}, flow.FateObserved},
		"read in part":                 {nil, []everqual.Observation{look(20, "a", some, part)}, flow.FateObserved},
		"every part unread":            {nil, []everqual.Observation{look(20, "a", nil, part)}, flow.FateUnread},
		"denied":                       {nil, []everqual.Observation{look(20, "a", nil, denied)}, flow.FateUnread},
		"read before, then denied":     {nil, []everqual.Observation{look(10, "a", some, nil), look(20, "b", nil, denied)}, flow.FateUnread},
		"read, then denied":            {nil, []everqual.Observation{look(20, "a", some, nil), look(30, "b", nil, denied)}, flow.FateObserved},
		"confirmed, then denied":       {nil, []everqual.Observation{look(10, "a", some, nil), look(20, "a", some, nil), look(30, "b", nil, denied)}, flow.FateObserved},
		"denied before and confirmed":  {nil, []everqual.Observation{look(10, "b", nil, denied), look(20, "b", nil, denied)}, flow.FateUnread},
		"read, denied before and then": {nil, []everqual.Observation{look(5, "a", some, nil), look(10, "b", nil, denied), look(20, "b", nil, denied)}, flow.FateUnread},
		"names no resource":            {[]everqual.Resource{}, nil, flow.FateNotObserved},
	} {
		t.Run(name, func(t *testing.T) {
			l := ledger.New(&ledgertest.Memory{}, time.Now)
			for _, o := range c.looks {
				if _, err := l.Observe(t.Context(), o); err != nil {
					t.Fatal(err)
				}
			}
			if c.resources == nil {
				c.resources = []everqual.Resource{{ID: vol, Type: "AWS::EC2::Volume"}}
			}
			e := parsed(t, signedRecord)
			if _, _, err := l.Append(t.Context(), ledger.Entry{Kind: everqual.KindChangeEvent, Key: "event:e-1", Subjects: []string{"event:e-1"},
				Body: everqual.ReceivedEvent{ChangeEvent: e, Class: everqual.Matched, Rule: "ec2", Resources: c.resources}}); err != nil {
				t.Fatal(err)
			}
			if r, err := (&flow.Corridor{Home: flow.Home{Ledger: l}}).Reconcile(t.Context(), e); err != nil || r.Fate != c.want {
				t.Errorf("%+v, %v; want %q", r, err, c.want)
			}
		})
	}
}
