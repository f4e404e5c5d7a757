package awshome_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// dynamoDBLocal starts AWS's own DynamoDB on a free port of 127.0.0.1, in memory,
// and ends it with the test. test.sh installs it in .cache/dynamodb; without it the
// test is skipped, or fails when CI=true.
func dynamoDBLocal(t testing.TB) (url string) {
	t.Helper()
	lib, err := filepath.Abs("../../.cache/dynamodb")
	must(t, err)
	java, noJava := exec.LookPath("java")
	if _, err := os.Stat(lib); noJava != nil || err != nil {
		message := fmt.Sprintf("DynamoDB Local is missing: ./test.sh installs it where java and mvn are (%v)", errors.Join(noJava, err))
		if os.Getenv("CI") == "true" {
			t.Fatal(message)
		}
		t.Skip("SKIPPED: " + message)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	must(t, l.Close())
	log := filepath.Join(t.TempDir(), "dynamodb.log")
	out, err := os.Create(log)
	must(t, err)
	program, err := filepath.Abs("testdata/Local.java")
	must(t, err)
	server := exec.Command(java, "-Xmx512m", "-Djava.library.path="+lib, "-cp", filepath.Join(lib, "*"), program,
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", port)
	server.Stdout, server.Stderr = out, out
	must(t, server.Start())
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
		_ = out.Close()
	})
	for begin := time.Now(); time.Since(begin) < time.Minute; time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = c.Close()
			return "http://127.0.0.1:" + port
		}
	}
	said, _ := os.ReadFile(log)
	t.Fatalf("DynamoDB Local did not come up within a minute:\n%s", strings.TrimSpace(string(said)))
	return ""
}
