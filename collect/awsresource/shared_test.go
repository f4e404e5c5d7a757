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

// groups answers for three security groups with two rules each, in two pages of
// rules, and no network interfaces.
func groups(operation string, r *http.Request) answer {
	ns := ` xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">`
	_ = r.ParseForm()
	switch operation {
	case "DescribeSecurityGroups":
		items := ""
		for i := range 3 {
			items += fmt.Sprintf("<item><groupId>sg-%d</groupId></item>", i)
		}
		return answer{status: 200, body: "<DescribeSecurityGroupsResponse" + ns + "<securityGroupInfo>" + items + "</securityGroupInfo></DescribeSecurityGroupsResponse>"}
	case "DescribeSecurityGroupRules":
		items, next := "", "second"
		first := 0
		if r.Form.Get("NextToken") == "second" {
			first, next = 3, ""
		}
		for i := first; i < first+3; i++ {
			items += fmt.Sprintf("<item><groupId>sg-%d</groupId><securityGroupRuleId>sgr-%d</securityGroupRuleId></item>", i%3, i)
		}
		return answer{status: 200, body: "<DescribeSecurityGroupRulesResponse" + ns + "<securityGroupRuleSet>" + items + "</securityGroupRuleSet><nextToken>" + next + "</nextToken></DescribeSecurityGroupRulesResponse>"}
	}
	return answer{status: 200, body: "<DescribeNetworkInterfacesResponse" + ns + "<networkInterfaceSet/></DescribeNetworkInterfacesResponse>"}
}

// What belongs to many groups is read from one listing: four calls for three
// groups. The evidence of each refers to all pages, since only these together
// show that it has no more, and a replay reads the same.
func TestSharedBelongings(t *testing.T) {
	requests := stub(t, groups)
	sharing := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{MaxAttempts: 1, Share: time.Minute}))
	bodies := map[everqual.Digest]string{}
	for i := range 3 {
		r := everqual.Resource{ID: everqual.ResourceID(fmt.Sprintf("arn:aws:ec2:eu-central-1:111122223333:security-group/sg-%d", i)), Type: "AWS::EC2::SecurityGroup"}
		o, e, raw := observe(t, sharing, r, time.Now)
		rules, _ := o.Attributes["SecurityGroupRules"].([]any)
		none, asked := o.Attributes["NetworkInterfaces"].([]any)
		if len(rules) != 2 || len(none) != 0 || !asked || len(o.Unread) > 0 || len(e.Exchanges) != 5 {
			t.Errorf("%d exchanges gave %s", len(e.Exchanges), compact(o))
		}
		for _, x := range e.Exchanges {
			bodies[x.BodyDigest] = x.Body
		}
		read, err := collect.ReadEvidence(raw, func(d everqual.Digest) ([]byte, error) { return []byte(bodies[d]), nil })
		if err != nil || replay(t, read).Digest != o.Digest {
			t.Errorf("the archived evidence gives another state: %v", err)
		}
	}
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests, want 4", n)
	}
}

// Who lists and then reads asks for the listing once.
func TestListingIsRemembered(t *testing.T) {
	requests := stub(t, paged(5))
	sharing := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{MaxAttempts: 1, Share: time.Minute}))
	listed, err := sharing.List(context.Background(), "AWS::EC2::Volume", "", "eu-central-1")
	if err != nil || len(listed) != 5 {
		t.Fatalf("listed %v, %v", listed, err)
	}
	for _, r := range listed {
		if o, e, _ := observe(t, sharing, r, time.Now); o.State != everqual.Present || len(e.Exchanges) != 2 {
			t.Errorf("read %s with %d exchanges", compact(o), len(e.Exchanges))
		}
	}
	if n := requests.Load(); n != 3 {
		t.Errorf("%d requests, want the 3 pages", n)
	}
}
