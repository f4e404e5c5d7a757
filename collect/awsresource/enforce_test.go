package awsresource_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/everqual/everqual"
	"github.com/everqual/everqual/assess"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/specification"
	"github.com/google/go-cmp/cmp"
)

// motoNames are the actions that moto checks by another name than AWS: by the
// operation where AWS has one action for all, and by the service's endpoint.
var motoNames = map[string]string{
	"apigateway:GET":                 "apigateway:*",
	"cloudwatch:DescribeAlarms":      "monitoring:DescribeAlarms",
	"cloudwatch:ListTagsForResource": "monitoring:ListTagsForResource",
	// Of a bucket, what moto has no name for it takes for listing the objects.
	"s3:GetBucketObjectLockConfiguration": "s3:ListBucket",
	"s3:GetBucketOwnershipControls":       "s3:ListBucket",
	"s3:GetBucketPolicyStatus":            "s3:ListBucket",
	"s3:GetBucketPublicAccessBlock":       "s3:ListBucket",
	"s3:GetEncryptionConfiguration":       "s3:ListBucket",
	"s3:GetReplicationConfiguration":      "s3:ListBucket",
}

// keyholder is the user whose permissions the server checks.
type keyholder struct {
	testing.TB
	server mototest.Server
	admin  *iam.Client
	keys   map[string]*iam.CreateAccessKeyOutput // by user
}

// newKeyholder creates the user, and one who gives it permissions.
func newKeyholder(t testing.TB, server mototest.Server) *keyholder {
	ctx := context.Background()
	h := &keyholder{t, server, iam.NewFromConfig(must[aws.Config](t)(config.LoadDefaultConfig(ctx))), map[string]*iam.CreateAccessKeyOutput{}}
	for _, name := range []string{"admin", "everqual"} {
		must[*iam.CreateUserOutput](t)(h.admin.CreateUser(ctx, &iam.CreateUserInput{UserName: &name}))
		h.keys[name] = must[*iam.CreateAccessKeyOutput](t)(h.admin.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: &name}))
		h.allow(name, "*")
	}
	return h
}

// allow makes the actions all that a user may do.
func (h *keyholder) allow(user string, actions ...string) {
	h.Helper()
	document, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{
		map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"},
	}})
	if err != nil {
		h.Fatal(err)
	}
	must[*iam.PutUserPolicyOutput](h)(h.admin.PutUserPolicy(context.Background(), &iam.PutUserPolicyInput{
		UserName: &user, PolicyName: aws.String("all"), PolicyDocument: aws.String(string(document)),
	}))
}

// grant allows the collector the actions of a policy, but one.
func (h *keyholder) grant(p awsresource.IAMPolicy, but string) {
	h.Helper()
	actions := []string{"sts:GetCallerIdentity"} // needs no permission
	for _, a := range actionsOf(p) {
		if name, ok := motoNames[a]; ok && a != but {
			actions = append(actions, name)
		} else if a != but {
			actions = append(actions, a)
		}
	}
	h.allow("everqual", actions...)
}

func actionsOf(p awsresource.IAMPolicy) (all []string) {
	for _, s := range p.Statement {
		all = append(all, s.Action...)
	}
	return all
}

// begin has the server check permissions, and everybody act with a key.
func (h *keyholder) begin(t *testing.T) {
	use := func(user string) {
		h.server.Use(t, *h.keys[user].AccessKey.AccessKeyId, *h.keys[user].AccessKey.SecretAccessKey)
	}
	use("admin")
	h.admin = iam.NewFromConfig(must[aws.Config](t)(config.LoadDefaultConfig(context.Background())))
	use("everqual")
	h.server.Enforce(t)
	t.Cleanup(func() { h.server.Relax(t) })
}

