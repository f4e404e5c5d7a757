package aws_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"

	"github.com/everqual/everqual/collect/awsresource/mototest"
	"github.com/everqual/everqual/home/aws/ministacktest"
)

// The account that the home is deployed in, and the one that it watches.
const (
	tooling = "999988887777"
	member  = "222233334444"
)

// stack is a home that Terraform deployed to MiniStack. Its functions are the real
// program, started by MiniStack as Lambda starts it. They reach MiniStack through a
// front, and moto, which plays the member account, for EC2 and STS.
type stack struct {
	*testing.T
	url     string // of MiniStack
	dir     string // where it keeps the functions' code
	program string
	front   *front
	moto    mototest.Server
	cfg     aws.Config // of the tooling account
	home    struct {
		Bucket   string            `json:"bucket"`
		Topic    string            `json:"topic_arn"`
		Bus      string            `json:"bus_arn"`
		Machines map[string]string `json:"state_machines"`
	}
}

// deploy builds the program and applies the module.
func deploy(t *testing.T) *stack {
	t.Helper()
	if runtime.GOOS != "linux" {
		lacking(t, "functions of Lambda are programs for Linux, and run on this machine here")
	}
	provider(t)
	run := terraform(t)
	s := &stack{T: t, moto: mototest.StartAccounts(t), dir: t.TempDir()}
	s.startMiniStack("AUTH=true")
	s.front = newFront(t, s.url)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.url, "AWS_ACCESS_KEY_ID": tooling, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": mototest.Region,
	} {
		t.Setenv(name, value)
	}
	s.cfg = got(config.LoadDefaultConfig(t.Context(), config.WithLogger(logging.Nop{})))(t)
	variables := got(json.Marshal(map[string]any{
		"member":       member,
		"function_zip": s.build(), "architecture": map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH],
		"environment": map[string]string{
			"AWS_ENDPOINT_URL": s.front.url, "AWS_ENDPOINT_URL_EC2": s.moto.URL, "AWS_ENDPOINT_URL_STS": s.moto.URL,
			"EVERQUAL_SETTLE": "1s", "EVERQUAL_DEBOUNCE": "1s", "EVERQUAL_VISIBILITY": "15s",
		},
	}))(t)
	file := filepath.Join(t.TempDir(), "variables.json")
	check(t, os.WriteFile(file, variables, 0o600))
	const dir = "testdata/ministack"
	run(dir, "init", "-input=false", "-no-color", "-plugin-dir="+plugins())
	run(dir, "apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=20", "-var-file="+file)
	if t.Failed() {
		t.FailNow()
	}
	var out struct {
		Home struct{ Value json.RawMessage }
	}
	check(t, json.Unmarshal(run(dir, "output", "-json"), &out))
	check(t, json.Unmarshal(out.Home.Value, &s.home))
	return s
}

// as acts in an account of MiniStack's, whose id is a key to all of it.
func (s *stack) as(account string) aws.Config {
	cfg := s.cfg.Copy()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(account, "test", "")
	return cfg
}

// build makes the zip file of the functions.
func (s *stack) build() (name string) {
	s.Helper()
	dir := s.TempDir()
	s.program = filepath.Join(dir, "everqual")
	// With the flags of the tests: others would have all that it is made of compiled again.
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", s.program, "../../cmd/everqual")
	if out, err := cmd.CombinedOutput(); err != nil {
		s.Fatalf("build: %v\n%s", err, out)
	}
	program := got(os.Open(s.program))(s)
	defer program.Close()
	name = filepath.Join(dir, "everqual.zip")
	file := got(os.Create(name))(s)
	archive := zip.NewWriter(file)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	h.SetMode(0o755)
	got(io.Copy(got(archive.CreateHeader(h))(s), program))(s)
	check(s, archive.Close())
	check(s, file.Close())
	return name
}

// startMiniStack starts it, and ends the functions that it started with the test.
func (s *stack) startMiniStack(variables ...string) {
	s.Helper()
	s.Cleanup(func() { s.kill() }) // after MiniStack, which starts them
	s.url = ministacktest.Start(s, s.dir, append(variables, "MINISTACK_ACCOUNT_ID="+tooling, "MINISTACK_REGION="+mototest.Region,
		"PYTHONPATH="+got(filepath.Abs("testdata/ministack"))(s))...)
}

// kill ends all functions in the middle of what they do, as a machine does that
// fails. They are known by where their program lies.
func (s *stack) kill() (killed int) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		program, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(program, s.dir+"/") {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(link, "/")[2])
		if err == nil && syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	return killed
}

// everqual runs a command on the home.
func (s *stack) everqual(args ...string) string {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), s.program, append(args, "--home", "aws://prod")...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		s.Fatalf("everqual %s: %v\n%s%s", strings.Join(args, " "), err, out, said.Bytes())
	}
	if said.Len() > 0 {
		s.Errorf("everqual %s complains:\n%s", strings.Join(args, " "), said.Bytes())
	}
	return string(out)
}

// until waits; the limit is for a machine that does nothing else, and five times that is
// granted: only what fails waits as long.
func (s *stack) until(what string, limit time.Duration, is func() bool) {
	s.Helper()
	limit *= 5
	for begin := time.Now(); !is(); time.Sleep(300 * time.Millisecond) {
		if time.Since(begin) > limit {
			s.Fatalf("waited %s, and not: %s", limit, what)
		}
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// must takes what a call returns, so that calls nest: got(f())(t).
func got[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func arn(group string) string {
	return fmt.Sprintf("arn:aws:ec2:%s:%s:security-group/%s", mototest.Region, member, group)
}
