package awsresource_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
)

// replies answers with what comes next.
type replies []answer

func (a *replies) RoundTrip(*http.Request) (*http.Response, error) {
	next := (*a)[0]
	*a = (*a)[1:]
	return &http.Response{StatusCode: next.status, Body: io.NopCloser(strings.NewReader(next.body))}, nil
}

// Each answer widens the bucket, each throttled one halves it, whatever status
// the service says it with; and whoever reads the reply misses nothing.
func TestLimiterAdapts(t *testing.T) {
	const slow = `<Response><Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors></Response>`
	for name, c := range map[string]struct {
		answer answer
		less   bool
	}{
		"answer":         {answer{status: 200, body: "fine"}, false},
		"refusal":        {answer{status: 403, body: "<Code>AccessDenied</Code>"}, false},
		"429":            {answer{status: 429}, true},
		"503":            {answer{status: 503, body: "SlowDown"}, true},
		"EC2":            {answer{status: 503, body: slow}, true},
		"JSON with 400":  {answer{status: 400, body: `{"__type":"ThrottlingException"}`}, true},
		"other JSON 400": {answer{status: 400, body: `{"__type":"ValidationException"}`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			l, limit := awsresource.NewLimiter(&replies{c.answer, {status: 200}})
			ask := func(key string) *http.Request {
				ctx := collect.WithCall(context.Background(), &collect.Call{Service: "ec2", Operation: "DescribeVolumes", Region: "eu-central-1"})
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ec2.eu-central-1.amazonaws.com", nil)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261102/eu-central-1/ec2/aws4_request")
				return r
			}
			before := limit(ask("A"))
			response, err := l.RoundTrip(ask("A"))
			if err != nil {
				t.Fatal(err)
			}
			if b, err := io.ReadAll(response.Body); err != nil || string(b) != c.answer.body {
				t.Errorf("the body is %q, %v", b, err)
			}
			after := limit(ask("A"))
			if c.less != (after < before) || !c.less && after <= before {
				t.Errorf("%g requests a second became %g", before, after)
			}
			if other := limit(ask("B")); other != before {
				t.Errorf("another account has %g", other)
			}
		})
	}
}