// leastPrivilege proves in a server that checks permissions that the printed
// policy is enough for a sweep, and for each type that without one of its actions
// what that action reads is not evaluated, and nothing else changes.
func leastPrivilege(t *testing.T, h *keyholder, resources []everqual.Resource, before map[string]everqual.Observation) {
	h.begin(t)
	policy := must[awsresource.IAMPolicy](t)(awsresource.CollectPolicy(nil, true))
	h.grant(policy, "")
	swept := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		Transport: fixture{http.DefaultTransport}, MaxAttempts: 2, MaxBackoff: time.Millisecond, Share: time.Minute,
	}))
	library, problems := specification.LoadPaths("../../specs/types", "../../specs/lims")
	if len(problems) != 0 {
		t.Fatal(problems)
	}
	d, judged := open(t), 0
	for _, r := range resources {
		whole := before[r.Type]
		if d.Lists(r.Type) {
			if listed, err := swept.List(context.Background(), r.Type, r.Account, r.Region); err != nil || !slices.Contains(listed, r) {
				t.Errorf("%s is not listed with the printed policy: %v", r.ID, err)
			}
		}
		if o, _, _ := observe(t, swept, r, time.Now); o.Digest != whole.Digest {
			t.Errorf("%s is observed differently with the printed policy:\n%s", r.ID, cmp.Diff(whole, o))
		}
	}
	for _, r := range resources {
		checkUnlisted(t, h, d, r)
		p := must[awsresource.IAMPolicy](t)(awsresource.CollectPolicy([]string{r.Type}, false))
		for _, a := range actionsOf(p) {
			if motoNames[a] == "s3:ListBucket" {
				continue // six actions to AWS, and one to moto
			}
			h.grant(p, a)
			o, e, _ := observe(t, d, r, time.Now)
			if len(o.Unread) == 0 && answeredByFixture(e.Exchanges, a) {
				continue
			}
			checkDenied(t, before[r.Type], o, a)
			judged += checkVerdicts(t, library, before[r.Type], o)
		}
	}
	if judged < 50 {
		t.Errorf("only %d verdicts were not evaluated for a permission that was not there", judged)
	}
}

// checkUnlisted lists a type without each of the actions that this takes.
func checkUnlisted(t *testing.T, h *keyholder, d *awsresource.Describer, r everqual.Resource) {
	t.Helper()
	p := must[awsresource.IAMPolicy](t)(awsresource.CollectPolicy([]string{r.Type}, true))
	for _, a := range d.ListActions(r.Type) {
		if slices.Contains(awsresource.ManyActions(r.Type), a) {
			continue // without it each is asked for by itself
		}
		h.grant(p, a)
		recorder := collect.NewRecorder(time.Now)
		_, err := d.List(collect.WithRecorder(context.Background(), recorder), r.Type, r.Account, r.Region)
		var refused *collect.Refusal
		switch {
		case err == nil && answeredByFixture(recorder.Exchanges(), a):
		case !errors.As(err, &refused) || refused.Reason != everqual.Denied || !strings.Contains(refused.Call, a):
			t.Errorf("%s without %s is listed: %v", r.Type, a, err)
		}
	}
}

// answeredByFixture tells whether moto was never asked for what the action allows.
func answeredByFixture(exchanges []everqual.Exchange, action string) bool {
	return !slices.ContainsFunc(exchanges, func(x everqual.Exchange) bool {
		say, ok := fixtures[x.Service+":"+x.Operation]
		return awsresource.Action(x.Service, x.Operation) == action && (!ok || say(string(x.Parameters)).status == 0)
	})
}

// checkDenied holds an observation against that with all permissions.
func checkDenied(t *testing.T, whole, o everqual.Observation, action string) {
	t.Helper()
	if len(o.Unread) == 0 || o.State != everqual.Present {
		t.Errorf("%s without %s: %s, nothing is unread", whole.Resource.Type, action, o.State)
	}
	lost := map[string]bool{}
	for _, u := range o.Unread {
		lost[u.Path] = true
		if u.Reason != everqual.Denied || u.Call != action {
			t.Errorf("%s without %s: unread is %+v", whole.Resource.Type, action, u)
		}
	}
	for name, v := range whole.Attributes {
		if !lost[""] && !lost[name] && !cmp.Equal(v, o.Attributes[name]) {
			t.Errorf("%s without %s: %s changed", whole.Resource.Type, action, name)
		}
	}
}

// checkVerdicts counts the verdicts that a lost permission made NOT EVALUATED: no
// other may come of it.
func checkVerdicts(t *testing.T, library *specification.Library, whole, o everqual.Observation) (lost int) {
	t.Helper()
	now := mototest.Epoch
	for _, s := range library.Select(whole, now) {
		were, are := assess.Assess(whole, s, now).Verdicts, assess.Assess(o, s, now).Verdicts
		for i, v := range are {
			switch {
			case v.Outcome == were[i].Outcome:
			case v.Outcome != everqual.NotEvaluated || v.Reason != everqual.Denied || !strings.Contains(v.Detail, o.Unread[0].Call):
				t.Errorf("%s of %s: %s became %s: %s %s", v.TestCase, whole.Resource.ID, were[i].Outcome, v.Outcome, v.Reason, v.Detail)
			default:
				lost++
			}
		}
	}
	return lost
}
