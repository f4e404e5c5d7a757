package awsresource

import (
	"context"
	"encoding/json"
	"fmt"
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
	equals := func(value string) []any {
		return []any{map[string]any{"Comparison": "EQUALS", "Value": value}}
	}
	all, err := l.securityhub.pagesOf(ctx, "GetFindings", map[string]any{
		"Filters": map[string]any{"ResourceId": equals(l.arn()), "RecordState": equals("ACTIVE")},
	}, "Findings")
	var findings []hubFinding
	for _, members := range all {
		if err != nil {
			break
		}
		var f *hubFinding
		if f, err = l.hubFinding(members); f != nil {
			findings = append(findings, *f)
		}
	}
	if !l.refused("SecurityHubFindings", "securityhub:GetFindings", err, "InvalidAccessException") {
		l.set("SecurityHubFindings", findings)
	}
}

// hubFinding reads a finding, nil where the resource is none of those that it names.
func (l *look) hubFinding(members map[string]any) (*hubFinding, error) {
	var f struct {
		hubFinding
		Severity   struct{ Label string }
		Workflow   struct{ Status string }
		Compliance struct{ Status string }
		Resources  []struct{ ID string }
	}
	b, err := json.Marshal(members)
	if err == nil {
		err = json.Unmarshal(b, &f)
	}
	if err != nil {
		return nil, fmt.Errorf("read a finding: %w", err)
	}
	for _, r := range f.Resources {
		if r.ID == l.arn() {
			out := f.hubFinding
			out.Severity, out.Workflow, out.ComplianceStatus = f.Severity.Label, f.Workflow.Status, f.Compliance.Status
			return &out, nil
		}
	}
	return nil, nil
}
