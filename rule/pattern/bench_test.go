package pattern_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/pattern"
)

// envelopes are real CloudTrail events as EventBridge delivers them.
func envelopes(b testing.TB) (events [][]byte, size int64) {
	files, err := filepath.Glob(filepath.Join(shared(b, "data", "cloudtrail", "invictus", "CloudTrail"), "*.json"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no log files: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		var log struct{ Records []json.RawMessage }
		if err := json.Unmarshal(text, &log); err != nil {
			b.Fatal(err)
		}
		for _, r := range log.Records {
			e := fmt.Appendf(nil, `{"version":"0","id":"11111111-2222-3333-4444-555555555555","detail-type":"AWS API Call via CloudTrail","source":"aws.%s","account":"111122223333","time":"2026-03-01T10:00:00Z","region":"eu-central-1","resources":[],"detail":%s}`, sourceOf(r), r)
			events = append(events, e)
			size += int64(len(e))
		}
	}
	return events, size
}

func sourceOf(record []byte) string {
	var r struct{ EventSource string }
	if json.Unmarshal(record, &r) != nil {
		return ""
	}
	name, _, _ := strings.Cut(r.EventSource, ".")
	return name
}

var services = []string{"ec2", "s3", "iam", "rds", "kms", "lambda", "sts", "ssm", "config", "logs", "dynamodb", "cloudtrail", "guardduty", "backup", "eks"}

// trailRule is rule i of a bank such as one writes for CloudTrail.
func trailRule(i int) string {
	service := services[i%len(services)]
	names := fmt.Sprintf(`["Create%d","Delete%d",{"prefix":"Modify%d"}]`, i, i, i)
	if i < 60 {
		names = []string{`["RunInstances","AuthorizeSecurityGroupIngress"]`, `[{"prefix":"Put"}]`, `["CreateRole",{"prefix":"Attach"}]`, `[{"anything-but":{"prefix":"Describe"}}]`}[i%4]
	}
	return fmt.Sprintf(`{"source":["aws.%s"],"detail-type":["AWS API Call via CloudTrail"],"detail":{"eventSource":["%s.amazonaws.com"],"eventName":%s,"readOnly":[false,null,{"exists":false}],"errorCode":[{"exists":false}]}}`, service, service, names)
}

func bank(b testing.TB, n int, rule func(i int) string) *pattern.Matcher {
	var patterns []*pattern.Pattern
	for i := range n {
		patterns = append(patterns, mustParse(b, rule(i)))
	}
	return pattern.NewMatcher(patterns...)
}

var sizes = []int{1, 30, 300, 3000, 30000}

// BenchmarkTrail matches real events with rules as one writes them.
func BenchmarkTrail(b *testing.B) {
	events, size := envelopes(b)
	for _, n := range sizes {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) { run(b, bank(b, n, trailRule), events, size) })
	}
}

// BenchmarkOperator matches real events with banks of one operator on one field.
func BenchmarkOperator(b *testing.B) {
	events, size := envelopes(b)
	for _, op := range []struct{ name, value string }{
		{"exact", `"Describe%d"`},
		{"number", `%d`},
		{"prefix", `{"prefix":"Describe%d"}`},
		{"suffix", `{"suffix":"Instance%d"}`},
		{"equals-ignore-case", `{"equals-ignore-case":"dEscribe%d"}`},
		{"wildcard", `{"wildcard":"*scribe%d*ance*"}`},
		{"anything-but", `{"anything-but":"Describe%d"}`},
		{"numeric", `{"numeric":[">=",%d,"<",1e9]}`},
		{"cidr", `{"cidr":"10.%d.0.0/16"}`},
		{"exists", `{"exists":true}`},
	} {
		field := map[string]string{"number": "requestParameters.maxResults", "numeric": "requestParameters.maxResults", "cidr": "sourceIPAddress"}[op.name]
		if field == "" {
			field = "eventName"
		}
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s/rules=%d", op.name, n), func(b *testing.B) {
				run(b, bank(b, n, func(i int) string {
					value := op.value
					if op.name == "cidr" {
						i %= 256
					}
					if op.name != "exists" {
						value = fmt.Sprintf(value, i)
					}
					return fmt.Sprintf(`{"detail":{"%s":[%s]}}`, field, value)
				}), events, size)
			})
		}
	}
}

func run(b *testing.B, m *pattern.Matcher, events [][]byte, size int64) {
	var found []int
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range events {
			var err error
			if found, err = m.Match(e, found[:0]); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}
