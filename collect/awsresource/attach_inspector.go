package awsresource

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/inspector2"
	"github.com/aws/aws-sdk-go-v2/service/inspector2/types"
)

// inspectorFindings are the findings about the resource that are not closed:
// active and suppressed ones (see Status).
var inspectorFindings = attachment{
	name: "inspector", path: "InspectorFindings", read: (*look).inspectorFindings,
	actions: []string{"inspector2:ListFindings"},
	types:   []string{"AWS::EC2::Instance", "AWS::Lambda::Function"},
	sets:    []string{"InspectorFindings", "InspectorFindings[].VulnerablePackages"},
}

// inspected is what of a finding stays the same from one scan to the next.
type inspected struct {
	FindingArn, Title, VulnerabilityId *string
	Type, Severity, Status             string
	FixAvailable, ExploitAvailable     string
	VulnerablePackages                 []string
	FirstObservedAt                    *time.Time
}

func (l *look) inspectorFindings(ctx context.Context) {
	id := l.arn()
	if l.kind.name == "AWS::EC2::Instance" {
		id = l.name // Inspector names instances by their ids, functions and images by ARNs
	}
	comparison := types.StringComparisonEquals
	if l.kind.name == "AWS::Lambda::Function" {
		comparison = types.StringComparisonPrefix // with the version behind it
	}
	not := "CLOSED"
	pages := inspector2.NewListFindingsPaginator(l.inspector, &inspector2.ListFindingsInput{FilterCriteria: &types.FilterCriteria{
		ResourceId:    []types.StringFilter{{Comparison: comparison, Value: &id}},
		FindingStatus: []types.StringFilter{{Comparison: types.StringComparisonNotEquals, Value: &not}},
	}})
	findings, err := all(ctx, pages, func(o *inspector2.ListFindingsOutput) (list []inspected) {
		for _, f := range o.Findings {
			list = append(list, inspectedOf(f))
		}
		return list
	})
	if !l.refused("InspectorFindings", "inspector2:ListFindings", err, "ResourceNotFoundException") {
		l.set("InspectorFindings", findings)
	}
}

func inspectedOf(f types.Finding) inspected {
	out := inspected{
		FindingArn: f.FindingArn, Title: f.Title, Type: string(f.Type), Severity: string(f.Severity), Status: string(f.Status),
		FixAvailable: string(f.FixAvailable), ExploitAvailable: string(f.ExploitAvailable), FirstObservedAt: f.FirstObservedAt,
	}
	if p := f.PackageVulnerabilityDetails; p != nil {
		out.VulnerabilityId = p.VulnerabilityId
		for _, v := range p.VulnerablePackages {
			if v.Name != nil && v.Version != nil {
				out.VulnerablePackages = append(out.VulnerablePackages, *v.Name+" "+*v.Version)
			}
		}
	}
	return out
}
