package rule_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rules"
)

func shipped(t testing.TB) *rule.Set {
	t.Helper()
	s, err := rule.Load(rules.Files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wrap puts a CloudTrail record into the envelope that EventBridge delivers.
func wrap(t testing.TB, record []byte) everqual.ChangeEvent {
	t.Helper()
	var r struct {
		EventID, EventTime, EventSource, EventName, EventType string
		AwsRegion, RecipientAccountId, ErrorCode              string
		ReadOnly                                              bool
	}
	if err := json.Unmarshal(record, &r); err != nil {
		t.Fatalf("read record: %v\n%s", err, record)
	}
	kind := "AWS API Call via CloudTrail"
	switch r.EventType {
	case "AwsServiceEvent":
		kind = "AWS Service Event via CloudTrail"
	case "AwsConsoleSignIn":
		kind = "AWS Console Sign In via CloudTrail"
	}
	service, _, _ := strings.Cut(r.EventSource, ".")
	envelope, err := json.Marshal(map[string]any{
		"version": "0", "id": r.EventID, "detail-type": kind, "source": "aws." + service,
		"account": r.RecipientAccountId, "time": r.EventTime, "region": r.AwsRegion,
		"resources": []any{}, "detail": json.RawMessage(record),
	})
	if err != nil {
		t.Fatal(err)
	}
	return everqual.ChangeEvent{
		ID: r.EventID, Service: r.EventSource, Name: r.EventName, Account: r.RecipientAccountId,
		Region: r.AwsRegion, ReadOnly: r.ReadOnly, ErrorCode: r.ErrorCode, Envelope: envelope,
	}
}

func TestShippedPatternsAreUsableInEventBridge(t *testing.T) {
	for _, r := range shipped(t).Rules() {
		for _, text := range r.Patterns {
			if len(text) > 2048 {
				t.Errorf("%s: the pattern has %d characters", r.ID, len(text))
			}
			if _, err := pattern.Parse([]byte(text)); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
			if !strings.Contains(text, "via CloudTrail") {
				continue
			}
			for _, filter := range []string{
				`"eventSource":["` + r.Service + `"]`,
				`"readOnly":[false,"false",null,{"exists":false}]`,
				`"errorCode":["",null,{"exists":false}]`,
			} {
				if !strings.Contains(text, filter) {
					t.Errorf("%s: the pattern lacks %s", r.ID, filter)
				}
			}
		}
	}
}

// notMapped are calls of the thirteen types' services that touch no resource
// of these types, or name none.
var notMapped = strings.Fields(`
	ec2:CreateSnapshot ec2:DeleteSnapshot ec2:ModifySnapshotAttribute ec2:SharedSnapshotVolumeCreated
	ec2:RegisterImage ec2:DeregisterImage ec2:ModifyImageAttribute ec2:CreateTags
	ec2:DisassociateRouteTable
	rds:CreateDBSnapshot rds:DeleteDBSnapshot rds:ModifyDBSnapshotAttribute`)

func TestShippedRulesOnRealEvents(t *testing.T) {
	set := shipped(t)
	files, err := filepath.Glob(filepath.Join(shared(t, "data", "cloudtrail", "invictus", "CloudTrail"), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no log files: %v", err)
	}
	unmatched := map[string]int{}
	matched := 0
	for _, file := range files {
		for _, e := range records(t, file) {
			m, err := set.Match(e)
			if err != nil {
				t.Fatalf("%s: %v", e.ID, err)
			}
			name := strings.TrimSuffix(e.Service, ".amazonaws.com") + ":" + e.Name
			switch {
			case e.ReadOnly || e.ErrorCode != "":
				if m.Rule != "" {
					t.Errorf("%s: matched by %s although it changed nothing", name, m.Rule)
				}
			case m.Unresolved != "":
				t.Errorf("%s: unresolved: %s", name, m.Unresolved)
			case m.Rule == "":
				unmatched[name]++
			default:
				matched++
				checkResources(t, name, e, m.Resources)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unmatched)) {
		t.Logf("unmatched: %4d %s", unmatched[name], name)
		service, _, _ := strings.Cut(name, ":")
		if slices.Contains(strings.Fields("ec2 s3 rds kms iam lambda cloudtrail dynamodb"), service) && !slices.Contains(notMapped, name) {
			t.Errorf("%s is unmatched", name)
		}
	}
	if matched < 350 {
		t.Errorf("%d events matched, expected most of the mutating ones", matched)
	}
	t.Logf("matched: %d", matched)
}

func checkResources(t *testing.T, name string, e everqual.ChangeEvent, found []everqual.Resource) {
	t.Helper()
	if len(found) == 0 {
		t.Errorf("%s: matched without resources", name)
	}
	for _, r := range found {
		if a, ok := r.ID.Parts(); !ok || a.Account != "" && a.Account != r.Account || r.Account != e.Account || r.Region != e.Region {
			t.Errorf("%s: odd resource %+v", name, r)
		}
	}
}

func records(t testing.TB, file string) (out []everqual.ChangeEvent) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var log struct{ Records []json.RawMessage }
	if err := json.Unmarshal(b, &log); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", file, err))
	}
	for _, r := range log.Records {
		out = append(out, wrap(t, r))
	}
	return out
}

func TestShippedRulesOnRealEnvelopes(t *testing.T) {
	set := shipped(t)
	dir := shared(t, "data", "events")
	for file, want := range map[string]string{
		"event-cloud-trail-appelb-add-tags.json":     "AWS::ElasticLoadBalancingV2::LoadBalancer",
		"event-cloud-trail-create-bucket.json":       "AWS::S3::Bucket",
		"event-cloud-trail-tag-distribution.json":    "AWS::CloudFront::Distribution",
		"event-cloud-trail-update-distribution.json": "AWS::CloudFront::Distribution",
		"sqs-discover.json":                          "AWS::SQS::Queue",
		"event-scheduled.json":                       "",
		"event-phd-ec2-retire.json":                  "",
	} {
		b, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		m, err := set.Match(everqual.ChangeEvent{Envelope: b})
		if err != nil || m.Unresolved != "" {
			t.Errorf("%s: %v, unresolved %q", file, err, m.Unresolved)
		}
		if got := len(m.Resources); (want == "") != (got == 0) || got > 0 && m.Resources[0].Type != want {
			t.Errorf("%s: got %+v, want %s", file, m, want)
		}
	}
}
