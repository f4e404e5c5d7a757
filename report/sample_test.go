package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/report"
)

// The inputs that the tests share.

var day = time.Date(2026, 11, 2, 8, 15, 3, 0, time.UTC)

const account = "111122223333"

var collector = everqual.Caller{ARN: "arn:aws:sts::111122223333:assumed-role/everqual-collector/everqual", Account: account}

func digestOf(s string) everqual.Digest { return everqual.DigestOf([]byte(s)) }

func resource(kind, id string) everqual.Resource {
	service, rest := "ec2", "instance/"
	switch kind {
	case "AWS::S3::Bucket":
		return everqual.Resource{ID: everqual.ResourceID("arn:aws:s3:::" + id), Type: kind, Account: account, Region: "eu-central-1"}
	case "AWS::RDS::DBInstance":
		service, rest = "rds", "db:"
	case "AWS::KMS::Key":
		service, rest = "kms", "key/"
	}
	return everqual.Resource{
		ID:   everqual.ResourceID("arn:aws:" + service + ":eu-central-1:" + account + ":" + rest + id),
		Type: kind, Account: account, Region: "eu-central-1",
	}
}

func recorded(sequence uint64, version int, r everqual.Resource, name string, tags map[string]string) report.Recorded {
	id := string(r.ID)
	return report.Recorded{
		Observation: everqual.Observation{
			Resource: r, Version: version, State: everqual.Present, Name: name, Tags: tags,
			Digest: digestOf("state " + id), Evidence: digestOf("evidence " + id),
			CollectedAt: day.Add(-time.Duration(100-sequence) * time.Minute), Collector: r.Type + "/1", Caller: collector,
		},
		Sequence: sequence, Hash: digestOf("record " + id),
	}
}

func testCase(id, title, attribute, risk string, refs ...string) everqual.TestCase {
	return everqual.TestCase{ID: id, Title: title, Attribute: attribute, Risk: risk, Requirements: refs, Controls: []string{"21 CFR 11.10(a)"}}
}

func specification(id, title, kind, role string, cases ...everqual.TestCase) everqual.Specification {
	source := []byte("specification " + id)
	return everqual.Specification{
		ID: id, Version: "1.2", Title: title, System: "LIMS-PRD",
		Effective: everqual.Period{From: day.AddDate(0, -2, 0)},
		Approval:  everqual.Approval{By: "Dr. Ingrid Sørensen", Role: "Quality unit", At: day.AddDate(0, -2, -3)},
		Applies:   everqual.Selector{Types: everqual.Values{kind}, Tags: map[string]everqual.Values{"System": {"LIMS-PRD"}, "Role": {role}}},
		TestCases: cases, Digest: everqual.DigestOf(source), Source: source, Path: "specs/" + strings.ToLower(id) + ".json",
	}
}

// verdict answers a test case; an outcome other than PASS takes what the
// arguments say.
func verdict(c everqual.TestCase, expected, actual string, o everqual.Outcome) everqual.Verdict {
	return everqual.Verdict{
		TestCase: c.ID, Title: c.Title, Risk: c.Risk, Requirements: c.Requirements, Controls: c.Controls,
		Attribute: c.Attribute, Expected: expected, Actual: actual, Outcome: o,
	}
}

func assessment(o report.Recorded, s everqual.Specification, verdicts ...everqual.Verdict) everqual.Assessment {
	return everqual.Assessment{
		System: s.System, Resource: o.Resource, Version: o.Version, Observation: o.Digest, Evidence: o.Evidence,
		CollectedAt: o.CollectedAt, Specification: s.Ref(), Verdicts: verdicts, AssessedAt: o.CollectedAt.Add(2 * time.Second),
	}
}

func lims(role string) map[string]string {
	return map[string]string{"System": "LIMS-PRD", "Role": role, "Environment": "production", "Owner": "lab-it@example.com"}
}

