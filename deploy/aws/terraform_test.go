package aws_test

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// plugins is where a mirror of Terraform providers lies, so that the tests need no
// registry.
func plugins() string { return cmp.Or(os.Getenv("EVERQUAL_TF_PLUGINS"), "/opt/tf-plugins") }

// terraform runs terraform in a copy of this folder, for it leaves files behind.
func terraform(t *testing.T) func(dir string, args ...string) {
	t.Helper()
	program, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("SKIPPED: terraform is missing: install version 1.9 or later")
	}
	root, rc := t.TempDir(), filepath.Join(t.TempDir(), "rc")
	if err := os.CopyFS(root, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rc, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(dir string, args ...string) {
		t.Helper()
		cmd := exec.Command(program, args...)
		cmd.Dir = filepath.Join(root, dir)
		cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc, "TF_DATA_DIR="+filepath.Join(root, "data", dir), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("terraform %v in %s: %v\n%s", args, dir, err, out)
		}
	}
}

func TestTerraformFormat(t *testing.T) {
	terraform(t)(".", "fmt", "-check", "-recursive", "-diff")
}

// TestTerraformValidate checks the examples, and with them the modules.
func TestTerraformValidate(t *testing.T) {
	run := terraform(t)
	if _, err := os.Stat(filepath.Join(plugins(), "registry.terraform.io/hashicorp/aws")); err != nil {
		t.Skip("SKIPPED: no mirror with the provider hashicorp/aws: name its folder with EVERQUAL_TF_PLUGINS; 'terraform providers mirror DIR' makes one")
	}
	for _, e := range []string{"examples/tooling", "examples/member"} {
		t.Run(e, func(t *testing.T) {
			run(e, "init", "-backend=false", "-input=false", "-no-color", "-plugin-dir="+plugins())
			run(e, "validate", "-no-color")
		})
	}
}
