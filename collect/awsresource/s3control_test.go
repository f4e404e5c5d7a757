package awsresource_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
)

// An endpoint that is an address is asked there, and not at a name with the account
// before it, which nobody has.
func TestAccountAtAnAddress(t *testing.T) {
	asked := ""
	stub(t, func(operation string, r *http.Request) answer {
		if strings.HasPrefix(r.URL.Path, "/v20180820/") {
			asked = r.Host + " for " + r.Header.Get("X-Amz-Account-Id")
			return answer{status: 404, body: `<ErrorResponse><Error><Code>NoSuchPublicAccessBlockConfiguration</Code><Message>none</Message></Error></ErrorResponse>`}
		}
		return answer{status: 403, body: `{"__type":"AccessDeniedException","message":"no"}`}
	})
	o, _, _ := observe(t, quick(t), everqual.Resource{ID: "arn:aws:account::111122223333:account", Type: "AWS::::Account", Region: "eu-central-1"}, time.Now)
	if value, there := o.Attributes["PublicAccessBlock"]; !there || value != nil || !strings.HasPrefix(asked, "127.0.0.1:") || !strings.HasSuffix(asked, " for 111122223333") {
		t.Errorf("asked %q: %s", asked, compact(o))
	}
}
