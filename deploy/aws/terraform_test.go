package aws_test

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// plugins is where a mirror of Terraform providers lies, so that the tests need no
// registry.
func plugins() string { return cmp.Or(os.Getenv("EVERQUAL_TF_PLUGINS"), "/opt/tf-plugins") }

// lacking skips a test, and fails it where CI=true: there nothing may be skipped.
func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}

// provider makes sure of the mirror.
func provider(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(plugins(), "registry.terraform.io/hashicorp/aws")); err != nil {
		lacking(t, "no mirror with the provider hashicorp/aws: name its folder with EVERQUAL_TF_PLUGINS; 'terraform providers mirror DIR' makes one")
	}
}

// terraform runs terraform in a copy of this folder, for it leaves files behind, and
// returns what it printed.
func terraform(t *testing.T) func(dir string, args ...string) []byte {
	t.Helper()
	program, err := exec.LookPath("terraform")
	if err != nil {
		lacking(t, "terraform is missing: install version 1.9 or later")
	}
	root, rc := t.TempDir(), filepath.Join(t.TempDir(), "rc")
	if err := os.CopyFS(root, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rc, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return func(dir string, args ...string) []byte {
		t.Helper()
		var said bytes.Buffer
		cmd := exec.Command(program, args...)
		cmd.Dir = filepath.Join(root, dir)
		cmd.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+rc, "TF_DATA_DIR="+filepath.Join(root, "data", dir), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("terraform %v in %s: %v\n%s%s", args, dir, err, out, said.Bytes())
		}
		return out
	}
}

func TestTerraformFormat(t *testing.T) {
	terraform(t)(".", "fmt", "-check", "-recursive", "-diff")
}

// TestTerraformValidate checks the examples, and with them the modules.
func TestTerraformValidate(t *testing.T) {
	run := terraform(t)
	provider(t)
	for _, e := range []string{"examples/tooling", "examples/member"} {
		t.Run(e, func(t *testing.T) {
			run(e, "init", "-backend=false", "-input=false", "-no-color", "-plugin-dir="+plugins())
			run(e, "validate", "-no-color")
		})
	}
}
