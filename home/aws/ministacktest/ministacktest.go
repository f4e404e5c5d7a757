// Package ministacktest starts MiniStack, an AWS-compatible server that runs
// functions, for tests. It is imported by tests only.
package ministacktest

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// Start starts MiniStack on a free port of 127.0.0.1 and ends it with the test; the
// functions that it started are the caller's to end. It keeps all that it is given in
// dir. Of the environment it sees the path and the variables. test.sh installs it in
// .cache/ministack; without it the test is skipped, or fails when CI=true.
func Start(t testing.TB, dir string, variables ...string) (url string) {
	t.Helper()
	program, err := exec.LookPath("ministack")
	if err != nil {
		const message = "ministack is missing: ./test.sh installs it in .cache/ministack"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip("SKIPPED: " + message)
	}
	port, name := mototest.FreePort(t), filepath.Join(t.TempDir(), "ministack.log")
	log, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program)
	server.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "STATE_DIR=" + filepath.Join(dir, "state"), "S3_DATA_DIR=" + filepath.Join(dir, "s3"),
		"BIND_HOST=127.0.0.1", "GATEWAY_PORT=" + port, "IOT_MTLS_ENABLED=0",
	}, variables...)
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = log.Close()
		if t.Failed() {
			said, _ := os.ReadFile(name)
			t.Logf("MiniStack said at last:\n%s", said[max(0, len(said)-20_000):])
		}
	})
	url = "http://127.0.0.1:" + port
	wait(t, url)
	return url
}

// wait is patient with a machine that does much else: only what fails waits as long.
func wait(t testing.TB, url string) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 5*time.Minute; time.Sleep(100 * time.Millisecond) {
		response, err := http.Get(url + "/_ministack/health")
		if err == nil {
			response.Body.Close()
			return
		}
	}
	t.Fatal("MiniStack did not come up within five minutes")
}
