package rule_test

import (
	"path/filepath"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rules"
)

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := rule.Load(rules.Files); err != nil {
			b.Fatal(err)
		}
	}
}

const runInstances = `{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":"111122223333","time":"2026-03-01T10:00:00Z","region":"eu-central-1","resources":[],
"detail":{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE:deploy","arn":"arn:aws:sts::111122223333:assumed-role/deploy/deploy","accountId":"111122223333","sessionContext":{"attributes":{"mfaAuthenticated":"false"}}},
"eventTime":"2026-03-01T10:00:00Z","eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"eu-central-1","sourceIPAddress":"10.0.0.1","userAgent":"Terraform",
"requestParameters":{"instancesSet":{"items":[{"imageId":"ami-0aaaaaaaaaaaaaaa1","minCount":1,"maxCount":1}]},"instanceType":"t3.micro"},
"responseElements":{"instancesSet":{"items":[{"instanceId":"i-0aaaaaaaaaaaaaaa1","imageId":"ami-0aaaaaaaaaaaaaaa1","instanceState":{"code":0,"name":"pending"}}]}},
"requestID":"r","eventID":"e","readOnly":false,"eventType":"AwsApiCall","recipientAccountId":"111122223333"}}`

func BenchmarkMatch(b *testing.B) {
	set := shipped(b)
	for _, c := range []struct{ name, envelope string }{
		{"matched", runInstances},
		{"no rule", `{"source":"aws.workspaces","detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"CreateWorkspaces"}}`},
	} {
		b.Run(c.name, func(b *testing.B) {
			e := everqual.ChangeEvent{Envelope: []byte(c.envelope)}
			b.SetBytes(int64(len(c.envelope)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := set.Match(e); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMatchRealEvents matches whole CloudTrail log files.
func BenchmarkMatchRealEvents(b *testing.B) {
	files, err := filepath.Glob(filepath.Join(shared(b, "data", "cloudtrail", "invictus", "CloudTrail"), "*.json"))
	if err != nil {
		b.Fatal(err)
	}
	var events []everqual.ChangeEvent
	size := 0
	for _, f := range files {
		events = append(events, records(b, f)...)
	}
	for _, e := range events {
		size += len(e.Envelope)
	}
	set := shipped(b)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range events {
			if _, err := set.Match(e); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}