var (
	appCases = []everqual.TestCase{
		testCase("APP-01", "The instance type is one of the approved sizes", "InstanceType", "medium", "URS-012"),
		testCase("APP-02", "The instance can not be terminated by accident", "DisableApiTermination.Value", "high", "URS-014", "URS-015"),
		testCase("APP-03", "Instance metadata requires session tokens", "MetadataOptions.HttpTokens", "high", "URS-021"),
		testCase("APP-04", "Every volume is encrypted", "Volumes[].Encrypted", "high", "URS-022"),
	}
	databaseCases = []everqual.TestCase{
		testCase("DB-01", "The storage is encrypted", "StorageEncrypted", "high", "URS-022"),
		testCase("DB-02", "Deletion protection is on", "DeletionProtection", "high", "URS-031"),
		testCase("DB-03", "Backups are kept for at least 14 days", "BackupRetentionPeriod", "medium", "URS-032"),
	}
	bucketCases = []everqual.TestCase{
		testCase("S3-01", "Versioning is enabled", "Versioning.Status", "medium", "URS-041"),
		testCase("S3-02", "Public access is blocked", "PublicAccessBlock.BlockPublicPolicy", "high", "URS-042"),
		testCase("S3-03", "Objects can not be deleted before their retention ends", "ObjectLock.Rule.DefaultRetention.Mode", "low"),
	}
	appSpec      = specification("SPEC-APP", "Application servers", "AWS::EC2::Instance", "application", appCases...)
	databaseSpec = specification("SPEC-DB", "Database", "AWS::RDS::DBInstance", "database", databaseCases...)
	bucketSpec   = specification("SPEC-S3", "Result archive", "AWS::S3::Bucket", "archive", bucketCases...)
)

// sample is a small laboratory system with what goes wrong in practice.
func sample() report.Input {
	app1 := recorded(41, 3, resource("AWS::EC2::Instance", "i-0a1b2c3d4e5f60718"), "lims-app-1", lims("application"))
	app2 := recorded(42, 1, resource("AWS::EC2::Instance", "i-0f9e8d7c6b5a40312"), "lims-app-2", lims("application"))
	db := recorded(43, 2, resource("AWS::RDS::DBInstance", "lims-prd"), "lims-prd", lims("database"))
	bucket := recorded(44, 1, resource("AWS::S3::Bucket", "lims-prd-results"), "lims-prd-results", lims("archive"))
	bucket.Unread = []everqual.Unread{{Path: "ObjectLock", Reason: everqual.Denied, Call: "s3:GetObjectLockConfiguration",
		Message: "AccessDenied: the role everqual-collector may not perform s3:GetBucketObjectLockConfiguration"}}
	key := recorded(45, 1, resource("AWS::KMS::Key", "0b5c9c5e-6f3f-4c1e-9d0a-5f2f4f0a7f11"), "lims-data-key", lims("key"))
	old := recorded(46, 2, resource("AWS::EC2::Instance", "i-0999999999999dead"), "lims-app-0", nil)
	old.State = everqual.Deleted
	in := base()
	in.Inventory = []report.Recorded{bucket, app2, app1, key, db, old}
	in.Assessments = []everqual.Assessment{
		assessment(db, databaseSpec,
			verdict(databaseCases[0], "true", "true", everqual.Pass),
			verdict(databaseCases[1], "true", "false", everqual.Fail),
			verdict(databaseCases[2], "at least 14", "14", everqual.Pass)),
		assessment(app1, appSpec,
			verdict(appCases[0], `one of "m7i.large", "m7i.xlarge"`, `"m7i.4xlarge"`, everqual.Fail),
			verdict(appCases[1], "true", "true", everqual.Pass),
			verdict(appCases[2], `"required"`, `"required"`, everqual.Pass),
			verdict(appCases[3], "true (all)", "[true,true]", everqual.Pass)),
		assessment(app2, appSpec,
			verdict(appCases[0], `one of "m7i.large", "m7i.xlarge"`, `"m7i.large"`, everqual.Pass),
			verdict(appCases[1], "true", "true", everqual.Pass),
			verdict(appCases[2], `"required"`, `"required"`, everqual.Pass),
			verdict(appCases[3], "true (all)", "[true,true,true]", everqual.Pass)),
		bucketAssessment(bucket),
	}
	in.Baseline = &everqual.Baseline{System: "LIMS-PRD", At: day.AddDate(0, 0, -20), By: "j.keller", Reason: "go-live, change CHG-2026-0117",
		Members: []everqual.BaselineItem{{Resource: app1.Resource, Version: 1}, {Resource: db.Resource, Version: 1}, {Resource: old.Resource, Version: 1}}}
	in.Drift = []report.Drift{
		{Resource: db.Resource, Path: "DeletionProtection", Before: "true", After: "false", By: "assumed-role/AdminAccess/m.mustermann",
			At: day.Add(-3 * time.Hour), EventID: "5f6a0a4e-2f7b-4c39-a4c0-2d8c3a3fbd11", EventName: "ModifyDBInstance"},
		{Resource: app1.Resource, Path: "InstanceType", Before: `"m7i.large"`, After: `"m7i.4xlarge"`, By: "assumed-role/AdminAccess/m.mustermann",
			At: day.Add(-4 * time.Hour), EventID: "b1c7f0de-1111-4a7b-8a3a-0b64f7d0d9aa", EventName: "ModifyInstanceAttribute"},
	}
	in.DeadLetters = []everqual.DeadLetter{{ID: "0194f2a1", Kind: "notify", Subject: "assessment:LIMS-PRD", Cause: "post webhook: 410 Gone",
		Attempts: 8, FailedAt: day.Add(-2 * time.Hour), Body: json.RawMessage(`{}`)}}
	return in
}

