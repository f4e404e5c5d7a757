package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
)

// notice is one with all there is, and with what chat formats must escape.
func notice() flow.Notice {
	return flow.Notice{
		ID: "assessment:1", Severity: "critical", Title: "LIMS app-1: 1 FAIL <!channel> & more",
		Text: "version 3, by specification LIMS-APP 1.0", System: "LIMS",
		Resource: everqual.Resource{ID: "arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc", Type: "AWS::EC2::Instance", Account: "111122223333", Region: "eu-central-1"},
		Time:     time.Date(2024, 3, 1, 8, 12, 13, 0, time.FixedZone("CET", 3600)),
		Fields:   []flow.Field{{Name: "IQ-1 FAIL Instance type", Value: `expected "m6i.large", actual "m6i.xlarge"`}, {Name: "@All <http://x|y>", Value: "`code` *bold* @Present\n2nd & line"}},
	}
}

func TestLog(t *testing.T) {
	for severity, level := range map[string]string{"info": "INFO", "warning": "WARN", "critical": "ERROR", "": "WARN"} {
		var out bytes.Buffer
		n := notice()
		n.Severity = severity
		if err := embedded.NewLog(slog.New(slog.NewTextHandler(&out, nil))).Notify(context.Background(), n); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"level=" + level, `msg="LIMS app-1: 1 FAIL`, "notice=assessment:1", "system=LIMS", "resource=arn:aws:ec2", "at=2024-03-01T08:12:13", `"IQ-1 FAIL Instance type"=`} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("severity %q: no %s in %s", severity, want, out.String())
			}
		}
	}
}

// scripted answers with its errors in turn, then with nil.
type scripted struct {
	errs  []error
	calls int
}

func (s *scripted) Notify(context.Context, flow.Notice) error {
	s.calls++
	if s.calls <= len(s.errs) {
		return s.errs[s.calls-1]
	}
	return nil
}

func TestMulti(t *testing.T) {
	later, never := errors.New("busy"), everqual.Permanent(errors.New("refused"))
	for name, tc := range map[string]struct {
		a, b  []error
		want  []string // of each try: "ok", "later", "never"
		calls string
	}{
		"both told":             {nil, nil, []string{"ok"}, "1 1"},
		"one later":             {nil, []error{later, later}, []string{"later", "later", "ok"}, "1 3"},
		"one never":             {[]error{never}, nil, []string{"never"}, "1 1"},
		"one never, one later":  {[]error{never}, []error{later}, []string{"later", "never"}, "1 2"},
		"later, then never":     {[]error{later, never}, nil, []string{"later", "never"}, "2 1"},
		"both later, then told": {[]error{later}, []error{later}, []string{"later", "ok"}, "2 2"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := &scripted{errs: tc.a}, &scripted{errs: tc.b}
			m := embedded.Multi(a, b)
			for i, want := range tc.want {
				err := m.Notify(context.Background(), notice())
				got := "later"
				switch {
				case err == nil:
					got = "ok"
				case everqual.IsPermanent(err):
					got = "never"
				}
				if got != want {
					t.Errorf("try %d: %s (%v), want %s", i+1, got, err, want)
				}
			}
			if calls := fmt.Sprint(a.calls, " ", b.calls); calls != tc.calls {
				t.Errorf("calls %s, want %s", calls, tc.calls)
			}
			if m.Notify(context.Background(), notice()) != nil || a.calls+b.calls != sum(tc.calls)+2 {
				t.Errorf("a finished notice is remembered: %d and %d calls", a.calls, b.calls)
			}
		})
	}
	one := &scripted{}
	if embedded.Multi(one) != flow.Notifier(one) {
		t.Error("one notifier is wrapped")
	}
	if err := embedded.Multi().Notify(context.Background(), notice()); err != nil {
		t.Errorf("nobody to tell: %v", err)
	}
}

func sum(calls string) (n int) {
	var a, b int
	fmt.Sscan(calls, &a, &b)
	return a + b
}

// TestMultiForgets fails thousands of notices that are never tried again.
func TestMultiForgets(t *testing.T) {
	told := &scripted{}
	m := embedded.Multi(told, always{errors.New("busy")})
	for i := range 3000 {
		n := notice()
		n.ID = fmt.Sprint(i)
		m.Notify(context.Background(), n)
	}
	n := notice()
	for id, again := range map[string]int{"2999": 0, "1": 1} {
		before := told.calls
		n.ID = id
		m.Notify(context.Background(), n)
		if told.calls-before != again {
			t.Errorf("notice %s: told %d times again, want %d", id, told.calls-before, again)
		}
	}
}

type always struct{ err error }

func (a always) Notify(context.Context, flow.Notice) error { return a.err }
