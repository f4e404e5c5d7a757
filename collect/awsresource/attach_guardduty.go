package awsresource

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/guardduty"
	"github.com/aws/aws-sdk-go-v2/service/guardduty/types"
	"github.com/everqual/everqual"
)

// guardDutyFindings are the findings about the resource, archived ones too.
var guardDutyFindings = attachment{
	name: "guardduty", path: "GuardDutyFindings", read: (*look).guardDuty,
	actions: []string{"guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings"},
	types:   slices.Sorted(maps.Keys(criteria)),
	sets:    []string{"GuardDutyFindings"},
}

// guarded is what of a finding stays the same while it is seen again and again.
type guarded struct {
	Id, Type, Title, CreatedAt *string
	Severity                   *float64
	Archived                   bool
}

// criteria are the members by which GuardDuty's findings name resources.
// https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_filter-findings.html
var criteria = map[string]string{
	"AWS::EC2::Instance": "resource.instanceDetails.instanceId", "AWS::S3::Bucket": "resource.s3BucketDetails.name",
	"AWS::IAM::User": "resource.accessKeyDetails.userName", "AWS::EKS::Cluster": "resource.eksClusterDetails.name",
	"AWS::RDS::DBInstance": "resource.rdsDbInstanceDetails.dbInstanceIdentifier", "AWS::Lambda::Function": "resource.lambdaDetails.functionName",
	"AWS::ECS::Cluster": "resource.ecsClusterDetails.name",
}

func (l *look) guardDuty(ctx context.Context) {
	const path = "GuardDutyFindings"
	pages := guardduty.NewListDetectorsPaginator(l.guardduty, &guardduty.ListDetectorsInput{})
	detectors, err := all(ctx, pages, func(o *guardduty.ListDetectorsOutput) []string { return o.DetectorIds })
	if l.refused(path, "guardduty:ListDetectors", err) {
		return
	}
	if len(detectors) == 0 {
		l.fail(path, everqual.Unread{Call: "guardduty:ListDetectors", Reason: everqual.Unsupported, Message: "not in use here: there is no detector"})
		return
	}
	findings := []guarded{}
	for _, d := range detectors {
		found, ok := l.detected(ctx, path, d, criteria[l.kind.name])
		if !ok {
			return
		}
		findings = append(findings, found...)
	}
	l.set(path, findings)
}

func (l *look) detected(ctx context.Context, path, detector, criterion string) (findings []guarded, ok bool) {
	pages := guardduty.NewListFindingsPaginator(l.guardduty, &guardduty.ListFindingsInput{
		DetectorId:      &detector,
		FindingCriteria: &types.FindingCriteria{Criterion: map[string]types.Condition{criterion: {Equals: []string{l.name}}}},
	})
	ids, err := all(ctx, pages, func(o *guardduty.ListFindingsOutput) []string { return o.FindingIds })
	if l.refused(path, "guardduty:ListFindings", err) {
		return nil, false
	}
	for some := range slices.Chunk(ids, 50) { // as many as GetFindings takes
		out, err := l.guardduty.GetFindings(ctx, &guardduty.GetFindingsInput{DetectorId: &detector, FindingIds: some})
		if l.refused(path, "guardduty:GetFindings", err) {
			return nil, false
		}
		for _, f := range out.Findings {
			g := guarded{Id: f.Id, Type: f.Type, Title: f.Title, CreatedAt: f.CreatedAt, Severity: f.Severity}
			g.Archived = f.Service != nil && f.Service.Archived != nil && *f.Service.Archived
			findings = append(findings, g)
		}
	}
	return findings, true
}
