package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual/collect/awsresource/mototest"
)

// lambda is Lambda with one function: the program under the name bootstrap, and a
// runtime API for it.
type lambda struct {
	t     *testing.T
	next  chan string // payloads
	reply chan string // "response {...}" or "error {...}"
	cold  chan time.Duration
	cmd   *exec.Cmd
	out   strings.Builder
	n     int
}

// startLambda starts the program as Lambda does: without arguments.
func (w *workload) startLambda(function string) *lambda {
	l := &lambda{t: w.t, next: make(chan string), reply: make(chan string, 1), cold: make(chan time.Duration, 1)}
	mux := http.NewServeMux()
	var started time.Time
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(rw http.ResponseWriter, r *http.Request) {
		select {
		case l.cold <- time.Since(started):
		default:
		}
		select {
		case payload := <-l.next:
			l.n++
			rw.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprintf("%s-%d", function, l.n))
			rw.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()))
			fmt.Fprint(rw, payload)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/{path...}", func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		rw.WriteHeader(http.StatusAccepted)
		l.reply <- r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + string(b)
	})
	server := httptest.NewServer(mux)
	bootstrap := filepath.Join(w.t.TempDir(), "bootstrap")
	if err := os.Symlink(must(filepath.Abs(os.Args[0]))(w.t), bootstrap); err != nil {
		w.t.Fatal(err)
	}
	l.cmd = exec.Command(bootstrap)
	l.cmd.Env = append(os.Environ(), "EVERQUAL_BE_MAIN=1", "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(server.URL, "http://"),
		"EVERQUAL_FUNCTION="+function, "EVERQUAL_HOME="+filepath.Join(w.dir, "home"), "EVERQUAL_SPECS="+filepath.Join(w.dir, "specs"))
	l.cmd.Stdout, l.cmd.Stderr = &l.out, os.Stderr
	started = time.Now()
	if err := l.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { l.end(); server.Close() })
	return l
}

func (l *lambda) end() {
	if l.cmd.ProcessState == nil {
		_ = l.cmd.Process.Signal(os.Interrupt)
		if err := l.cmd.Wait(); err != nil {
			l.t.Errorf("the function ended with %v", err)
		}
	}
}

// invoke returns what the function answered.
func (l *lambda) invoke(payload string) string {
	l.t.Helper()
	l.next <- payload
	select {
	case r := <-l.reply:
		return r
	case <-time.After(50 * time.Second):
		l.t.Fatal("the function does not answer")
		return ""
	}
}

func sqsBatch(bodies ...string) string {
	var list []map[string]string
	for i, b := range bodies {
		list = append(list, map[string]string{"messageId": fmt.Sprint("m", i), "body": b})
	}
	b, _ := json.Marshal(map[string]any{"Records": list})
	return string(b)
}

// TestLambda is the corridor as functions, each a process of its own, over one
// home: an event becomes a verdict, and the state machine's verbs a report.
func TestLambda(t *testing.T) {
	w := newWorkload(t)
	event := func(id, at string) string {
		return fmt.Sprintf(`{"version":"0","id":"x","detail-type":"AWS API Call via CloudTrail","source":"aws.ec2","account":%[1]q,"time":%[2]q,
			"region":%[3]q,"resources":[],"detail":{"eventVersion":"1.11","eventSource":"ec2.amazonaws.com","eventName":"ModifyInstanceAttribute",
			"eventID":%[4]q,"eventTime":%[2]q,"awsRegion":%[3]q,"recipientAccountId":%[1]q,"readOnly":false,"requestParameters":{"instanceId":%[5]q}}}`,
			mototest.Account, at, mototest.Region, id, w.instance)
	}
	expect := func(l *lambda, payload, want string) {
		t.Helper()
		if got := l.invoke(payload); got != want {
			t.Errorf("replied %s, want %s", got, want)
		}
	}
	const none = `response {"batchItemFailures":[]}`
	arn := fmt.Sprintf("arn:aws:ec2:%s:%s:instance/%s", mototest.Region, mototest.Account, w.instance)

	intake := w.startLambda("intake")
	t.Logf("from start to the first call for an invocation: %v", <-intake.cold)
	early := event("e2", "2026-01-02T00:00:00Z")
	expect(intake, sqsBatch(early, event("e1", "2026-01-01T00:00:00Z"), early, "poison"), none)
	expect(intake, sqsBatch(early), none)
	intake.end()
	for _, want := range []string{`"EventsMatched":2`, `"EventsDuplicate":1`, `"EventsUnparsable":1`, `"Namespace":"Everqual"`} {
		if !strings.Contains(intake.out.String(), want) {
			t.Errorf("the metrics lack %s:\n%s", want, &intake.out)
		}
	}

	work := w.startLambda("work")
	expect(work, sqsBatch(`{"id":"observe:e1:`+arn+`"}`, "no name", `{"id":"observe:e2:`+arn+`"}`), `response {"batchItemFailures":[{"itemIdentifier":"m1"}]}`)
	work.end()

	judge := w.startLambda("judge")
	expect(judge, fmt.Sprintf(`{"Records":[{"dynamodb":{"SequenceNumber":"7","NewImage":{"kind":{"S":"observation"},"subjects":{"L":[{"S":%q}]}}}}]}`, arn), none)
	judge.end()

	w.write("specs/web.json", strings.NewReplacer(`"version": "1.0"`, `"version": "1.1"`, "t3.small", "t3.large").Replace(e2eSpecs))
	specification := w.startLambda("specification")
	expect(specification, `{"Records":[{"eventSource":"aws:s3"}]}`, "response {}")
	specification.end()

	schedule := w.startLambda("schedule")
	if got := schedule.invoke(`{"do":"seal"}`); !strings.HasPrefix(got, `response {"size":`) {
		t.Errorf("seal replied %s", got)
	}
	if got := schedule.invoke(`{"do":"sweep","types":["AWS::S3::Bucket","AWS::RDS::DBInstance"]}`); !strings.Contains(got, `"expected":1,"collected":1`) {
		t.Errorf("sweep replied %s", got)
	}
	schedule.end()

	task := w.startLambda("task")
	if got := task.invoke(`{"do":"members","system":"WEB"}`); !strings.Contains(got, arn) || !strings.Contains(got, `"count":3`) {
		t.Errorf("members replied %s", got)
	}
	w.reported(task)
	if got := task.invoke(`{"do":"dance"}`); !strings.HasPrefix(got, "error ") || !strings.Contains(got, `"errorType":"Permanent"`) {
		t.Errorf("an unknown verb was answered with %s", got)
	}
	task.end()
	var records []struct{ Kind string }
	w.everqual(&records, "history", arn)
	kinds := map[string]int{}
	for _, r := range records {
		kinds[r.Kind]++
	}
	if kinds["observation"] != 1 || kinds["change-event"] != 2 || kinds["assessment"] != 2 {
		t.Errorf("the history has %v, want 1 observation, 2 events, 2 assessments", kinds)
	}
}

