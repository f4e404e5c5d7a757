package awsresource_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
)

// paged answers with volumes, two a page, also when one is asked for by name.
func paged(volumes int) func(string, *http.Request) answer {
	return func(_ string, r *http.Request) answer {
		first, next := 1, "2"
		if token := r.Form.Get("NextToken"); token != "" {
			_, _ = fmt.Sscan(token, &first)
			first, next = first*2-1, fmt.Sprint(first+1)
		}
		last := first + 1
		if name := r.Form.Get("VolumeId.1"); name != "" {
			_, _ = fmt.Sscanf(name, "vol-%d", &first)
			last, next = first, ""
		}
		if last >= volumes {
			next = ""
		}
		items := ""
		for i := first; i <= min(last, volumes); i++ {
			items += fmt.Sprintf(`<item><volumeId>vol-%d</volumeId><status>in-use</status><size>%[1]d</size></item>`, i)
		}
		return answer{status: 200, body: `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet>` + items + `</volumeSet><nextToken>` + next + `</nextToken></DescribeVolumesResponse>`}
	}
}

// Five volumes are read from the three pages of one listing. Each evidence refers
// to the one page that shows its volume, and a replay of it reads the same.
func TestSharedListing(t *testing.T) {
	requests := stub(t, paged(5))
	sharing := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{MaxAttempts: 1, Share: time.Minute}))
	began := time.Now()
	bodies := map[everqual.Digest]string{}
	for i := range 5 {
		r := everqual.Resource{ID: everqual.ResourceID(fmt.Sprintf("arn:aws:ec2:eu-central-1:111122223333:volume/vol-%d", i+1)), Type: "AWS::EC2::Volume"}
		o, e, raw := observe(t, sharing, r, time.Now)
		if o.Attributes["Size"] != float64(i+1) || o.CollectedAt.After(time.Now()) || o.CollectedAt.Before(began) || len(e.Exchanges) != 2 {
			t.Errorf("read %s with %d exchanges", compact(o), len(e.Exchanges))
		}
		page := e.Exchanges[1]
		bodies[page.BodyDigest] = page.Body
		if page.BodyDigest != everqual.DigestOf([]byte(page.Body)) || strings.Contains(string(raw), "volumeSet") {
			t.Errorf("the page is part of the evidence: %s", raw)
		}
		read, err := collect.ReadEvidence(raw, func(d everqual.Digest) ([]byte, error) { return []byte(bodies[d]), nil })
		if err != nil || replay(t, read).Digest != o.Digest {
			t.Errorf("the archived evidence gives another state: %v", err)
		}
		if _, err := collect.ReadEvidence(raw, func(everqual.Digest) ([]byte, error) { return []byte("other"), nil }); !everqual.IsPermanent(err) {
			t.Errorf("a page that was altered: %v", err)
		}
	}
	if n := requests.Load(); n != 3 || len(bodies) != 3 {
		t.Errorf("%d requests and %d pages, want 3 and 3", n, len(bodies))
	}
	// What no listing shows is asked for by itself.
	o, _, _ := observe(t, sharing, everqual.Resource{ID: "arn:aws:ec2:eu-central-1:111122223333:volume/vol-9", Type: "AWS::EC2::Volume"}, time.Now)
	if n := requests.Load(); n != 4 || o.State != everqual.Deleted {
		t.Errorf("after %d requests %s", n, o.State)
	}
}
