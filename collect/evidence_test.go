package collect_test

import (
	"context"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/google/go-cmp/cmp"
)

func TestReadEvidenceRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":       ``,
		"cut off":       `{"exchanges":[`,
		"two documents": `{} {}`,
		"no operation":  `{"exchanges":[{"service":"s3","parameters":{},"status":200}]}`,
		"no parameters": `{"exchanges":[{"service":"s3","operation":"X","status":200}]}`,
		"a list":        `{"exchanges":[{"service":"s3","operation":"X","parameters":[],"status":200}]}`,
		"status":        `{"exchanges":[{"service":"s3","operation":"X","parameters":{},"status":-1}]}`,
		"base64":        `{"exchanges":[{"service":"s3","operation":"X","parameters":{},"status":200,"base64":true,"body":"?"}]}`,
	} {
		if _, err := collect.ReadEvidence([]byte(text), nil); !everqual.IsPermanent(err) {
			t.Errorf("%s: error is %v, want a permanent one", name, err)
		}
	}
}

func FuzzReadEvidence(f *testing.F) {
	f.Add([]byte(`{"resource":{"id":"arn:aws:s3:::b"},"exchanges":[{"service":"s3","operation":"X","parameters":{"a":1},"status":200,"body":"<x/>"}]}`))
	f.Add([]byte(`{"exchanges":[{"service":"s3","operation":"X","parameters":{},"status":0,"error":"gone","headers":{"a b":"\n"}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := collect.ReadEvidence(raw, nil)
		if err != nil {
			return
		}
		again, err := collect.EncodeEvidence(e)
		if err != nil {
			t.Fatal(err)
		}
		read, err := collect.ReadEvidence(again, nil)
		if err != nil {
			t.Fatal(err)
		}
		second, err := collect.EncodeEvidence(read)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(again), string(second)); diff != "" {
			t.Fatal(diff)
		}
		for _, x := range e.Exchanges { // every exchange that reads can be served
			c := collect.Call{Service: x.Service, Operation: x.Operation, Region: x.Region, Parameters: x.Parameters}
			_, err := call(t, collect.NewReplay(e.Exchanges), collect.WithCall(context.Background(), &c))
			if (err != nil) != (x.Error != "" || x.Status == 0) && len(e.Exchanges) == 1 {
				t.Fatalf("serving gives %v for %+v", err, x)
			}
		}
	})
}