// reported issues the report twice, as a state machine that was answered too late
// does, and looks for its files.
func (w *workload) reported(task *lambda) {
	var digests []string
	for range 2 {
		got := task.invoke(`{"do":"report","system":"WEB","number":"IQ-7","by":"q.unit","at":"2026-11-28T00:00:00Z"}`)
		var issued struct {
			Digest   string
			Status   string
			Files    map[string]string
			Verdicts struct{ Total, Fail int }
		}
		text, ok := strings.CutPrefix(got, "response ")
		if err := json.Unmarshal([]byte(text), &issued); !ok || err != nil {
			w.t.Fatalf("report replied %s, %v", got, err)
		}
		if issued.Verdicts.Fail != 1 || issued.Status == "ACCEPTED" || len(issued.Files) != 3 {
			w.t.Errorf("the report is %+v", issued)
		}
		digests = append(digests, issued.Digest)
	}
	if digests[0] != digests[1] {
		w.t.Errorf("two calls made two reports, %v", digests)
	}
	answer := fmt.Sprintf(`{"do":"decide","report":%q,"answer":{"decision":"rejected","by":"Q. Unit","reason":"wrong type"}}`, digests[0])
	if got := task.invoke(answer); !strings.HasPrefix(got, "response ") || !strings.Contains(got, `"decided":true`) {
		w.t.Errorf("decide replied %s", got)
	}
	if got := task.invoke(fmt.Sprintf(`{"do":"publish","report":%q}`, digests[0])); !strings.HasPrefix(got, "response ") {
		w.t.Errorf("publish replied %s", got)
	}
}

// TestLambdaRefusesToStart tells Lambda what is wrong with its configuration.
func TestLambdaRefusesToStart(t *testing.T) {
	w := &workload{t: t, dir: t.TempDir()}
	l := w.startLambda("dance")
	got := <-l.reply
	if err := l.cmd.Wait(); err == nil || !strings.HasPrefix(got, "error ") || !strings.Contains(got, "intake, judge") {
		t.Errorf("told %s, ended with %v", got, err)
	}
}

func TestFlagsFromEnvironment(t *testing.T) {
	t.Setenv("EVERQUAL_FUNCTION", "work")
	t.Setenv("EVERQUAL_MAX_ATTEMPTS", "9")
	t.Setenv("EVERQUAL_SETTLE", "90s")
	t.Setenv("EVERQUAL_ATTACH", "config backup")
	cmd := (&app{}).lambdaCommand()
	if err := errors.Join(cmd.ParseFlags([]string{"--settle", "5s"}), fromEnvironment(cmd.LocalFlags())); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"function": "work", "max-attempts": "9", "settle": "5s", "attach": "[config,backup]"} {
		if got := cmd.Flag(name).Value.String(); got != want {
			t.Errorf("--%s is %s, want %s", name, got, want)
		}
	}
	t.Setenv("EVERQUAL_VISIBILITY", "soon")
	if err := fromEnvironment(cmd.LocalFlags()); err == nil || !strings.Contains(err.Error(), "$EVERQUAL_VISIBILITY") {
		t.Errorf("a variable that is no duration gives %v", err)
	}
}
