package function_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/everqual/everqual"
)

const (
	one   = "i-0123456789abcdef1"
	two   = "i-0123456789abcdef2"
	three = "i-0123456789abcdef3"
)

func (b bucket) Open(_ context.Context, name, key string) (io.ReadCloser, error) {
	r, ok := b.objects[name+"/"+key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return io.NopCloser(r), nil
}

// counts sums what the accounts say.
func (s *scene) counts() (n everqual.EventCounts, problems int) {
	for _, a := range bodies[everqual.IntakeAccount](s, everqual.KindIntake) {
		n.Total += a.Events.Total
		n.Duplicate += a.Events.Duplicate
		n.Matched += a.Events.Matched
		n.Unparsable += a.Events.Unparsable
		problems += a.ProblemCount
	}
	return n, problems
}

func TestIntake(t *testing.T) {
	s := newScene(t)
	// out of order, twice, in an SNS notification, and one that is nothing
	input := batch(modified("e2", two), modified("e1", one), modified("e1", one), inSNS(modified("e3", two)), "hello")
	s.replies("intake", input, none)
	n, problems := s.counts()
	if want := (everqual.EventCounts{Total: 5, Duplicate: 1, Matched: 3, Unparsable: 1}); n != want || problems != 1 {
		t.Errorf("accounted for %+v, %d problems; want %+v, 1", n, problems, want)
	}
	if s.pending() != 3 {
		t.Errorf("%d messages wait, want 3", s.pending())
	}
	if a := bodies[everqual.IntakeAccount](s, everqual.KindIntake)[0]; a.Problems[0].Place.Input != "sqs:m4" || a.From != "sqs:everqual-intake/request-1" {
		t.Errorf("the account is %+v", a)
	}
	s.replies("intake", input, none)
	if n, _ := s.counts(); n.Total != 10 || n.Duplicate != 5 || s.pending() != 3 {
		t.Errorf("delivered again: %+v, %d messages wait", n, s.pending())
	}
	s.measured(map[string]float64{"EventsMatched": 3, "EventsUnparsable": 1, "OldestMessageAge": 90, "Redelivered": 0})
}

// TestIntakePartly has the home refuse one of three events.
func TestIntakePartly(t *testing.T) {
	for name, tc := range map[string]struct {
		why  error
		want string
		n    everqual.EventCounts
	}{
		"for now":  {errors.New("throttled"), failed("m1"), everqual.EventCounts{Total: 2, Matched: 2}},
		"for ever": {everqual.Permanent(errors.New("too large")), none, everqual.EventCounts{Total: 3, Matched: 2, Unparsable: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.ring().refuse, s.ring().why = two, tc.why
			s.replies("intake", batch(modified("e1", one), modified("e2", two), modified("e3", one)), tc.want)
			if n, _ := s.counts(); n != tc.n {
				t.Errorf("accounted for %+v, want %+v", n, tc.n)
			}
			s.ring().refuse = ""
			s.replies("intake", batch(modified("e2", two)), none)
			if got := len(bodies[everqual.ReceivedEvent](s, everqual.KindChangeEvent)); got != 3 {
				t.Errorf("%d events are recorded, want 3", got)
			}
		})
	}
}

// logFile is a CloudTrail log file of changes as S3 keeps it.
func logFile(t *testing.T, events ...string) []byte {
	var list []string
	for _, e := range events {
		var envelope struct{ Detail json.RawMessage }
		if err := json.Unmarshal([]byte(e), &envelope); err != nil {
			t.Fatal(err)
		}
		list = append(list, string(envelope.Detail))
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprintf(z, `{"Records":[%s]}`, strings.Join(list, ","))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func notification(key string) string {
	return fmt.Sprintf(`{"Records":[{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"trail"},"object":{"key":%q}}}]}`, key)
}

// TestBackFill accepts log files that S3 tells of.
func TestBackFill(t *testing.T) {
	file := func(t *testing.T) io.Reader {
		return bytes.NewReader(logFile(t, modified("e1", one), modified("e2", two)))
	}
	for name, tc := range map[string]struct {
		objects func(t *testing.T) map[string]io.Reader
		want    string
		events  int
		problem string
	}{
		"read": {func(t *testing.T) map[string]io.Reader {
			return map[string]io.Reader{"trail/AWSLogs/a b.json.gz": file(t)}
		}, none, 2, ""},
		"gone": {func(*testing.T) map[string]io.Reader { return nil }, none, 0, "not exist"},
		"broken off": {func(t *testing.T) map[string]io.Reader {
			return map[string]io.Reader{"trail/AWSLogs/a b.json.gz": io.MultiReader(io.LimitReader(file(t), 100), iotest.ErrReader(errors.New("connection reset")))}
		}, failed("m0"), 0, ""},
		"no opener": {nil, failed("m0"), 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			if tc.objects != nil {
				s.Archive = bucket{s.Archive, tc.objects(t)}
			}
			s.replies("intake", batch(inSNS(notification("AWSLogs/a+b.json.gz"))), tc.want)
			if got := len(bodies[everqual.ReceivedEvent](s, everqual.KindChangeEvent)); got != tc.events {
				t.Errorf("%d events are recorded, want %d", got, tc.events)
			}
			accounts := bodies[everqual.IntakeAccount](s, everqual.KindIntake)
			told := slices.ContainsFunc(accounts, func(a everqual.IntakeAccount) bool {
				return a.ProblemCount == 1 && strings.Contains(a.Problems[0].Message, tc.problem)
			})
			if told != (tc.problem != "") || len(accounts) > 0 != (tc.want == none) {
				t.Errorf("the accounts are %+v", accounts)
			}
		})
	}
}

// measured checks the first line of metrics, and that CloudWatch can read it.
func (s *scene) measured(want map[string]float64) {
	s.t.Helper()
	line, _, _ := strings.Cut(s.metrics.String(), "\n")
	var emf struct {
		AWS struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	var all map[string]any
	if err := errors.Join(json.Unmarshal([]byte(line), &emf), json.Unmarshal([]byte(line), &all)); err != nil || len(emf.AWS.CloudWatchMetrics) != 1 {
		s.t.Fatalf("%v in %s", err, line)
	}
	defined := emf.AWS.CloudWatchMetrics[0]
	for _, d := range defined.Dimensions[0] {
		if _, text := all[d].(string); !text {
			s.t.Errorf("the dimension %s is %v", d, all[d])
		}
	}
	for _, m := range defined.Metrics {
		if _, number := all[m.Name].(float64); !number || m.Unit == "" {
			s.t.Errorf("the metric %+v is %v", m, all[m.Name])
		}
	}
	for name, value := range want {
		if all[name] != value || emf.AWS.Timestamp != morning.UnixMilli() {
			s.t.Errorf("%s is %v at %d, want %v", name, all[name], emf.AWS.Timestamp, value)
		}
	}
}
