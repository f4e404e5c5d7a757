package main

import (
	"bytes"
	"os"
	"testing"
)

// TestDeployedRules holds the rendered rules that the deployment on AWS reads.
func TestDeployedRules(t *testing.T) {
	const name = "../../deploy/aws/rules.json"
	all, err := (&app{home: t.TempDir()}).eventRules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := printJSON(&got, plainRules(all)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("%s is not what the rule files say: write it anew with -update", name)
	}
}
