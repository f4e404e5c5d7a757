package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/guardduty/types"
)

// detectors are looked for in the listing first: to a question for one that
// does not exist, GuardDuty answers with the code of any wrong request.
var detectors = source[string]{
	action: "guardduty:ListDetectors",
	find: func(ctx context.Context, c *clients, name string) ([]string, error) {
		pages := guardduty.NewListDetectorsPaginator(c.guardduty, &guardduty.ListDetectorsInput{})
		list, err := all(ctx, pages, func(o *guardduty.ListDetectorsOutput) []string { return o.DetectorIds })
		return pick(list, itself, name), err
	},
	id:   itself,
	more: moreOfDetector,
}

var guarddutyDetector = kind{
	name: "AWS::GuardDuty::Detector", version: 1, arn: "guardduty:detector/",
	describe: detectors.describe, list: detectors.list,
	actions: []string{
		"guardduty:ListDetectors", "guardduty:GetDetector", "guardduty:GetAdministratorAccount",
		"guardduty:ListPublishingDestinations", "guardduty:DescribePublishingDestination",
	},
	listActions: []string{"guardduty:ListDetectors"},
	sets:        []string{"Features", "Features[].AdditionalConfiguration", "PublishingDestinations"},
	volatile:    []string{"PublishingDestinations[].PublishingFailureStartTimestamp"},
}

func moreOfDetector(ctx context.Context, l *look, _ string) {
	detector, err := l.guardduty.GetDetector(ctx, &guardduty.GetDetectorInput{DetectorId: &l.name})
	if !l.read("", "guardduty:GetDetector", err) {
		return
	}
	l.root(detector)
	administrator, err := l.guardduty.GetAdministratorAccount(ctx, &guardduty.GetAdministratorAccountInput{DetectorId: &l.name})
	if l.read("Administrator", "guardduty:GetAdministratorAccount", err) {
		l.setOrNull("Administrator", administrator.Administrator)
	}
	l.publishing(ctx)
}

// publishing reads where findings are exported to; of each kind of destination
// a detector has at most one.
func (l *look) publishing(ctx context.Context) {
	pages := guardduty.NewListPublishingDestinationsPaginator(l.guardduty, &guardduty.ListPublishingDestinationsInput{DetectorId: &l.name})
	list, err := all(ctx, pages, func(o *guardduty.ListPublishingDestinationsOutput) []types.Destination { return o.Destinations })
	if !l.read("PublishingDestinations", "guardduty:ListPublishingDestinations", err) {
		return
	}
	destinations := []*guardduty.DescribePublishingDestinationOutput{}
	for _, d := range list {
		destination, err := l.guardduty.DescribePublishingDestination(ctx, &guardduty.DescribePublishingDestinationInput{
			DetectorId: &l.name, DestinationId: d.DestinationId,
		})
		if !l.read("PublishingDestinations", "guardduty:DescribePublishingDestination", err) {
			return
		}
		destinations = append(destinations, destination)
	}
	l.set("PublishingDestinations", destinations)
}
