package awsresource_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
	"github.com/google/go-cmp/cmp"
)

// canned answers each operation with one body, and what it does not know with a
// refusal that names it.
type canned map[string]string

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	call, _ := collect.Asked(r.Context())
	body, ok := c[call.Service+":"+call.Operation]
	status, header := 200, http.Header{"Content-Type": {"application/json"}}
	switch {
	case !ok:
		status, body = 403, `{"__type":"AccessDeniedException","message":"no `+call.Operation+`"}`
		header.Set("X-Amzn-ErrorType", "AccessDeniedException")
	case strings.HasPrefix(body, "!"): // an error
		status, body = 400, `{"__type":"`+body[1:]+`","message":"no"}`
		header.Set("X-Amzn-ErrorType", strings.TrimPrefix(c[call.Service+":"+call.Operation], "!"))
	case strings.HasPrefix(body, "<"):
		header.Set("Content-Type", "text/xml")
	}
	return &http.Response{StatusCode: status, Header: header, Request: r, Body: io.NopCloser(strings.NewReader(body))}, nil
}

const volumeARN = "arn:aws:ec2:eu-central-1:111122223333:volume/vol-1"

// found is what seven services say of one volume, in their own protocols and
// after their API models.
func found() canned {
	return canned{
		"sts:GetCallerIdentity": identityReply,
		"ec2:DescribeVolumes":   `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><volumeSet><item><volumeId>vol-1</volumeId><status>in-use</status><tagSet><item><key>Backup</key><value>daily</value></item></tagSet></item></volumeSet></DescribeVolumesResponse>`,

		"config:GetComplianceDetailsByResource":      `{"EvaluationResults":[{"ComplianceType":"NON_COMPLIANT","Annotation":"not encrypted","ResultRecordedTime":1762070400.5,"EvaluationResultIdentifier":{"EvaluationResultQualifier":{"ConfigRuleName":"encrypted-volumes","ResourceType":"AWS::EC2::Volume","ResourceId":"vol-1"},"OrderingTimestamp":1762070400}}]}`,
		"config:DescribeConformancePacks":            `{"ConformancePackDetails":[{"ConformancePackName":"part-11","ConformancePackArn":"arn:aws:config:eu-central-1:111122223333:conformance-pack/part-11/x","ConformancePackId":"x"}]}`,
		"config:GetConformancePackComplianceDetails": `{"ConformancePackName":"part-11","ConformancePackRuleEvaluationResults":[{"ComplianceType":"COMPLIANT","ConfigRuleInvokedTime":1762070400,"ResultRecordedTime":1762070400,"EvaluationResultIdentifier":{"EvaluationResultQualifier":{"ConfigRuleName":"ec2-volume-inuse-check-conformance-pack-x"}}}]}`,

		"config:GetResourceConfigHistory": `{"configurationItems":[{"configurationItemCaptureTime":1762070400,"configurationItemStatus":"OK","configurationStateId":"1","configuration":"{\"volumeId\":\"vol-1\",\"state\":\"available\"}"}]}`,

		"securityhub:GetFindings": `{"Findings":[{"Id":"f-1","Title":"EBS volumes should be encrypted","ProductName":"Security Hub","GeneratorId":"security-control/EC2.3","RecordState":"ACTIVE","Severity":{"Label":"MEDIUM","Normalized":40},"Workflow":{"Status":"SUPPRESSED"},"Compliance":{"Status":"FAILED"},"FirstObservedAt":"2026-10-01T00:00:00.000Z","CreatedAt":"2026-10-01T00:00:00.000Z","UpdatedAt":"2026-11-02T00:00:00.000Z","Resources":[{"Type":"AwsEc2Volume","Id":"` + volumeARN + `"}]},{"Id":"f-2","Resources":[{"Type":"AwsEc2Volume","Id":"` + volumeARN + `0"}]}]}`,

		"inspector2:ListFindings": `{"findings":[{"findingArn":"arn:aws:inspector2:eu-central-1:111122223333:finding/1","severity":"CRITICAL","status":"ACTIVE","type":"PACKAGE_VULNERABILITY","title":"CVE-2026-1 - openssl","firstObservedAt":1759276800,"lastObservedAt":1762070400,"fixAvailable":"YES","packageVulnerabilityDetails":{"source":"NVD","vulnerabilityId":"CVE-2026-1","vulnerablePackages":[{"name":"openssl","version":"3.0.1"},{"name":"libssl","version":"3.0.1"}]}}]}`,

		"guardduty:ListDetectors": `{"detectorIds":["d1"]}`,

		"backup:DescribeProtectedResource":            `{"ResourceArn":"` + volumeARN + `","ResourceType":"EBS","LastBackupTime":1762070400}`,
		"backup:ListRecoveryPointsByResource":         `{"RecoveryPoints":[{"RecoveryPointArn":"arn:aws:ec2:eu-central-1::snapshot/snap-1","BackupVaultName":"vault","Status":"COMPLETED","CreationDate":1762070400}]}`,
		"backup:ListBackupPlans":                      `{"BackupPlansList":[{"BackupPlanId":"p1","BackupPlanName":"daily"}]}`,
		"backup:ListBackupSelections":                 `{"BackupSelectionsList":[{"SelectionId":"s1","SelectionName":"tagged"}]}`,
		"backup:GetBackupSelection":                   `{"SelectionId":"s1","BackupSelection":{"SelectionName":"tagged","IamRoleArn":"r","ListOfTags":[{"ConditionType":"STRINGEQUALS","ConditionKey":"Backup","ConditionValue":"daily"}]}}`,
		"cloudwatch:DescribeAlarms":                   `{"MetricAlarms":[{"AlarmName":"full","StateValue":"OK","ActionsEnabled":true,"MetricName":"VolumeQueueLength","Dimensions":[{"Name":"VolumeId","Value":"vol-1"}]},{"AlarmName":"of another","Dimensions":[{"Name":"VolumeId","Value":"vol-2"}]}]}`,
		"auditmanager:ListAssessments":                `{"assessmentMetadata":[{"id":"a1","name":"Part 11","status":"ACTIVE"}]}`,
		"auditmanager:GetEvidenceFoldersByAssessment": `{"evidenceFolders":[{"id":"e0","controlSetId":"c","controlName":"11.10(c)","date":1761984000,"totalEvidence":1},{"id":"e1","controlSetId":"c","controlName":"11.10(c)","date":1762070400,"totalEvidence":2}]}`,
		"auditmanager:GetEvidenceByEvidenceFolder":    `{"evidence":[{"id":"x","dataSource":"AWS Config","evidenceByType":"Compliance check","resourcesIncluded":[{"arn":"` + volumeARN + `","complianceCheck":"FAILED"}]},{"id":"y","resourcesIncluded":[{"arn":"arn:other"}]}]}`,
	}
}

