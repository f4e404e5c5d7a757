package rule_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/syntax"
	"github.com/everqual/everqual/rules"
)

func FuzzLoad(f *testing.F) {
	f.Add([]byte(thing))
	for _, name := range []string{"iam.json", "lambda.json", "tagging.json", "config.json"} {
		b, err := rules.Files.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, err := rule.Load(fstest.MapFS{"thing.json": {Data: b}})
		var e *syntax.Error
		if err != nil && (!errors.As(err, &e) || e.File != "thing.json" || e.Line < 1) {
			t.Fatalf("%q: %v", b, err)
		}
	})
}

func FuzzSetMatch(f *testing.F) {
	set := shipped(f)
	f.Add([]byte(`{"source":"aws.ec2","detail-type":"AWS API Call via CloudTrail","account":"111122223333","region":"eu-west-1","detail":{"eventSource":"ec2.amazonaws.com","eventName":"CreateTags","requestParameters":{"resourcesSet":{"items":[{"resourceId":"i-12345678"},{"resourceId":{"content":"vol-12345678"}}]}}}}`))
	f.Add([]byte(`{"source":"aws.config","detail-type":"Config Configuration Item Change","detail":{"configurationItem":{"ARN":"arn:aws:s3:::x-y"}}}`))
	f.Add([]byte(`{"source":"aws.lambda","detail-type":"AWS API Call via CloudTrail","detail":{"eventSource":"lambda.amazonaws.com","eventName":"20150331","resources":[{"ARN":[]}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := set.Match(everqual.ChangeEvent{Envelope: b})
		if err != nil {
			return
		}
		if m.Rule == "" && (len(m.Resources) > 0 || m.Unresolved != "") || m.Rule != "" && len(m.Resources) == 0 && m.Unresolved == "" {
			t.Fatalf("%q: half a match %+v", b, m)
		}
		for _, r := range m.Resources {
			if _, ok := r.ID.Parts(); !ok || r.Type == "" || r.Account == "" || r.Region == "" {
				t.Fatalf("%q: incomplete resource %+v", b, r)
			}
		}
	})
}
