package rule_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
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

// notMapped are calls of the thirteen types' services that touch no resource of
// a type that is described, or name none.
var notMapped = strings.Fields(`ec2:SharedSnapshotVolumeCreated ec2:CreateTags`)

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
			case !m.Touched():
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

// TestShippedRulesOnRealEnvelopes reads events of real accounts. Each names its
// resources, or has a reason not to.
func TestShippedRulesOnRealEnvelopes(t *testing.T) {
	const noRule = "no rule file describes the service"
	set := shipped(t)
	dir := shared(t, "data", "events")
	want := map[string]struct {
		resource everqual.ResourceID
		reason   string
	}{
		"event-appmesh-create-virtualnode.json":                         {"", noRule},
		"event-cloud-trail-appelb-add-tags.json":                        {"arn:aws:elasticloadbalancing:us-east-1:123456789123:loadbalancer/app/test/433ae0ba96204181", ""},
		"event-cloud-trail-catalog-put-resource-policy.json":            {"", noRule},
		"event-cloud-trail-create-bucket.json":                          {"arn:aws:s3:::custodian-create-bucket-v4", ""},
		"event-cloud-trail-create-load-balancer-policy.json":            {"arn:aws:elasticloadbalancing:us-east-1:101010101111:loadbalancer/capione-test", ""},
		"event-cloud-trail-create-rest-stage.json":                      {"arn:aws:apigateway:us-east-1::/restapis/abcdef74gh", ""},
		"event-cloud-trail-hsm-create-cluster.json":                     {"", noRule},
		"event-cloud-trail-run-instance-creator.json":                   {"arn:aws:ec2:us-east-1:644160558196:instance/i-0f7c711dc84bedda0", ""},
		"event-cloud-trail-tag-distribution.json":                       {"arn:aws:cloudfront::351936369470:distribution/E53370FUHBNLK", ""},
		"event-cloud-trail-update-distribution.json":                    {"arn:aws:cloudfront::012345678912:distribution/E53370FUHBNLK", ""},
		"event-cloud-trail-update-efs-mount-target-security-group.json": {"arn:aws:elasticfilesystem:us-east-1:644160558196:mount-target/fsmt-07e238762319765b9", ""},
		"event-phd-ec2-retire.json":                                     {"arn:aws:ec2:us-east-1:011122335622:instance/i-00ddbf07ce6372082", ""},
		"event-scheduled.json":                                          {"arn:aws:events:us-east-1:123456789012:rule/my-schedule", ""},
		"event-securityhub-cloudtrail-finding-action.json":              {"arn:aws:cloudtrail:us-east-1:644160558196:trail/skunk-trails", ""},
		"event-securityhub-insight-2.json":                              {"", "an insight counts findings and names no resource"},
		"sqs-discover.json":                                             {"arn:aws:sqs:us-east-1:662108712480:config-changes", ""},
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < len(want) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		w, known := want[name]
		if !known {
			t.Errorf("%s: no expectation", name)
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e, err := intake.Parse(b, everqual.Place{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, err := set.Match(e)
		if err != nil || m.Unresolved != "" {
			t.Errorf("%s: %v, unresolved %q", name, err, m.Unresolved)
		}
		switch {
		case w.reason != "" && m.Rule != "":
			t.Errorf("%s: got %+v, want none: %s", name, m, w.reason)
		case w.reason == "" && (len(m.Resources) != 1 || m.Resources[0].ID != w.resource):
			t.Errorf("%s: got %+v, want %s", name, m, w.resource)
		}
	}
}

// TestShippedTransformers checks the two shared input transformers and that
// every match has the one for what its pattern selects.
func TestShippedTransformers(t *testing.T) {
	for _, name := range []string{rule.CloudTrailTransformer, rule.ServiceTransformer} {
		b, err := rules.Files.ReadFile("transformers/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		tr, err := rule.ParseTransformer(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		used := map[string]bool{}
		for _, m := range regexp.MustCompile(`<([^>]*)>`).FindAllStringSubmatch(tr.InputTemplate, -1) {
			used[m[1]] = true
			if tr.InputPathsMap[m[1]] == "" && m[1] != "aws.events.event.json" {
				t.Errorf("%s: the template uses <%s>, which has no path", name, m[1])
			}
		}
		for path := range tr.InputPathsMap {
			if !used[path] {
				t.Errorf("%s: the path %q is not used", name, path)
			}
		}
		// Every value but the envelope is quoted: a missing one is an empty text.
		bare := regexp.MustCompile(`:<([^>]*)>`).FindAllStringSubmatch(tr.InputTemplate, -1)
		if len(bare) != 1 || bare[0][1] != "aws.events.event.json" {
			t.Errorf("%s: without quotes: %v", name, bare)
		}
		var message struct{ Envelope string }
		if err := json.Unmarshal([]byte(strings.Replace(tr.InputTemplate, "<aws.events.event.json>", `"e"`, 1)), &message); err != nil || message.Envelope != "e" {
			t.Errorf("%s: no JSON object with an envelope: %v", name, err)
		}
	}
	for _, r := range shipped(t).Rules() {
		if len(r.Transformers) != len(r.Patterns) {
			t.Fatalf("%s: %d transformers for %d patterns", r.ID, len(r.Transformers), len(r.Patterns))
		}
		for i, tr := range r.Transformers {
			want := rule.ServiceTransformer
			if strings.Contains(r.Patterns[i], "via CloudTrail") {
				want = rule.CloudTrailTransformer
			}
			if tr.Name != want {
				t.Errorf("%s: match %d has the transformer %q, want %q", r.ID, i, tr.Name, want)
			}
		}
	}
}

// TestSourcesAreDocumented keeps the table of docs/rules.md in step with the
// rule files: a line for each, with its source and detail-types.
func TestSourcesAreDocumented(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root(t), "docs", "rules.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "\n## Sources\n")
	table, _, _ := strings.Cut(rest, "\n## ")
	lines := map[string]string{}
	for line := range strings.Lines(table) {
		if cells := strings.Split(line, "|"); len(cells) > 4 && strings.Contains(cells[1], "`") {
			lines[strings.Trim(cells[1], " `")] = line
		}
	}
	for _, r := range shipped(t).Rules() {
		line := lines[r.ID]
		delete(lines, r.ID)
		for i, text := range r.Patterns {
			p, err := pattern.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			sources, _ := p.Exact("source")
			types, _ := p.Exact("detail-type")
			for _, s := range append(sources, types...) {
				if s = strings.TrimPrefix(s, "AWS "); !strings.Contains(line, strings.TrimSuffix(s, " via CloudTrail")) {
					t.Errorf("docs/rules.md, Sources: the line of %s does not name %q of match %d", r.ID, s, i)
				}
			}
		}
	}
	for id := range lines {
		t.Errorf("docs/rules.md, Sources: there is no rules/%s.json", id)
	}
}
