package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/configservice"
	"github.com/aws/aws-sdk-go-v2/service/guardduty"
)

// accountTrails reads the trails that record this region, also those of other
// regions and of the organisation, each with its status and its selectors: what
// makes a trail good enough has to be found in one of them. All are read or none.
func (l *look) accountTrails(ctx context.Context) {
	out, err := l.cloudtrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
	if !l.read("Trails", "cloudtrail:DescribeTrails", err) {
		return
	}
	trails := []any{}
	for _, t := range out.TrailList {
		trail, _ := tree(t).(map[string]any)
		nulls(trail, "KmsKeyId", "CloudWatchLogsLogGroupArn", "SnsTopicARN")
		status, err := l.cloudtrail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: t.TrailARN})
		if !l.read("Trails", "cloudtrail:GetTrailStatus", err) {
			return
		}
		selectors, err := l.cloudtrail.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: t.TrailARN})
		if !l.read("Trails", "cloudtrail:GetEventSelectors", err) {
			return
		}
		trail["Status"] = tree(status)
		trail["EventSelectors"] = listOr(selectors.EventSelectors)
		trail["AdvancedEventSelectors"] = listOr(selectors.AdvancedEventSelectors)
		trails = append(trails, trail)
	}
	l.attributes["Trails"] = trails
}

// listOr is the list as a JSON value, empty when it is not set.
func listOr[E any](list []E) any {
	if list == nil {
		return []any{}
	}
	return tree(list)
}

func (l *look) accountRecorders(ctx context.Context) {
	recorders, err := l.config.DescribeConfigurationRecorders(ctx, &configservice.DescribeConfigurationRecordersInput{})
	if l.read("ConfigurationRecorders", "config:DescribeConfigurationRecorders", err) {
		l.set("ConfigurationRecorders", recorders.ConfigurationRecorders)
	}
	status, err := l.config.DescribeConfigurationRecorderStatus(ctx, &configservice.DescribeConfigurationRecorderStatusInput{})
	if l.read("ConfigurationRecordersStatus", "config:DescribeConfigurationRecorderStatus", err) {
		l.set("ConfigurationRecordersStatus", status.ConfigurationRecordersStatus)
	}
}

// accountDetectors reads the GuardDuty detectors, of which a region has one at
// most, and the account that administers it.
func (l *look) accountDetectors(ctx context.Context) {
	ids, err := all(ctx, guardduty.NewListDetectorsPaginator(l.guardduty, &guardduty.ListDetectorsInput{}),
		func(o *guardduty.ListDetectorsOutput) []string { return o.DetectorIds })
	listed := l.read("GuardDutyDetectors", "guardduty:ListDetectors", err)
	if !l.read("GuardDutyAdministrator", "guardduty:ListDetectors", err) || !listed {
		return
	}
	l.attributes["GuardDutyAdministrator"] = nil
	detectors := []any{}
	for _, id := range ids {
		out, err := l.guardduty.GetDetector(ctx, &guardduty.GetDetectorInput{DetectorId: &id})
		if listed = listed && l.read("GuardDutyDetectors", "guardduty:GetDetector", err); listed {
			detector, _ := tree(out).(map[string]any)
			detector["DetectorId"] = id
			detectors = append(detectors, detector)
		}
		above, err := l.guardduty.GetAdministratorAccount(ctx, &guardduty.GetAdministratorAccountInput{DetectorId: &id})
		if l.read("GuardDutyAdministrator", "guardduty:GetAdministratorAccount", err) {
			l.set("GuardDutyAdministrator", above.Administrator)
		}
	}
	if listed {
		l.attributes["GuardDutyDetectors"] = detectors
	}
}

// accountHub reads Security Hub, which says by InvalidAccessException that it is
// not enabled; who may not ask gets AccessDeniedException.
func (l *look) accountHub(ctx context.Context) {
	hub, err := l.securityhub.call(ctx, "DescribeHub", map[string]any{})
	if l.read("SecurityHub", "securityhub:DescribeHub", err, "InvalidAccessException", "ResourceNotFoundException") {
		l.set("SecurityHub", known(hub, "AutoEnableControls", "ControlFindingGenerator", "HubArn", "SubscribedAt"))
	}
}