func attaching(t *testing.T, c canned, names ...string) *awsresource.Describer {
	t.Helper()
	environment(t, "http://127.0.0.1:1")
	return must[*awsresource.Describer](t)(awsresource.Open(context.Background(), awsresource.Options{Transport: c, MaxAttempts: 1, Attach: names}))
}

var oneVolume = everqual.Resource{ID: volumeARN, Type: "AWS::EC2::Volume"}

// What other services found nests beside the volume's own attributes, without
// what changes from one evaluation to the next.
func TestAttachments(t *testing.T) {
	o, _, _ := observe(t, attaching(t, found(), awsresource.Attachments()...), oneVolume, time.Now)
	got, err := json.Marshal(o.Attributes)
	if err != nil || len(o.Unread) != 0 {
		t.Fatalf("unread %+v, %v", o.Unread, err)
	}
	want := `{
		"VolumeId": "vol-1", "State": "in-use", "Tags": [{"Key":"Backup","Value":"daily"}],
		"ConfigCompliance": {
			"Rules": [{"ConfigRuleName":"encrypted-volumes","ComplianceType":"NON_COMPLIANT","Annotation":"not encrypted"}],
			"ConformancePacks": [{"ConformancePackName":"part-11","ConfigRuleName":"ec2-volume-inuse-check-conformance-pack-x","ComplianceType":"COMPLIANT"}]},
		"ConfigItem": {"Status":"OK","Disagreements":[{"Path":"State","Described":"in-use","Config":"available"}],
			"History":[{"CapturedAt":"2025-11-02T08:00:00Z","Status":"OK","StateID":"1"}]},
		"SecurityHubFindings": [{"Id":"f-1","Title":"EBS volumes should be encrypted","ProductName":"Security Hub","GeneratorId":"security-control/EC2.3",
			"RecordState":"ACTIVE","Severity":"MEDIUM","Workflow":"SUPPRESSED","ComplianceStatus":"FAILED",
			"FirstObservedAt":"2026-10-01T00:00:00.000Z","CreatedAt":"2026-10-01T00:00:00.000Z"}],
		"Backup": {"ProtectedResource":{"ResourceType":"EBS","LastBackupTime":"2025-11-02T08:00:00Z"},
			"RecoveryPoints":[{"RecoveryPointArn":"arn:aws:ec2:eu-central-1::snapshot/snap-1","BackupVaultName":"vault","Status":"COMPLETED","CreationDate":"2025-11-02T08:00:00Z"}],
			"Plans":[{"BackupPlanId":"p1","BackupPlanName":"daily","SelectionId":"s1","SelectionName":"tagged"}]},
		"Alarms": [{"AlarmName":"full","StateValue":"OK","MetricName":"VolumeQueueLength","ActionsEnabled":true,"Actions":[]}],
		"AuditManagerEvidence": [{"AssessmentName":"Part 11","ControlName":"11.10(c)","DataSource":"AWS Config","EvidenceByType":"Compliance check","ComplianceCheck":"FAILED"}]
	}`
	var a, b any
	if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(want), &b) != nil {
		t.Fatal("no JSON")
	}
	if diff := cmp.Diff(b, a); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if plain, _, _ := observe(t, attaching(t, found()), oneVolume, time.Now); len(plain.Attributes) != 3 {
		t.Errorf("nothing was wanted, there is %v", plain.Attributes)
	}
}

