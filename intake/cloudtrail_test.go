package intake_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/google/go-cmp/cmp"
)

var here = everqual.Place{Input: "log.json", Line: 7, Offset: 99}

func TestFromRecord(t *testing.T) {
	raw := full("e-1")
	got, err := intake.FromRecord([]byte(strings.Replace(raw, `,"eventName"`, " ,\n\t"+`"eventName"`, 1)), here)
	if err != nil {
		t.Fatal(err)
	}
	want := everqual.ChangeEvent{
		ID: "e-1", Source: "cloudtrail", Service: "ec2.amazonaws.com", Name: "ModifyInstanceAttribute",
		Time: time.Date(2024, 3, 1, 8, 12, 13, 0, time.UTC), Account: "111122223333", Region: "eu-central-1",
		Actor: everqual.Actor{
			Type: "AssumedRole", ARN: "arn:aws:sts::111122223333:assumed-role/lims-deploy/deploy",
			Name: "lims-deploy/deploy", Account: "111122223333", SourceIP: "192.0.2.10",
			UserAgent: "APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.39.0",
		},
		Place: here,
		Envelope: json.RawMessage(`{"version":"0","id":"e-1","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2",` +
			`"account":"111122223333","time":"2024-03-01T08:12:13Z","region":"eu-central-1","resources":[],"detail":` + raw + `}`),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
}

// record builds a record from the smallest one and the members that the case
// adds or, with null, takes away.
func record(t *testing.T, members string) []byte {
	t.Helper()
	r := map[string]json.RawMessage{}
	for _, text := range []string{rec("id"), "{" + members + "}"} {
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatal(err)
		}
	}
	for k, v := range r {
		if string(v) == `"-"` {
			delete(r, k)
		}
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestFromRecordFields(t *testing.T) {
	base, err := intake.FromRecord(record(t, ""), here)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		members string
		change  func(e *everqual.ChangeEvent)
	}{
		"read-only":           {`"readOnly":true`, func(e *everqual.ChangeEvent) { e.ReadOnly = true }},
		"read-only in quotes": {`"readOnly":"true"`, func(e *everqual.ChangeEvent) { e.ReadOnly = true }},
		"mutating in quotes":  {`"readOnly":"false"`, func(e *everqual.ChangeEvent) {}},
		"odd read-only":       {`"readOnly":{"true":true}`, func(e *everqual.ChangeEvent) {}},
		"read-only null":      {`"readOnly":null`, func(e *everqual.ChangeEvent) {}},
		"error": {`"errorCode":"AccessDenied","errorMessage":"no \"way\""`, func(e *everqual.ChangeEvent) {
			e.ErrorCode, e.ErrorMessage = "AccessDenied", `no "way"`
		}},
		"error code is a number": {`"errorCode":404`, func(e *everqual.ChangeEvent) { e.ErrorCode = "404" }},
		"recipient account": {`"recipientAccountId":"1","userIdentity":{"accountId":"2"}`, func(e *everqual.ChangeEvent) {
			e.Account, e.Actor = "1", everqual.Actor{Account: "2", Name: "account 2"}
		}},
		"identity's account": {`"userIdentity":{"accountId":"2"}`, func(e *everqual.ChangeEvent) {
			e.Account, e.Actor = "2", everqual.Actor{Account: "2", Name: "account 2"}
		}},
		"region":                 {`"awsRegion":"eu-west-1"`, func(e *everqual.ChangeEvent) { e.Region = "eu-west-1" }},
		"time with offset":       {`"eventTime":"2024-01-02T05:04:05+02:00"`, func(e *everqual.ChangeEvent) {}},
		"time with basic offset": {`"eventTime":"2024-01-02T03:04:05+0000"`, func(e *everqual.ChangeEvent) {}},
		"time with fraction":     {`"eventTime":"2024-01-02T03:04:05.678Z"`, func(e *everqual.ChangeEvent) { e.Time = e.Time.Add(678 * time.Millisecond) }},
		"newer minor version":    {`"eventVersion":"1.99"`, func(e *everqual.ChangeEvent) {}},
		"no version":             {`"eventVersion":"-"`, func(e *everqual.ChangeEvent) {}},
		"identity is text":       {`"userIdentity":"me"`, func(e *everqual.ChangeEvent) {}},
		"identity is null":       {`"userIdentity":null`, func(e *everqual.ChangeEvent) {}},
		"addendum is null":       {`"addendum":null`, func(e *everqual.ChangeEvent) {}},
		"insight": {`"eventType":"AwsCloudTrailInsight","eventSource":"-","eventName":"-","insightDetails":{"eventName":"RunInstances"}`,
			func(e *everqual.ChangeEvent) {
				e.Service, e.Name, e.ReadOnly = "cloudtrail.amazonaws.com", "AwsCloudTrailInsight", true
			}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := intake.FromRecord(record(t, tc.members), here)
			if err != nil {
				t.Fatal(err)
			}
			want := base
			tc.change(&want)
			got.Envelope, want.Envelope = nil, nil
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFromRecordErrors(t *testing.T) {
	for name, tc := range map[string]struct{ members, want string }{
		"no name":           {`"eventName":"-"`, "eventName is missing"},
		"no source":         {`"eventSource":null`, "eventSource is missing"},
		"no time":           {`"eventTime":""`, "eventTime is missing"},
		"name is a number":  {`"eventName":1`, "eventName is no text"},
		"id is a number":    {`"eventID":1`, "eventID is no text"},
		"id is empty":       {`"eventID":""`, "eventID is missing"},
		"id is a novel":     {`"eventID":"` + strings.Repeat("x", 600) + `"`, "eventID is 600 bytes long"},
		"time is a number":  {`"eventTime":1704164645`, "eventTime is no text"},
		"time has no zone":  {`"eventTime":"2024-01-02T03:04:05"`, `eventTime "2024-01-02T03:04:05" is no time like 2006-01-02T15:04:05Z`},
		"time is not there": {`"eventTime":"2024-02-30T03:04:05Z"`, `eventTime "2024-02-30T03:04:05Z" is no time`},
		"time too late":     {`"eventTime":"9999-12-31T23:59:59-23:00"`, `eventTime "9999-12-31T23:59:59-23:00" is no time`},
		"major version 2":   {`"eventVersion":"2.0"`, `CloudTrail event version "2.0" is unknown: only major version 1 can be read`},
		"major version 10":  {`"eventVersion":"10.1"`, `CloudTrail event version "10.1" is unknown`},
		"version is 1.x":    {`"eventVersion":{}`, `CloudTrail event version "{}" is unknown`},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := intake.FromRecord(record(t, tc.members), here)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) || !everqual.IsPermanent(err) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
			if e.ID != "" || e.Envelope != nil {
				t.Errorf("an event came with the error: %+v", e)
			}
		})
	}
	for _, raw := range []string{"", "{", "null", "[]", `"x"`, "1", "{} {}", `{"eventName":1,"eventName":2}`} {
		if _, err := intake.FromRecord([]byte(raw), here); err == nil || !everqual.IsPermanent(err) {
			t.Errorf("%q: error %v", raw, err)
		}
	}
}

func TestAddendum(t *testing.T) {
	original := record(t, "")
	late := record(t, `"addendum":{"reason":"UPDATED_DATA","updatedFields":"responseElements","originalEventID":"first"}`)
	same := record(t, `"addendum":{"reason":"DELIVERY_DELAY"}`)
	other := record(t, `"addendum":{"reason":"SERVICE_OUTAGE"}`)
	var ids []string
	for _, tc := range []struct {
		raw      []byte
		id       string
		corrects string
	}{
		{original, "id", ""},
		{late, "id/addendum/" + everqual.DigestOf(late).Hex()[:16], "first"},
		{same, "id/addendum/" + everqual.DigestOf(same).Hex()[:16], "id"},
		{other, "id/addendum/" + everqual.DigestOf(other).Hex()[:16], "id"},
	} {
		e, err := intake.FromRecord(tc.raw, here)
		if err != nil || e.ID != tc.id || e.Corrects != tc.corrects {
			t.Errorf("ID %q, corrects %q, %v; want %q, %q", e.ID, e.Corrects, err, tc.id, tc.corrects)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, tc.raw, "", "  "); err != nil {
			t.Fatal(err)
		}
		if p, err := intake.FromRecord(pretty.Bytes(), here); err != nil || p.ID != e.ID {
			t.Errorf("pretty-printed it is another event: %q, %v", p.ID, err)
		}
		ids = append(ids, e.ID)
	}
	if ids[2] == ids[3] {
		t.Error("two addenda have one ID")
	}
}

func TestNoEventID(t *testing.T) {
	raw := record(t, `"eventID":"-"`)
	e, err := intake.FromRecord(raw, here)
	if want := string(everqual.DigestOf(raw)); err != nil || e.ID != want {
		t.Errorf("ID %q, %v, want %q", e.ID, err, want)
	}
}

func TestActor(t *testing.T) {
	const session = `"sessionContext":{"sessionIssuer":{"type":"Role","userName":"lims-deploy"}}`
	for name, tc := range map[string]struct{ members, want string }{
		"user":                        {`"userIdentity":{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::1:user/a/alice"}`, "alice"},
		"user without a name":         {`"userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/a/alice"}`, "alice"},
		"root":                        {`"userIdentity":{"type":"Root","userName":"account-alias","arn":"arn:aws:iam::1:root"}`, "root"},
		"role":                        {`"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/lims-deploy/ci",` + session + `}`, "lims-deploy/ci"},
		"role, only in its session":   {`"userIdentity":{"type":"AssumedRole","principalId":"AROA:ci",` + session + `}`, "lims-deploy/ci"},
		"role, only its principal":    {`"userIdentity":{"type":"AssumedRole","principalId":"AROA:ci"}`, "ci"},
		"role of a service":           {`"userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/AWSServiceRoleForRDS/SLR","invokedBy":"rds.amazonaws.com"}`, "AWSServiceRoleForRDS/SLR"},
		"service":                     {`"userIdentity":{"type":"AWSService","invokedBy":"rds.amazonaws.com"}`, "rds.amazonaws.com"},
		"federated":                   {`"userIdentity":{"type":"FederatedUser","arn":"arn:aws:sts::1:federated-user/bob","sessionContext":{"sessionIssuer":{"userName":"alice"}}}`, "alice/bob"},
		"SAML":                        {`"userIdentity":{"type":"SAMLUser","userName":"carol@example.com","identityProvider":"x"}`, "carol@example.com"},
		"identity centre":             {`"userIdentity":{"type":"IdentityCenterUser","accountId":"1","onBehalfOf":{"userId":"u-1"}}`, "u-1"},
		"other account":               {`"userIdentity":{"type":"AWSAccount","accountId":"2","principalId":"AROA:x"}`, "AROA:x"},
		"other account, nothing else": {`"userIdentity":{"type":"AWSAccount","accountId":"2"}`, "account 2"},
		"service event":               {`"eventType":"AwsServiceEvent"`, "ec2.amazonaws.com"},
		"service event, account":      {`"eventType":"AwsServiceEvent","userIdentity":{"accountId":"1"}`, "ec2.amazonaws.com"},
		"service event, invoked":      {`"eventType":"AwsServiceEvent","userIdentity":{"accountId":"1","invokedBy":"kms.amazonaws.com"}`, "kms.amazonaws.com"},
		"unknown type":                {`"userIdentity":{"type":"Unknown","arn":"arn:aws:iam::1:user/x"}`, "x"},
		"nobody":                      {`"userIdentity":{}`, ""},
		"odd":                         {`"userIdentity":{"type":["IAMUser"],"userName":{"a":1}}`, `{"a":1}`},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := intake.FromRecord(record(t, tc.members), here)
			if err != nil || e.Actor.Name != tc.want {
				t.Errorf("name %q, %v, want %q", e.Actor.Name, err, tc.want)
			}
		})
	}
}

