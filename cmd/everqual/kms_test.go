package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// standInForKMS answers as KMS for one key, which moto's does not know: of Ed25519. It
// says by its id which keys it was asked for.
func standInForKMS(t *testing.T) {
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := must(x509.MarshalPKIXPublicKey(public))(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			KeyId   string
			Message []byte
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.KeyId != "alias/ledger" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"NotFoundException","message":"no such key"}`))
			return
		}
		var out map[string]any
		switch operation := r.Header.Get("X-Amz-Target"); operation {
		case "TrentService.GetPublicKey":
			out = map[string]any{"KeyId": in.KeyId, "PublicKey": der, "KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}
		case "TrentService.Sign":
			out = map[string]any{"KeyId": in.KeyId, "Signature": ed25519.Sign(secret, in.Message), "SigningAlgorithm": "ED25519_SHA_512"}
		case "TrentService.DescribeKey":
			out = map[string]any{"KeyMetadata": map[string]any{"KeyId": "1", "Arn": "arn:key", "KeyState": "Enabled", "KeySpec": "ECC_NIST_EDWARDS25519", "KeyUsage": "SIGN_VERIFY"}}
		default:
			t.Errorf("KMS is asked for %s", operation)
		}
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_KMS", server.URL)
}

// called runs the program in a folder.
func called(t *testing.T, dir string, args ...string) (out string, err error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "EVERQUAL_BE_MAIN=1")
	b, err := cmd.CombinedOutput()
	return string(b), err
}

// step is a call of the program, and what it must say; code is its exit code.
type step struct {
	code int
	want string
	args string
}

func follow(t *testing.T, dir string, steps []step) {
	t.Helper()
	for _, s := range steps {
		out, err := called(t, dir, strings.Fields(s.args)...)
		code := 0
		if ended, ok := err.(*exec.ExitError); ok {
			code = ended.ExitCode()
		}
		if code != s.code || !strings.Contains(out, s.want) {
			t.Errorf("everqual %s: exit code %d, want %d and %q in\n%s", s.args, code, s.code, s.want, out)
		}
	}
}

// TestKMSSignsFolder has a key in KMS sign for a home in a folder, then its own again:
// all of it stays verifiable, without a network.
func TestKMSSignsFolder(t *testing.T) {
	standInForKMS(t)
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEVERQUALTEST0001")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	dir := t.TempDir()
	setting := filepath.Join(dir, "demo", "home", "keys", "kms.json")
	write := func(text string) {
		if err := os.WriteFile(setting, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	follow(t, dir, []step{{0, "", "demo --out demo"}, {0, "all of 130 records are signed", "doctor --home demo/home --offline"}})
	own := must(os.ReadFile(filepath.Join(dir, "demo/home/keys/ledger.pub")))(t)
	write(`{"key_id": "alias/ledger", "region": "eu-central-1"}`)
	follow(t, dir, []step{
		{0, "", "baseline set --home demo/home --system LIMS --reason kms --by QA"},
		{0, "132 records, 2 checkpoints", "verify --home demo/home"},
	})
	kms := must(os.ReadFile(filepath.Join(dir, "demo/home/keys/ledger.pub")))(t)
	if string(kms) == string(own) {
		t.Fatal("the public key is still the old one")
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1") // nothing but the key is asked
	follow(t, dir, []step{
		{0, "a ledger of", "export --home demo/home --out all.tar"},
		{0, "Verified", "verify --home demo/home"},
	})
	t.Setenv("AWS_ENDPOINT_URL_KMS", "http://127.0.0.1:1")
	follow(t, dir, []step{{0, "Verified", "verify --home demo/home"}}) // offline
	if err := os.Remove(setting); err != nil {
		t.Fatal(err)
	}
	follow(t, dir, []step{
		{0, "", "baseline set --home demo/home --system LIMS --reason own --by QA"},
		{0, "Verified", "verify --home demo/home"},
		{0, "private", "doctor --home demo/home --offline"},
		{0, "of a ledger", "export --home demo/home --out both.tar"}, // its own key is a former one and the one of today
		{0, "Verified", "verify both.tar --key demo/home/keys/ledger.pub"},
		{0, "records", "import both.tar --home imported"},
		{0, "Verified", "verify --home imported"},
	})
	if again := must(os.ReadFile(filepath.Join(dir, "demo/home/keys/ledger.pub")))(t); string(again) != string(own) {
		t.Errorf("the home's own key is %s, not %s again", again, own)
	}
}

// TestDoctorAsksForKey checks the key in KMS that signs for a folder.
func TestDoctorAsksForKey(t *testing.T) {
	standInForKMS(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEVERQUALTEST0001")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
	dir := t.TempDir()
	follow(t, dir, []step{{0, "", "demo --out demo"}})
	t.Setenv("EVERQUAL_KMS_KEY", "alias/ledger")
	follow(t, dir, []step{{3, "arn:key is Enabled, of ECC_NIST_EDWARDS25519", "doctor --home demo/home"}})
	t.Setenv("EVERQUAL_KMS_KEY", "alias/other")
	follow(t, dir, []step{{4, "it is not there", "doctor --home demo/home"}})
}