func bucketAssessment(bucket report.Recorded) everqual.Assessment {
	denied := verdict(bucketCases[2], `"COMPLIANCE"`, "", everqual.NotEvaluated)
	denied.Reason = everqual.Denied
	denied.Detail = "ObjectLock could not be read: s3:GetObjectLockConfiguration was denied"
	return assessment(bucket, bucketSpec,
		verdict(bucketCases[0], `"Enabled"`, `"Enabled"`, everqual.Pass),
		verdict(bucketCases[1], "true", "true", everqual.Pass), denied)
}

// base is an input without resources: everything that a document needs.
func base() report.Input {
	return report.Input{
		Organisation: "Example Biologics GmbH", DocumentNumber: "IQ-LIMS-PRD-2026-004", DocumentVersion: "1.0",
		GeneratedAt: day, ToolVersion: "v0.1.0",
		Period: everqual.Period{From: day.AddDate(0, -1, 0), Until: day},
		System: everqual.System{ID: "LIMS-PRD", Title: "Laboratory information management, production",
			Description: "Holds sample and result data of the quality control laboratories.",
			Scope:       everqual.Selector{Tags: map[string]everqual.Values{"System": {"LIMS-PRD"}}, Accounts: everqual.Values{account}, Regions: everqual.Values{"eu-central-1"}}},
		Specifications: []everqual.Specification{bucketSpec, appSpec, databaseSpec},
		Events:         everqual.EventCounts{Total: 212, Duplicate: 3, ReadOnly: 180, Failed: 4, Matched: 23, Unmatched: 2},
		Ledger:         report.Head{Sequence: 97, Hash: digestOf("head"), CheckpointAt: day.Add(-time.Second)},
		Revisions: []report.Revision{
			{Version: "0.1", Date: day.AddDate(0, 0, -1), Change: "First draft", Reason: "Initial qualification", By: "J. Keller"},
			{Version: "1.0", Date: day, Change: "Results after the change of the instance type", Reason: "CHG-2026-0131", By: "J. Keller"},
		},
	}
}

// sound is an input on which everything holds.
func sound() report.Input {
	in := base()
	in.Events.Unmatched, in.Events.Total = 0, 210
	app := recorded(41, 1, resource("AWS::EC2::Instance", "i-0a1b2c3d4e5f60718"), "lims-app-1", lims("application"))
	in.Specifications = []everqual.Specification{appSpec}
	in.Inventory = []report.Recorded{app}
	var verdicts []everqual.Verdict
	for _, c := range appCases {
		verdicts = append(verdicts, verdict(c, "true", "true", everqual.Pass))
	}
	in.Assessments = []everqual.Assessment{assessment(app, appSpec, verdicts...)}
	return in
}