func TestRecordEnvelope(t *testing.T) {
	for name, tc := range map[string]struct{ members, detailType, source string }{
		"API call":      {`"eventType":"AwsApiCall"`, "AWS API Call via CloudTrail", "aws.ec2"},
		"no type":       {``, "AWS API Call via CloudTrail", "aws.ec2"},
		"service event": {`"eventType":"AwsServiceEvent","eventSource":"kms.amazonaws.com"`, "AWS Service Event via CloudTrail", "aws.kms"},
		"sign-in":       {`"eventType":"AwsConsoleSignIn","eventSource":"signin.amazonaws.com"`, "AWS Console Sign In via CloudTrail", "aws.signin"},
		"console":       {`"eventType":"AwsConsoleAction"`, "AWS Console Action via CloudTrail", "aws.ec2"},
		"network":       {`"eventType":"AwsVpceEvent"`, "AWS Network Activity Event via CloudTrail", "aws.ec2"},
		"insight":       {`"eventType":"AwsCloudTrailInsight","eventSource":"-"`, "AWS Insight via CloudTrail", "aws.cloudtrail"},
		"two labels":    {`"eventSource":"runtime.lex.amazonaws.com"`, "AWS API Call via CloudTrail", "aws.runtime.lex"},
		"odd source":    {`"eventSource":"a\"<é.example"`, "AWS API Call via CloudTrail", "aws.a\"<é"},
	} {
		t.Run(name, func(t *testing.T) {
			raw := record(t, tc.members)
			e, err := intake.FromRecord(raw, here)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				DetailType string `json:"detail-type"`
				Source     string
				Detail     json.RawMessage
			}
			if err := json.Unmarshal(e.Envelope, &got); err != nil {
				t.Fatalf("%v in %s", err, e.Envelope)
			}
			if got.DetailType != tc.detailType || got.Source != tc.source || !bytes.Equal(got.Detail, raw) {
				t.Errorf("envelope %s", e.Envelope)
			}
		})
	}
}
