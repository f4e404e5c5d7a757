package aws_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

const (
	stacked    = "444455556666" // the account that the StackSet makes a member
	stranger   = "555566667777" // an account that is none
	externalID = "the-external-id"
	centralBus = "arn:aws:events:" + mototest.Region + ":" + tooling + ":event-bus/prod"
	workRole   = "arn:aws:iam::" + tooling + ":role/prod-work"
	farRegion  = "us-east-1"
)

// TestMember makes one account a member with the module and another one with the
// template of the StackSet, where MiniStack enforces policies and trust.
func TestMember(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes half a minute")
	}
	provider(t)
	run := terraform(t)
	s := &stack{T: t, dir: t.TempDir()}
	s.startMiniStack("AUTH=true")
	s.act(member)
	s.cfg = got(config.LoadDefaultConfig(t.Context(), config.WithLogger(logging.Nop{})))(t)
	const dir = "testdata/member"
	run(dir, "init", "-input=false", "-no-color", "-plugin-dir="+plugins())
	run(dir, "apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=20", "-var=bus_arn="+centralBus, "-var=external_id="+externalID, `-var=observer_role_arns=["`+workRole+`"]`)
	for _, region := range []string{mototest.Region, farRegion} {
		s.stackUp(region)
	}
	if t.Failed() {
		t.FailNow()
	}
	for _, region := range []string{mototest.Region, farRegion} {
		module, template := s.enrolled(member, region), s.enrolled(stacked, region)
		if module != template {
			t.Errorf("in %s the module makes\n%s\nand the template\n%s", region, module, template)
		}
		for _, part := range []string{"role/prod-collector", "policy/prod-collector-2", "role/prod-forward", "rule/prod-changes", "rule/prod-states"} {
			if !strings.Contains(module, part) {
				t.Errorf("there is no %s in %s:\n%s", part, region, module)
			}
		}
	}
	s.trusting()
	s.examined()
}

// act has the SDK and Terraform act in an account of MiniStack's.
func (s *stack) act(keys ...string) {
	for i, value := range append(keys, "test", "")[:3] {
		s.Setenv([]string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}[i], value)
	}
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		s.Setenv(name, filepath.Join(s.dir, "none"))
	}
	s.Setenv("AWS_ENDPOINT_URL", s.url)
	s.Setenv("AWS_REGION", mototest.Region)
}

// stackUp is what the StackSet does in one region.
func (s *stack) stackUp(region string) {
	s.Helper()
	template := string(got(os.ReadFile("stackset/member.yaml"))(s))
	in := &cloudformation.CreateStackInput{StackName: aws.String("everqual"), TemplateBody: &template, Capabilities: []cftypes.Capability{"CAPABILITY_NAMED_IAM"}}
	for name, value := range map[string]string{
		"Name": "prod", "BusArn": centralBus, "ObserverRoleArns": workRole, "ExternalId": externalID, "RoleRegion": mototest.Region,
	} {
		in.Parameters = append(in.Parameters, cftypes.Parameter{ParameterKey: &name, ParameterValue: &value})
	}
	cfg := s.as(stacked)
	cfg.Region = region
	client := cloudformation.NewFromConfig(cfg)
	got(client.CreateStack(s.Context(), in))(s)
	s.until("the stack in "+region+" is made", time.Minute, func() bool {
		out := got(client.DescribeStacks(s.Context(), &cloudformation.DescribeStacksInput{StackName: in.StackName}))(s)
		if status := out.Stacks[0].StackStatus; strings.Contains(string(status), "FAILED") || strings.Contains(string(status), "ROLLBACK") {
			s.Fatalf("the stack in %s is %s: %s", region, status, aws.ToString(out.Stacks[0].StackStatusReason))
		}
		return out.Stacks[0].StackStatus == cftypes.StackStatusCreateComplete
	})
}

