package intake_test

import (
	"context"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/everqual/everqual/intake"
)

// logFile generates a log file of n records in one line, without holding it.
func logFile(n int) io.Reader {
	i := 0
	return &generator{next: func() string {
		i++
		switch {
		case i == 1:
			return `{"Records":[` + full("0")
		case i <= n:
			return "," + full(strconv.Itoa(i-1))
		case i == n+1:
			return "]}\n"
		}
		return ""
	}}
}

// generator is a stream made piece by piece; "" ends it.
type generator struct {
	next func() string
	rest string
	read int64
}

func (g *generator) Read(p []byte) (int, error) {
	if g.rest == "" {
		if g.rest = g.next(); g.rest == "" {
			return 0, io.EOF
		}
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	g.read += int64(n)
	return n, nil
}

// full is a record with all that CloudTrail usually writes, some 1.5 KB.
func full(id string) string {
	return `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLEEXAMPLE:deploy","arn":"arn:aws:sts::111122223333:assumed-role/lims-deploy/deploy","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE","arn":"arn:aws:iam::111122223333:role/lims-deploy","accountId":"111122223333","userName":"lims-deploy"},"attributes":{"creationDate":"2024-03-01T08:00:00Z","mfaAuthenticated":"false"}}},"eventTime":"2024-03-01T08:12:13Z","eventSource":"ec2.amazonaws.com","eventName":"ModifyInstanceAttribute","awsRegion":"eu-central-1","sourceIPAddress":"192.0.2.10","userAgent":"APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.39.0","requestParameters":{"instanceId":"i-0123456789abcdef0","instanceType":{"value":"m6i.xlarge"}},"responseElements":{"requestId":"00000000-0000-0000-0000-000000000000","_return":true},"requestID":"00000000-0000-0000-0000-000000000000","eventID":"` +
		id + `","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"ec2.eu-central-1.amazonaws.com"}}`
}

// BenchmarkRead reads a log file in one line: "MB/s" and events.
func BenchmarkRead(b *testing.B) {
	const events = 20_000
	var text strings.Builder
	io.Copy(&text, logFile(events))
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		var r intake.Reader
		n := 0
		for item := range r.Read(context.Background(), "bench", strings.NewReader(text.String())) {
			if item.Err != nil {
				b.Fatal(item.Err)
			}
			n++
		}
		if n != events {
			b.Fatalf("%d events, want %d", n, events)
		}
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
