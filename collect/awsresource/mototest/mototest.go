// Package mototest starts moto, an AWS-compatible server, for tests and for
// recordings. It is imported by tests only.
package mototest

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Account is the account that everybody acts in.
const Account = "111122223333"

// Region is where clients ask when nothing else is said.
const Region = "eu-central-1"

// Server is a running moto. Its clock stands still until it is set.
type Server struct {
	URL   string // http://127.0.0.1:port
	clock string // the file that holds the server's time
}

// setClock has the server's Python take its time from a file, so that what it
// writes down can be recorded again to the same bytes. Python runs a module of
// this name before anything else.
//
//go:embed sitecustomize.py
var setClock []byte

// Epoch is the time at which a server starts.
var Epoch = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

// Start starts moto on a free port of 127.0.0.1, points the SDK's environment
// at it, and ends it with the test. Without moto_server the test is skipped,
// or fails when CI=true.
func Start(t testing.TB) Server {
	t.Helper()
	return start(t, "MOTO_ACCOUNT_ID="+Account)
}

// StartAccounts starts moto with as many accounts as somebody takes a role in: the
// credentials of a role see what is in its account, and all others an account of
// moto's own. Their times are those of the machine's clock at the start.
func StartAccounts(t testing.TB) Server {
	t.Helper()
	s := start(t)
	s.Clock(t, time.Now())
	return s
}

func start(t testing.TB, variables ...string) Server {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		const message = "moto_server is missing: pip install 'moto[server]==5.2.1'"
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip("SKIPPED: " + message)
	}
	port, dir := FreePort(t), t.TempDir()
	s := Server{URL: "http://127.0.0.1:" + port, clock: filepath.Join(dir, "clock")}
	s.Clock(t, Epoch)
	if err := os.WriteFile(filepath.Join(dir, "sitecustomize.py"), setClock, 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "moto.log"))
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program, "-H", "127.0.0.1", "-p", port)
	server.Env = append(environment(), append(variables, "MOTO_PORT="+port, "MOTO_IAM_LOAD_MANAGED_POLICIES=true",
		"PYTHONPATH="+dir, "EVERQUAL_CLOCK="+s.clock)...)
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = log.Close()
	})
	s.wait(t, log.Name())
	Point(t, s.URL)
	s.Post(t, "/moto-api/config", "application/json", `{"lambda":{"use_docker":false}}`)
	return s
}

// Point points the SDK's environment at a server, with a key that any takes.
func Point(t testing.TB, url string) {
	Server{}.Use(t, "AKIAEVERQUALTEST0001", "test")
	t.Setenv("AWS_ENDPOINT_URL", url)
	t.Setenv("AWS_REGION", Region)
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
}

// Use has the SDK act with a key.
func (s Server) Use(t testing.TB, keyID, secret string) {
	t.Setenv("AWS_ACCESS_KEY_ID", keyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_PROFILE", "")
}

// Recorded is the endpoint that a recording names: the port of the day means
// nothing. Any other name than localhost is a bucket's to moto.
const Recorded = "http://localhost:5000"

// Transport reaches the server whatever host is asked, for a recording that
// names Recorded.
func (s Server) Transport() http.RoundTripper {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(s.URL, "http://"))
	}}
}

// Seed makes the ids that the server gives from now on repeatable.
func (s Server) Seed(t testing.TB, n int) {
	t.Helper()
	s.Post(t, fmt.Sprintf("/moto-api/seed?a=%d", n), "text/plain", "")
}

// Clock sets the server's time.
func (s Server) Clock(t testing.TB, now time.Time) {
	t.Helper()
	seconds := fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000)
	if err := os.WriteFile(s.clock+".new", []byte(seconds), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(s.clock+".new", s.clock); err != nil {
		t.Fatal(err)
	}
}

// Enforce has the server check keys and IAM policies from now on.
func (s Server) Enforce(t testing.TB) {
	t.Helper()
	s.Post(t, "/moto-api/reset-auth", "text/plain", "0")
}

// Relax ends what Enforce began.
func (s Server) Relax(t testing.TB) {
	t.Helper()
	s.Post(t, "/moto-api/reset-auth", "text/plain", "1000000000")
}

// Post sends a command to moto itself.
func (s Server) Post(t testing.TB, path, contentType, body string) {
	t.Helper()
	response, err := http.Post(s.URL+path, contentType, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	if response.StatusCode >= 300 {
		t.Fatalf("moto: POST %s: %s: %s", path, response.Status, text)
	}
}

func (s Server) wait(t testing.TB, log string) {
	t.Helper()
	for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(100 * time.Millisecond) {
		response, err := http.Get(s.URL + "/moto-api/data.json")
		if err == nil {
			response.Body.Close()
			return
		}
	}
	said, _ := os.ReadFile(log)
	t.Fatalf("moto did not come up within a minute:\n%s", bytes.TrimSpace(said))
}

// FreePort is a port of 127.0.0.1 that nothing listens on.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// environment is ours without what would point moto itself at an AWS endpoint.
func environment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "AWS_") {
			env = append(env, v)
		}
	}
	return env
}