// trusting: the role of a member is taken by who is named, with the external id, and by
// nobody else; and it reads.
func (s *stack) trusting() {
	s.Helper()
	for _, role := range []string{"prod-work", "prod-intake"} {
		s.observer(role)
	}
	worker := s.taken(s.as(tooling), tooling, "prod-work", "")
	for _, account := range []string{member, stacked} {
		for _, c := range []struct {
			name, who, id string
			may           bool
		}{
			{"who is named, with the id", "prod-work", externalID, true},
			{"without the id", "prod-work", "", false},
			{"with another id", "prod-work", "another", false},
			{"who is not named", "prod-intake", externalID, false},
			{"an administrator of the tooling account", "", externalID, false},
		} {
			cfg := s.as(tooling)
			if c.who != "" {
				cfg = s.taken(s.as(tooling), tooling, c.who, "")
			}
			if _, err := s.take(cfg, account, "prod-collector", c.id); (err == nil) != c.may {
				s.Errorf("%s, %s: %v", account, c.name, err)
			}
		}
		eyes := ec2.NewFromConfig(s.taken(worker, account, "prod-collector", externalID))
		if _, err := eyes.DescribeSecurityGroups(s.Context(), nil); err != nil {
			s.Errorf("%s: the collector role does not read: %v", account, err)
		}
		name := aws.String("none")
		if _, err := eyes.CreateSecurityGroup(s.Context(), &ec2.CreateSecurityGroupInput{GroupName: name, Description: name}); err == nil || !strings.Contains(err.Error(), "not authorized") {
			s.Errorf("%s: the collector role writes: %v", account, err)
		}
	}
}

// observer makes a role in the tooling account that may take any collector role, so that
// it is for the collector role to refuse.
func (s *stack) observer(name string) {
	s.Helper()
	client := iam.NewFromConfig(s.as(tooling))
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + tooling + `:root"},"Action":"sts:AssumeRole"}]}`
	got(client.CreateRole(s.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}))(s)
	may := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::*:role/prod-collector"}]}`
	got(client.PutRolePolicy(s.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("collect"), PolicyDocument: &may}))(s)
}

func (s *stack) take(cfg aws.Config, account, role, id string) (*sts.AssumeRoleOutput, error) {
	in := &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + account + ":role/" + role), RoleSessionName: aws.String("everqual")}
	if id != "" {
		in.ExternalId = &id
	}
	return sts.NewFromConfig(cfg).AssumeRole(s.Context(), in)
}

// taken acts with a role.
func (s *stack) taken(cfg aws.Config, account, role, id string) aws.Config {
	s.Helper()
	c := got(s.take(cfg, account, role, id))(s).Credentials
	cfg = cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
	return cfg
}

// examined: what 'everqual doctor' says of members, and of what is none.
func (s *stack) examined() {
	s.Helper()
	c := got(s.taken(s.as(tooling), tooling, "prod-work", "").Credentials.Retrieve(s.Context()))(s)
	s.act(c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
	for _, e := range []struct{ account, id, result string }{
		{member, externalID, "OK"}, {stacked, externalID, "OK"}, {member, "another", "FAIL"}, {member, "", "FAIL"}, {stranger, externalID, "FAIL"},
	} {
		eyes := got(awsresource.Open(s.Context(), awsresource.Options{Member: awsresource.MemberRole{Name: "prod-collector", ExternalID: e.id, Session: "everqual"}}))(s)
		checks := eyes.Watched(s.Context(), e.account, []string{mototest.Region, farRegion}, awsresource.Watch{Bus: centralBus, Rules: []string{"prod-changes", "prod-states"}})
		text := string(got(json.Marshal(checks))(s))
		role, rules := checks[0], 0
		for _, c := range checks {
			if strings.Contains(c.Name, " rule ") && c.Result == everqual.CheckOK {
				rules++
			}
		}
		if string(role.Result) != e.result || e.result == "OK" && rules != 4 {
			s.Errorf("%s with %q: %s", e.account, e.id, text)
		}
		if e.result == "FAIL" && !strings.Contains(role.Do, "--external-id") {
			s.Errorf("%s with %q: nobody is told what to do: %s", e.account, e.id, text)
		}
	}
}