// GuardDuty and Inspector speak of some types only; GuardDuty knows what was
// archived.
func TestFindingsOfSomeTypes(t *testing.T) {
	c := found()
	c["lambda:GetFunctionConfiguration"] = `{"FunctionName":"f","FunctionArn":"arn:aws:lambda:eu-central-1:111122223333:function:f"}`
	f, _, _ := observe(t, attaching(t, c, "inspector", "guardduty"), everqual.Resource{ID: "arn:aws:lambda:eu-central-1:111122223333:function:f", Type: "AWS::Lambda::Function"}, time.Now)
	findings, _ := json.Marshal(f.Attributes["InspectorFindings"])
	if !strings.Contains(string(findings), `"Status":"ACTIVE"`) || !strings.Contains(string(findings), `"VulnerablePackages":["libssl 3.0.1","openssl 3.0.1"]`) {
		t.Errorf("Inspector's findings: %s", findings)
	}
	c["s3:GetBucketLocation"] = `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-central-1</LocationConstraint>`
	c["guardduty:ListFindings"], c["guardduty:GetFindings"] = `{"findingIds":["g1"]}`, `{"findings":[{"id":"g1","accountId":"111122223333","arn":"a","createdAt":"2026-11-01T00:00:00Z","region":"eu-central-1","schemaVersion":"2.0","severity":8,"type":"Policy:S3/BucketPublicAccessGranted","updatedAt":"x","resource":{},"service":{"archived":true,"count":7}}]}`
	o, _, _ := observe(t, attaching(t, c, "guardduty"), everqual.Resource{ID: "arn:aws:s3:::lims", Type: "AWS::S3::Bucket", Account: "111122223333", Region: "eu-central-1"}, time.Now)
	got, _ := json.Marshal(o.Attributes["GuardDutyFindings"])
	if want := `[{"Archived":true,"CreatedAt":"2026-11-01T00:00:00Z","Id":"g1","Severity":8,"Type":"Policy:S3/BucketPublicAccessGranted"}]`; string(got) != want {
		t.Errorf("findings %s; unread %+v", got, o.Unread)
	}
}

// A service that is not in use, or that refuses, leaves its attribute unread with
// the action's name, and nothing else is lost.
func TestAttachmentsRefused(t *testing.T) {
	for _, c := range []struct{ name, path, call, unused string }{
		{"config", "ConfigCompliance", "config:GetComplianceDetailsByResource", "NoSuchConfigurationRecorderException"},
		{"config", "ConfigCompliance", "config:GetConformancePackComplianceDetails", ""},
		{"securityhub", "SecurityHubFindings", "securityhub:GetFindings", "InvalidAccessException"},
		{"backup", "Backup", "backup:DescribeProtectedResource", ""},
		{"backup", "Backup", "backup:GetBackupSelection", ""},
		{"auditmanager", "AuditManagerEvidence", "auditmanager:ListAssessments", ""},
	} {
		t.Run(c.call, func(t *testing.T) {
			replies := found()
			delete(replies, c.call)
			o, _, _ := observe(t, attaching(t, replies, c.name), oneVolume, time.Now)
			if _, there := o.Attributes[c.path]; there || len(o.Unread) != 1 || o.Unread[0].Path != c.path || o.Unread[0].Call != c.call || o.Unread[0].Reason != everqual.Denied {
				t.Errorf("refused: unread %+v", o.Unread)
			}
			if o.Attributes["VolumeId"] != "vol-1" {
				t.Error("the volume itself is lost")
			}
			if c.unused == "" {
				return
			}
			replies[c.call] = "!" + c.unused
			o, _, _ = observe(t, attaching(t, replies, c.name), oneVolume, time.Now)
			if _, there := o.Attributes[c.path]; there || len(o.Unread) != 1 || o.Unread[0].Reason != everqual.Unsupported || !strings.Contains(o.Unread[0].Message, "not in use here") {
				t.Errorf("not in use: unread %+v", o.Unread)
			}
		})
	}
	if _, err := awsresource.Open(context.Background(), awsresource.Options{Attach: []string{"inspektor"}}); err == nil {
		t.Error("a misspelt name is taken")
	}
}