// many has rows results, four for each resource.
func many(rows int) report.Input {
	in := base()
	in.Specifications = []everqual.Specification{appSpec}
	outcomes := []everqual.Outcome{everqual.Pass, everqual.Pass, everqual.Fail, everqual.Pass, everqual.NotEvaluated, everqual.NotApplicable, everqual.Pass}
	for i := range rows / len(appCases) {
		r := resource("AWS::EC2::Instance", fmt.Sprintf("i-%017x", i))
		o := recorded(uint64(i%90+1), 1+i%4, r, fmt.Sprintf("lims-app-%05d", i), lims("application"))
		o.Evidence = digestOf("evidence" + string(r.ID))
		var verdicts []everqual.Verdict
		for j, c := range appCases {
			v := verdict(c, `one of "m7i.large", "m7i.xlarge"`, fmt.Sprintf(`{"InstanceType":"m7i.%d","Cores":%d}`, i, j), outcomes[(i+j)%len(outcomes)])
			if v.Outcome == everqual.NotEvaluated {
				v.Reason, v.Detail = everqual.Throttled, "ec2:DescribeInstanceAttribute was throttled beyond the last retry"
			}
			verdicts = append(verdicts, v)
		}
		in.Inventory = append(in.Inventory, o)
		in.Assessments = append(in.Assessments, assessment(o, appSpec, verdicts...))
	}
	return in
}

// extreme has what layouts break on.
func extreme() report.Input {
	in := sample()
	in.Organisation = strings.Repeat("A very long organisation name ", 9)
	in.DocumentNumber = strings.Repeat("IQ-0123456789-", 14)
	in.System.Title = "Überprüfung — Ελληνικά — Кириллица — 日本語の名前 😀 " + strings.Repeat("long ", 60)
	in.ToolVersion = "v0.1.0\n(second line)"
	tags := map[string]string{"System": "LIMS-PRD", "Role": "application", "空": "値", "blank": "", "spaces": "  "}
	for i := range 40 {
		tags[fmt.Sprintf("cost-centre:%02d", i)] = strings.Repeat("v", 3*i)
	}
	policy := `{"Version":"2012-10-17","Statement":[` + strings.TrimSuffix(strings.Repeat(
		`{"Sid":"AllowOnlyTls","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::lims-prd-results/*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},`, 13), ",") + "]}"
	odd := recorded(50, 1, resource("AWS::EC2::Instance", "i-"+strings.Repeat("0123456789abcdef", 40)), "rtl \u202Eevil\u202C שלום مرحبا 😀 \x00\x07 \xff\xfe {nb} \\u65E5", tags)
	in.Inventory = append(in.Inventory, odd)
	cases := []everqual.TestCase{
		testCase("X-01", strings.Repeat("Title without end ", 40), strings.Repeat("a.b", 300), "high", "URS-1"),
		testCase("X-02", "A policy of two thousand characters", "Policy", "high"),
		testCase("X-03", "Nothing to break at", "X", "low"),
		testCase(strings.Repeat("X", 90), "A test with a long number", "日本", strings.Repeat("risk", 20)),
	}
	spec := specification("SPEC-"+strings.Repeat("LONG", 30), "Extreme values "+strings.Repeat("and more ", 40), "AWS::EC2::Instance", "application", cases...)
	in.Specifications = append(in.Specifications, spec)
	in.Assessments = append(in.Assessments, assessment(odd, spec,
		verdict(cases[0], strings.Repeat("expected ", 50), policy, everqual.Fail),
		verdict(cases[1], policy, policy, everqual.Pass),
		verdict(cases[2], strings.Repeat("W", 2000), strings.Repeat("x", 9000), everqual.Fail),
		verdict(cases[3], "é\u0301 \u00a0\u200b\u2028", "日本語 😀 ﷽ \t\n", everqual.NotApplicable)))
	return in
}
