package awsresource_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual/collect/awsresource"
)

// The policy allows what the types declare, each action once, and nothing that
// changes anything.
func TestCollectPolicy(t *testing.T) {
	d := awsresource.OpenReplay(nil)
	for _, list := range []bool{false, true} {
		want := map[string]bool{}
		for _, kind := range d.Types() {
			for _, a := range d.Actions(kind) {
				want[a] = true
			}
			for _, a := range d.ListActions(kind) {
				want[a] = want[a] || list
			}
		}
		for _, a := range awsresource.ScopeActions {
			want[a] = want[a] || list
		}
		p, err := awsresource.CollectPolicy(nil, list)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, s := range p.Statement {
			for _, a := range s.Action {
				if seen[a] || !want[a] {
					t.Errorf("%s: allowed twice, or for nothing", a)
				}
				seen[a] = true
				_, verb, _ := strings.Cut(a, ":")
				if !slices.ContainsFunc([]string{"Get", "List", "Describe", "BatchGet", "GET", "Lookup"}, func(v string) bool { return strings.HasPrefix(verb, v) }) {
					t.Errorf("%s does not read", a)
				}
			}
		}
		for a, wanted := range want {
			if wanted && !seen[a] {
				t.Errorf("%s is not allowed", a)
			}
		}
	}
	p, err := awsresource.CollectPolicy([]string{"AWS::EC2::Volume"}, false)
	if err != nil || len(p.Statement) != 1 || p.Statement[0].Sid != "ReadEc2" || !slices.Equal(p.Statement[0].Action, []string{"ec2:DescribeVolumes"}) {
		t.Errorf("policy of one type: %+v %v", p, err)
	}
	if _, err := awsresource.CollectPolicy([]string{"EC2::Volume"}, false); err == nil {
		t.Error("an unknown type has a policy")
	}
}
