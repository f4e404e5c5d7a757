package awsresource

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"
)

// securityHubFindings are the active findings that name the resource, suppressed
// ones too (see Workflow).
var securityHubFindings = attachment{
	name: "securityhub", path: "SecurityHubFindings", read: (*look).securityHub,
	actions: []string{"securityhub:GetFindings"},
	sets:    []string{"SecurityHubFindings"},
}

// hubFinding is what of a finding stays the same from one evaluation to the next.
type hubFinding struct {
	Id, ProductName, GeneratorId, Title *string
	Severity, Workflow, RecordState     string
	ComplianceStatus                    string
	FirstObservedAt, CreatedAt          *string
}

func (l *look) securityHub(ctx context.Context) {
	equals := func(value string) []types.StringFilter {
		return []types.StringFilter{{Comparison: types.StringFilterComparisonEquals, Value: &value}}
	}
	pages := securityhub.NewGetFindingsPaginator(l.securityhub, &securityhub.GetFindingsInput{
		Filters: &types.AwsSecurityFindingFilters{ResourceId: equals(l.arn()), RecordState: equals("ACTIVE")},
	})
	findings, err := all(ctx, pages, func(o *securityhub.GetFindingsOutput) (list []hubFinding) {
		for _, f := range o.Findings {
			if l.named(f.Resources) {
				list = append(list, hubFindingOf(f))
			}
		}
		return list
	})
	if !l.refused("SecurityHubFindings", "securityhub:GetFindings", err, "InvalidAccessException") {
		l.set("SecurityHubFindings", findings)
	}
}

// named tells whether the resource is one of those that a finding names.
func (l *look) named(resources []types.Resource) bool {
	for _, r := range resources {
		if aws.ToString(r.Id) == l.arn() {
			return true
		}
	}
	return false
}

func hubFindingOf(f types.AwsSecurityFinding) hubFinding {
	out := hubFinding{
		Id: f.Id, ProductName: f.ProductName, GeneratorId: f.GeneratorId, Title: f.Title, RecordState: string(f.RecordState),
		FirstObservedAt: f.FirstObservedAt, CreatedAt: f.CreatedAt,
	}
	if f.Severity != nil {
		out.Severity = string(f.Severity.Label)
	}
	if f.Workflow != nil {
		out.Workflow = string(f.Workflow.Status)
	}
	if f.Compliance != nil {
		out.ComplianceStatus = string(f.Compliance.Status)
	}
	return out
}
