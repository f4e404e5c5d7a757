package aws_test

import (
	"os/exec"
	"testing"
)

func TestCloudFormation(t *testing.T) {
	program, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("SKIPPED: cfn-lint is missing: pip install cfn-lint")
	}
	out, err := exec.Command(program, "stackset/member.yaml", "modules/home/ledger-key.yaml").CombinedOutput()
	if err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
}
