package awsresource

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/auditmanager"
	"github.com/aws/aws-sdk-go-v2/service/auditmanager/types"
	"github.com/everqual/everqual"
)

// auditManagerEvidence is what the active assessments of Audit Manager collected
// about the resource on the last day on which they collected.
var auditManagerEvidence = attachment{
	name: "auditmanager", path: "AuditManagerEvidence", read: (*look).auditEvidence,
	actions: []string{"auditmanager:ListAssessments", "auditmanager:GetEvidenceFoldersByAssessment", "auditmanager:GetEvidenceByEvidenceFolder"},
	sets:    []string{"AuditManagerEvidence"},
}

// collected is one piece of evidence, without its id and time, which are new
// every day.
type collected struct {
	AssessmentName, ControlName, DataSource, EvidenceByType *string
	ComplianceCheck                                         *string
}

func (l *look) auditEvidence(ctx context.Context) {
	const path = "AuditManagerEvidence"
	pages := auditmanager.NewListAssessmentsPaginator(l.auditmanager, &auditmanager.ListAssessmentsInput{Status: types.AssessmentStatusActive})
	assessments, err := all(ctx, pages, func(o *auditmanager.ListAssessmentsOutput) []types.AssessmentMetadataItem {
		return o.AssessmentMetadata
	})
	if err != nil && notSetUp(err) {
		l.refused(path, "auditmanager:ListAssessments", err, "AccessDeniedException")
		return
	}
	if l.refused(path, "auditmanager:ListAssessments", err) {
		return
	}
	evidence := []collected{}
	for _, a := range assessments {
		found, ok := l.assessed(ctx, path, a)
		if !ok {
			return
		}
		evidence = append(evidence, found...)
	}
	l.set(path, evidence)
}

func (l *look) assessed(ctx context.Context, path string, a types.AssessmentMetadataItem) (evidence []collected, ok bool) {
	pages := auditmanager.NewGetEvidenceFoldersByAssessmentPaginator(l.auditmanager, &auditmanager.GetEvidenceFoldersByAssessmentInput{AssessmentId: a.Id})
	folders, err := all(ctx, pages, func(o *auditmanager.GetEvidenceFoldersByAssessmentOutput) []types.AssessmentEvidenceFolder {
		return o.EvidenceFolders
	})
	if l.refused(path, "auditmanager:GetEvidenceFoldersByAssessment", err) {
		return nil, false
	}
	for _, f := range lastDay(folders) {
		pages := auditmanager.NewGetEvidenceByEvidenceFolderPaginator(l.auditmanager, &auditmanager.GetEvidenceByEvidenceFolderInput{
			AssessmentId: a.Id, ControlSetId: f.ControlSetId, EvidenceFolderId: f.Id,
		})
		pieces, err := all(ctx, pages, func(o *auditmanager.GetEvidenceByEvidenceFolderOutput) []types.Evidence { return o.Evidence })
		if l.refused(path, "auditmanager:GetEvidenceByEvidenceFolder", err) {
			return nil, false
		}
		for _, p := range pieces {
			if check, ok := about(p, everqual.ResourceID(l.arn())); ok {
				evidence = append(evidence, collected{a.Name, f.ControlName, p.DataSource, p.EvidenceByType, check})
			}
		}
	}
	return evidence, true
}

// notSetUp tells the refusal of an account that does not use Audit Manager from a
// missing permission: both are AccessDeniedException.
func notSetUp(err error) bool {
	code, message := codeOf(err)
	return code == "AccessDeniedException" && strings.Contains(message, "complete AWS Audit Manager setup")
}

// lastDay are the folders of the last day that has any evidence.
func lastDay(folders []types.AssessmentEvidenceFolder) (last []types.AssessmentEvidenceFolder) {
	var day time.Time
	for _, f := range folders {
		if f.TotalEvidence > 0 && aws.ToTime(f.Date).After(day) {
			day = aws.ToTime(f.Date)
		}
	}
	for _, f := range folders {
		if f.TotalEvidence > 0 && aws.ToTime(f.Date).Equal(day) {
			last = append(last, f)
		}
	}
	return last
}

// about tells whether evidence names the resource, and the verdict on it.
func about(e types.Evidence, id everqual.ResourceID) (check *string, ok bool) {
	for _, r := range e.ResourcesIncluded {
		if aws.ToString(r.Arn) == string(id) {
			if r.ComplianceCheck != nil {
				return r.ComplianceCheck, true
			}
			return e.ComplianceCheck, true
		}
	}
	return nil, false
}
