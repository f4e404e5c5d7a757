package awsresource_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
)

// organisation answers as two accounts, and as a third that trusts nobody.
type organisation struct {
	mu      sync.Mutex
	assumed []string // the bodies of the AssumeRole requests
}

func (o *organisation) say(operation string, r *http.Request) answer {
	key := r.Header.Get("Authorization")
	switch operation {
	case "AssumeRole":
		o.mu.Lock()
		o.assumed = append(o.assumed, r.Form.Encode())
		o.mu.Unlock()
		if strings.Contains(r.Form.Get("RoleArn"), "::333333333333:") { // TestWatchedRefused
			return answer{status: 403, body: `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no trust</Message></Error></ErrorResponse>`}
		}
		return answer{status: 200, body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAMEMBER</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`}
	case "GetCallerIdentity":
		arn, account := "arn:aws:iam::111122223333:user/founder", "111122223333"
		if strings.Contains(key, "ASIAMEMBER") {
			arn, account = "arn:aws:sts::222222222222:assumed-role/everqual-collector/everqual", "222222222222"
		}
		return answer{status: 200, body: `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>` + arn + `</Arn><UserId>A</UserId><Account>` + account + `</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`}
	}
	return answer{status: 200, body: `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet><item><volumeId>vol-1</volumeId><state>in-use</state><encrypted>true</encrypted></item></volumeSet></DescribeVolumesResponse>`}
}

// In other accounts the role is taken, with the external id and the session
// name; the evidence names the session and shows no credentials.
func TestMemberRole(t *testing.T) {
	var o organisation
	serve(t, o.say)
	d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		MaxAttempts: 1, Member: awsresource.MemberRole{Name: "everqual-collector", ExternalID: "lims-7", Session: "everqual"},
	}))
	for account, caller := range map[string]string{
		"111122223333": "arn:aws:iam::111122223333:user/founder",
		"222222222222": "arn:aws:sts::222222222222:assumed-role/everqual-collector/everqual",
	} {
		for range 2 {
			got, _, raw := observe(t, d, everqual.Resource{ID: everqual.ResourceID("arn:aws:ec2:eu-central-1:" + account + ":volume/vol-1"), Type: "AWS::EC2::Volume"}, time.Now)
			if len(got.Unread) != 0 || got.Caller.ARN != caller || strings.Contains(string(raw), "AssumeRole") {
				t.Errorf("account %s: %s", account, compact(got))
			}
		}
	}
	if len(o.assumed) != 1 || !strings.Contains(o.assumed[0], "ExternalId=lims-7") || !strings.Contains(o.assumed[0], "RoleSessionName=everqual") ||
		!strings.Contains(o.assumed[0], "role%2Feverqual-collector") {
		t.Errorf("roles taken: %v", o.assumed)
	}
}

// A role that is denied is so with the action and the role, in the evidence too,
// and not asked for again and again. All else that keeps it from being taken may pass.
func TestMemberRoleRefused(t *testing.T) {
	said := func(code string) string {
		return `<ErrorResponse><Error><Type>Sender</Type><Code>` + code + `</Code><Message>no trust</Message></Error></ErrorResponse>`
	}
	for name, c := range map[string]struct {
		say      answer
		want     everqual.Unread
		requests int
	}{
		"denied": {answer{status: 403, body: said("AccessDenied")}, everqual.Unread{
			Reason: everqual.Denied, Call: "sts:AssumeRole",
			Message: "the role could not be taken: arn:aws:iam::333333333333:role/qa/everqual-collector: AccessDenied: no trust",
		}, 1},
		"throttled": {answer{status: 400, body: said("Throttling")}, everqual.Unread{
			Reason: everqual.Unreachable, Call: "sts:GetCallerIdentity",
			Message: "the role could not be taken: arn:aws:iam::333333333333:role/qa/everqual-collector: Throttling: no trust",
		}, 2},
		"own credentials expired": {answer{status: 403, body: said("ExpiredToken")}, everqual.Unread{
			Reason: everqual.Unreachable, Call: "sts:GetCallerIdentity",
			Message: "the role could not be taken: arn:aws:iam::333333333333:role/qa/everqual-collector: ExpiredToken: no trust",
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var o organisation
			asked := 0
			serve(t, func(operation string, r *http.Request) answer {
				if operation == "AssumeRole" {
					asked++
					return c.say
				}
				return o.say(operation, r)
			})
			d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
				MaxAttempts: 1, Member: awsresource.MemberRole{Name: "/qa/everqual-collector", Session: "everqual"},
			}))
			for _, id := range []everqual.ResourceID{"arn:aws:ec2:eu-central-1:333333333333:volume/vol-1", "arn:aws:ec2:eu-west-1:333333333333:volume/vol-2"} {
				got, _, _ := observe(t, d, everqual.Resource{ID: id, Type: "AWS::EC2::Volume"}, time.Now)
				if len(got.Unread) != 1 || got.Unread[0] != c.want || got.State != everqual.Present {
					t.Errorf("want %+v: %s", c.want, compact(got))
				}
			}
			if asked != c.requests {
				t.Errorf("the role was asked for %d times, want %d", asked, c.requests)
			}
		})
	}
}

// An STS that nobody reaches is asked again.
func TestMemberRoleUnreachable(t *testing.T) {
	var o organisation
	serve(t, func(operation string, r *http.Request) answer {
		if operation == "AssumeRole" {
			return answer{status: 200, body: "<AssumeRoleResponse>", cut: true}
		}
		return o.say(operation, r)
	})
	d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		MaxAttempts: 1, Member: awsresource.MemberRole{Name: "everqual-collector", Session: "everqual"},
	}))
	got, _, _ := observe(t, d, everqual.Resource{ID: "arn:aws:ec2:eu-central-1:333333333333:volume/vol-1", Type: "AWS::EC2::Volume"}, time.Now)
	if len(got.Unread) != 1 || got.Unread[0].Reason != everqual.Unreachable {
		t.Error(compact(got))
	}
}
