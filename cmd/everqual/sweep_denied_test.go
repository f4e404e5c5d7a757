package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/everqual/everqual"
)

// TestSweepOfAnAccountThatTrustsNobody counts what is in there as denied, with the
// action and the role, and asks once.
func TestSweepOfAnAccountThatTrustsNobody(t *testing.T) {
	w := newWorkload(t)
	asked := distrust(t, "222222222222")
	state := w.write("state.json", fmt.Sprintf(`{"version":4,"resources":[
		{"mode":"managed","type":"aws_instance","name":"web","instances":[{"attributes":{"arn":"arn:aws:ec2:eu-central-1:111122223333:instance/%s"}}]},
		{"mode":"managed","type":"aws_ebs_volume","name":"one","instances":[{"attributes":{"arn":"arn:aws:ec2:eu-central-1:222222222222:volume/vol-0123456789abcdef0"}}]},
		{"mode":"managed","type":"aws_ebs_volume","name":"two","instances":[{"attributes":{"arn":"arn:aws:ec2:eu-central-1:222222222222:volume/vol-0123456789abcdef1"}}]}]}`, w.instance))
	sweep := w.partly("--role", "everqual-collector", "--state", state)
	want := []everqual.Coverage{
		{Account: "111122223333", Region: "eu-central-1", Type: "AWS::EC2::Instance", Expected: 1, Collected: 1, Partly: sweep.Rows[0].Partly},
		{Account: "222222222222", Region: "eu-central-1", Type: "AWS::EC2::Volume", Expected: 2, Denied: 2},
	}
	if len(sweep.Rows) != 2 || sweep.Rows[0] != want[0] || sweep.Rows[1] != want[1] || asked() != 1 {
		t.Errorf("after asking %d times: %+v", asked(), sweep)
	}
	sweep = w.partly("--role", "everqual-collector", "--accounts", "111122223333,222222222222", "--types", "AWS::EC2::Volume,AWS::IAM::Role")
	for _, u := range sweep.Unlisted {
		if u.Account != "222222222222" || u.Reason != everqual.Denied || u.Call != "sts:AssumeRole" || !strings.Contains(u.Message, ":iam::222222222222:role/everqual-collector") {
			t.Errorf("not listed: %+v", u)
		}
	}
	if len(sweep.Unlisted) != 2 || asked() != 2 { // it is another process
		t.Errorf("after asking %d times: %+v", asked(), sweep)
	}
}

// distrust has the roles of an account denied, and tells how often one was asked for.
func distrust(t *testing.T, account string) (asked func() int64) {
	behind := must(url.Parse(os.Getenv("AWS_ENDPOINT_URL")))(t)
	pass, n := httputil.NewSingleHostReverseProxy(behind), &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), "/sts/") {
			if err := r.ParseForm(); err == nil && strings.Contains(r.Form.Get("RoleArn"), "::"+account+":") {
				n.Add(1)
				w.WriteHeader(http.StatusForbidden)
				_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>`)
				return
			}
			body := r.Form.Encode()
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
		}
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)
	return n.Load
}

// partly sweeps what cannot be swept as a whole.
func (w *workload) partly(args ...string) everqual.SweepAccount {
	w.t.Helper()
	args = append([]string{"sweep", "--debounce", "0s", "--home", filepath.Join(w.dir, "home"), "--specs", filepath.Join(w.dir, "specs"), "--output", "json"}, args...)
	cmd := exec.CommandContext(w.t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1")
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != exitPartly {
		w.t.Fatalf("exit code %d (%v)\n%s", cmd.ProcessState.ExitCode(), err, out)
	}
	var result sweepResult
	if err := json.Unmarshal(out, &result); err != nil {
		w.t.Fatal(err)
	}
	return result.Sweep
}
