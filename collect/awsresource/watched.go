package awsresource

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// Watch is how the changes of an account should arrive.
type Watch struct {
	Bus   string   // ARN of the central bus; "": they come by another road
	Rules []string // names of the rules that forward to it
}

// Watched checks that the account can be observed, and that its changes are recorded
// and arrive, from every one of the regions.
func (d *Describer) Watched(ctx context.Context, account string, regions []string, w Watch) (checks []everqual.Check) {
	name := account + " collector role"
	caller, err := d.Caller(ctx, account, regions[0])
	if err != nil {
		return []everqual.Check{untaken(name, err)}
	}
	checks = append(checks, everqual.OK(name, "%s", caller.ARN).
		Else(caller.Account == account, everqual.CheckFail, "the role is of account "+caller.Account))
	for _, region := range regions {
		checks = append(checks, d.trailed(ctx, account, region))
		if w.Bus == "" {
			continue
		}
		for _, rule := range w.Rules {
			checks = append(checks, d.forwarded(ctx, account, region, rule, w.Bus))
		}
	}
	return checks
}

// untaken is the check of a role that could not be taken.
func untaken(name string, err error) everqual.Check {
	c := everqual.Unasked(name, err, "ask again: it needs sts:AssumeRole")
	var refused *collect.Refusal
	if errors.As(err, &refused) {
		c.Seen = refused.Message
	}
	if strings.HasPrefix(c.Seen, roleUntaken) {
		c.Result, c.Do = everqual.CheckFail, "make the role there, name whoever asks in its observer_role_arns, and give the same --external-id"
	}
	return c
}

// unwatched is a check that AWS did not answer.
func unwatched(name, action string, err error) everqual.Check {
	u := unreadOf(action, err)
	c := everqual.Check{Name: name, Result: everqual.NotChecked, Seen: u.Message, Do: "ask again: it needs " + action}
	if u.Reason == everqual.Denied {
		c.Do = "allow " + action + " to the collector role"
	}
	return c
}

// trailed checks that a trail keeps what happens in a region, and can prove that
// nothing of it was left out.
func (d *Describer) trailed(ctx context.Context, account, region string) everqual.Check {
	name := account + " " + region + " trail"
	client := d.in(account, region).cloudtrail
	out, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if err != nil {
		return unwatched(name, "cloudtrail:DescribeTrails", err)
	}
	best := everqual.Check{Name: name, Result: everqual.CheckFail, Seen: "there is none", Do: "make a trail of all regions, with log file validation"}
	for _, t := range out.TrailList {
		if !aws.ToBool(t.IsMultiRegionTrail) && aws.ToString(t.HomeRegion) != region {
			continue
		}
		status, err := client.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
		if err != nil {
			best = unwatched(name, "cloudtrail:GetTrailStatus", err)
			continue
		}
		c := trail(name, t, status)
		if c.Result == everqual.CheckOK {
			return c
		}
		best = c
	}
	return best
}

func trail(name string, t cloudtrailtypes.Trail, status *cloudtrail.GetTrailStatusOutput) everqual.Check {
	logging, validated := aws.ToBool(status.IsLogging), aws.ToBool(t.LogFileValidationEnabled)
	failing := aws.ToString(status.LatestDeliveryError)
	return everqual.OK(name, "%s, logging %t, log file validation %t, all regions %t", aws.ToString(t.Name), logging, validated, aws.ToBool(t.IsMultiRegionTrail)).
		Else(aws.ToBool(t.IsMultiRegionTrail), everqual.CheckWarn, "have it keep all regions").
		Else(validated, everqual.CheckFail, "enable log file validation: without it nobody can show that no change was left out").
		Else(failing == "", everqual.CheckFail, "it cannot deliver: "+failing).
		Else(logging, everqual.CheckFail, "start logging")
}

// forwarded checks that a rule on the region's own bus sends to the central one.
func (d *Describer) forwarded(ctx context.Context, account, region, rule, bus string) everqual.Check {
	name := account + " " + region + " rule " + rule
	client := d.in(account, region).events
	r, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: &rule})
	if absent := new(eventbridgetypes.ResourceNotFoundException); errors.As(err, &absent) {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: "it is not there", Do: "deploy the member module in this region: its changes are not seen"}
	}
	if err != nil {
		return unwatched(name, "events:DescribeRule", err)
	}
	targets, err := client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: &rule})
	if err != nil {
		return unwatched(name, "events:ListTargetsByRule", err)
	}
	sends := slices.ContainsFunc(targets.Targets, func(t eventbridgetypes.Target) bool { return aws.ToString(t.Arn) == bus })
	return everqual.OK(name, "%s, sends to the central bus: %t", r.State, sends).
		Else(sends, everqual.CheckFail, "have it send to "+bus).
		Else(r.State != eventbridgetypes.RuleStateDisabled, everqual.CheckFail, "enable it: its changes are not seen")
}
