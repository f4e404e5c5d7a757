package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

var cloudtrailTrail = kind{
	name: "AWS::CloudTrail::Trail", version: 2, arn: "cloudtrail:trail/",
	describe: describeTrail,
	actions: []string{
		"cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors",
		"cloudtrail:GetInsightSelectors", "cloudtrail:ListTags",
	},
	list: listTrails, listActions: []string{"cloudtrail:DescribeTrails"},
	missing:  []string{"TrailNotFoundException"},
	sets:     join([]string{"Tags", "InsightSelectors"}, eventSelectorSets),
	volatile: under("Status", deliveryTimes...),
}

var eventSelectorSets = []string{
	"EventSelectors", "EventSelectors[].DataResources", "EventSelectors[].DataResources[].Values",
	"EventSelectors[].ExcludeManagementEventSources", "AdvancedEventSelectors", "AdvancedEventSelectors[].FieldSelectors",
}

// deliveryTimes are the members of a trail's status that change with every delivery.
var deliveryTimes = []string{
	"LatestDeliveryTime", "LatestDeliveryError", "LatestDeliveryAttemptTime", "LatestDeliveryAttemptSucceeded",
	"LatestNotificationTime", "LatestNotificationError", "LatestNotificationAttemptTime",
	"LatestNotificationAttemptSucceeded", "LatestDigestDeliveryTime", "LatestDigestDeliveryError",
	"LatestCloudWatchLogsDeliveryTime", "LatestCloudWatchLogsDeliveryError",
}

// listTrails leaves out the shadows that trails of other regions have here.
func listTrails(ctx context.Context, c *clients) ([]string, error) {
	out, err := c.cloudtrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
	if err != nil {
		return nil, err
	}
	arns := make([]string, 0, len(out.TrailList))
	for _, trail := range out.TrailList {
		arns = append(arns, aws.ToString(trail.TrailARN))
	}
	return arns, nil
}

func describeTrail(ctx context.Context, l *look) {
	id := aws.String(string(l.resource.ID))
	out, err := l.cloudtrail.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: id})
	if !l.read("", "cloudtrail:GetTrail", err) {
		return
	}
	if out.Trail == nil {
		l.nothing("cloudtrail:GetTrail")
		return
	}
	l.root(out.Trail)
	l.orNull("KmsKeyId", "CloudWatchLogsLogGroupArn")
	status, err := l.cloudtrail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: id})
	if l.read("Status", "cloudtrail:GetTrailStatus", err) {
		l.set("Status", status)
	}
	l.selectors(ctx, id)
	pages := cloudtrail.NewListTagsPaginator(l.cloudtrail, &cloudtrail.ListTagsInput{ResourceIdList: []string{*id}})
	tags, err := all(ctx, pages, func(o *cloudtrail.ListTagsOutput) (list []types.Tag) {
		for _, r := range o.ResourceTagList {
			list = append(list, r.TagsList...)
		}
		return list
	})
	if l.read("Tags", "cloudtrail:ListTags", err) {
		l.set("Tags", tags)
	}
}

// selectors reads the two kinds of event selectors, of which a trail has one.
func (l *look) selectors(ctx context.Context, id *string) {
	out, err := l.cloudtrail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: id})
	basic := l.read("EventSelectors", "cloudtrail:GetEventSelectors", err)
	advanced := l.read("AdvancedEventSelectors", "cloudtrail:GetEventSelectors", err)
	if basic && advanced {
		l.set("EventSelectors", out.EventSelectors)
		l.set("AdvancedEventSelectors", out.AdvancedEventSelectors)
	}
	insight, err := l.cloudtrail.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: id})
	if l.read("InsightSelectors", "cloudtrail:GetInsightSelectors", err, "InsightNotEnabledException") {
		l.set("InsightSelectors", insight.InsightSelectors)
	}
}
