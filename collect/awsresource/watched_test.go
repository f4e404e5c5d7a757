package awsresource_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// A role that cannot be taken fails; what the role may not ask is not checked.
func TestWatchedRefused(t *testing.T) {
	var o organisation
	serve(t, func(operation string, r *http.Request) answer {
		if operation == "AssumeRole" || operation == "GetCallerIdentity" {
			return o.say(operation, r)
		}
		return answer{status: 400, body: `{"__type":"AccessDeniedException","message":"no"}`}
	})
	d := must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{
		MaxAttempts: 1, Member: awsresource.MemberRole{Name: "everqual-collector", ExternalID: "lims-7", Session: "everqual"},
	}))
	w := awsresource.Watch{Bus: "arn:bus", Rules: []string{"prod-changes"}}
	got := d.Watched(context.Background(), "333333333333", []string{"eu-central-1"}, w)
	if len(got) != 1 || got[0].Result != everqual.CheckFail || !strings.Contains(got[0].Seen, "no trust") || !strings.Contains(got[0].Do, "--external-id") {
		t.Errorf("without trust: %+v", got)
	}
	got = d.Watched(context.Background(), "222222222222", []string{"eu-central-1"}, w)
	if len(got) != 3 || got[0].Result != everqual.CheckOK {
		t.Fatalf("with trust: %+v", got)
	}
	for i, action := range []string{"", "cloudtrail:DescribeTrails", "events:DescribeRule"} {
		if i > 0 && (got[i].Result != everqual.NotChecked || got[i].Do != "allow "+action+" to the collector role") {
			t.Errorf("%+v", got[i])
		}
	}
}

// TestWatched looks at another account, whose changes arrive, and then do not.
func TestWatched(t *testing.T) {
	mototest.Start(t)
	ctx := context.Background()
	const account, bus = "444455556666", "arn:aws:events:eu-central-1:111122223333:event-bus/prod"
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		t.Fatal(err)
	}
	theirs := cfg.Copy()
	theirs.Credentials = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), "arn:aws:iam::"+account+":role/admin")
	trails, events := cloudtrail.NewFromConfig(theirs), eventbridge.NewFromConfig(theirs)
	buckets := s3.NewFromConfig(theirs, func(o *s3.Options) { o.UsePathStyle = true })
	eyes, err := awsresource.Open(ctx, awsresource.Options{Member: awsresource.MemberRole{Name: "prod-collector", ExternalID: "x", Session: "everqual"}})
	if err != nil {
		t.Fatal(err)
	}
	watched := func(check string, want everqual.CheckResult, says string) {
		t.Helper()
		for _, c := range eyes.Watched(ctx, account, []string{mototest.Region}, awsresource.Watch{Bus: bus, Rules: []string{"prod-changes"}}) {
			if c.Name == check && c.Result == want && strings.Contains(c.Seen+" "+c.Do, says) {
				return
			} else if c.Name == check {
				t.Errorf("%+v, want %s with %q", c, want, says)
				return
			}
		}
		t.Errorf("no check %q", check)
	}
	do := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const trail, rule = account + " " + mototest.Region + " trail", account + " " + mototest.Region + " rule prod-changes"
	watched(trail, everqual.CheckFail, "there is none")
	watched(rule, everqual.CheckFail, "not there")

	do(buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("trail-logs"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: mototest.Region}}))
	do(trails.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("all"), S3BucketName: aws.String("trail-logs"), IsMultiRegionTrail: aws.Bool(true)}))
	watched(trail, everqual.CheckFail, "start logging")
	do(trails.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String("all")}))
	watched(trail, everqual.CheckFail, "log file validation")
	do(trails.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: aws.String("all"), EnableLogFileValidation: aws.Bool(true)}))
	watched(trail, everqual.CheckOK, "all, logging true")
	do(trails.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: aws.String("all"), IsMultiRegionTrail: aws.Bool(false)}))
	watched(trail, everqual.CheckWarn, "all regions")

	put := func(state ebtypes.RuleState, target string) {
		do(events.PutRule(ctx, &eventbridge.PutRuleInput{Name: aws.String("prod-changes"), EventPattern: aws.String(`{"source":[{"prefix":"aws."}]}`), State: state}))
		do(events.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String("prod-changes"), Targets: []ebtypes.Target{{Id: aws.String("everqual"), Arn: &target}}}))
	}
	put(ebtypes.RuleStateEnabled, bus+"-of-others")
	watched(rule, everqual.CheckFail, "have it send to "+bus)
	put(ebtypes.RuleStateEnabled, bus)
	watched(rule, everqual.CheckOK, "ENABLED")
	put(ebtypes.RuleStateDisabled, bus)
	watched(rule, everqual.CheckFail, "enable it")
}
