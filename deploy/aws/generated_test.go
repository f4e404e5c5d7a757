package aws_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	awshome "github.com/everqual/everqual/home/aws"
)

// policyFile is where Terraform finds the policy of a role.
func policyFile(role string) string {
	if role == "worker" || role == "operator" {
		return "policies/" + role + ".json"
	}
	return "policies/function-" + role + ".json"
}

// TestGenerated: what the functions, the worker and the operator may is what the
// program declares that it calls.
func TestGenerated(t *testing.T) {
	for _, role := range awshome.Roles() {
		p, err := awshome.PolicyOf(role)
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.MarshalIndent(p, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, '\n')
		if *update {
			if err := os.WriteFile(policyFile(role), want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(policyFile(role)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program declares (%v): -update writes it anew", policyFile(role), err)
		}
		short, _ := json.Marshal(p)
		if len(short) > maxPolicy {
			t.Errorf("%s has %d characters, and IAM takes %d", policyFile(role), len(short), maxPolicy)
		}
	}
}

// TestSpecificationsStay: nobody writes under specs/ but people with permissions of
// their own, and nobody writes anywhere in the bucket but under archive/.
func TestSpecificationsStay(t *testing.T) {
	for _, role := range awshome.Roles() {
		p, err := awshome.PolicyOf(role)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range p.Statement {
			writes := slices.ContainsFunc(s.Action, func(a string) bool {
				return strings.HasPrefix(a, "s3:") && !strings.HasPrefix(a, "s3:Get") && !strings.HasPrefix(a, "s3:List")
			})
			if writes && !slices.Equal(s.Resource, []string{"${bucket}/archive/*"}) {
				t.Errorf("%s may write to %v", role, s.Resource)
			}
		}
	}
}
