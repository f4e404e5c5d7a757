package embedded_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

const secretPath = "/services/T0SECRET/B0SECRET/verysecrettoken"

// listening is a webhook that keeps what it was sent.
type listening struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	bodies   [][]byte
	answer   func(w http.ResponseWriter, r *http.Request)
}

func listen(t *testing.T) *listening {
	l := &listening{answer: func(http.ResponseWriter, *http.Request) {}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil && r.Context().Err() == nil { // the sender may have gone
			t.Error(err)
		}
		l.mu.Lock()
		l.requests, l.bodies = append(l.requests, r), append(l.bodies, b)
		l.mu.Unlock()
		l.answer(w, r)
	}))
	t.Cleanup(l.Close)
	return l
}

func (l *listening) notifier(t *testing.T, w embedded.Webhook) flow.Notifier {
	t.Helper()
	w.URL = l.URL + secretPath + "?token=alsosecret"
	n, err := embedded.NewWebhook(w)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWebhookFormats(t *testing.T) {
	for _, format := range []embedded.Format{embedded.Slack, embedded.Chime, embedded.JSON} {
		t.Run(string(format), func(t *testing.T) {
			l := listen(t)
			if err := l.notifier(t, embedded.Webhook{Format: format}).Notify(context.Background(), notice()); err != nil {
				t.Fatal(err)
			}
			r := l.requests[0]
			if r.Method != http.MethodPost || r.URL.Path != secretPath || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
				t.Errorf("request %s %s %v", r.Method, r.URL, r.Header)
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, l.bodies[0], "", "  "); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", "notice_"+string(format)+".json")
			if *update {
				if err := os.WriteFile(golden, pretty.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
				t.Errorf("body (-want +got), run with -update if it is meant so:\n%s", diff)
			}
		})
	}
}

func TestWebhookSignature(t *testing.T) {
	l := listen(t)
	for _, secret := range []string{"", "s3cret"} {
		if err := l.notifier(t, embedded.Webhook{Secret: secret}).Notify(context.Background(), notice()); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.requests[0].Header.Get("X-Everqual-Signature"); got != "" {
		t.Errorf("signed without a secret: %s", got)
	}
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write(l.bodies[1])
	if got, want := l.requests[1].Header.Get("X-Everqual-Signature"), "sha256="+hex.EncodeToString(mac.Sum(nil)); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	var m embedded.WebhookMessage
	if err := json.Unmarshal(l.bodies[1], &m); err != nil || m.Version != 1 {
		t.Fatalf("message %+v, %v", m, err)
	}
	if diff := cmp.Diff(notice().Fields, m.Fields); diff != "" || m.ID != notice().ID || !m.Time.Equal(notice().Time) {
		t.Errorf("notice %+v\n%s", m.Notice, diff)
	}
}

func TestWebhookAnswers(t *testing.T) {
	for name, tc := range map[string]struct {
		code      int
		says      string
		want      string // "" is told
		permanent bool
	}{
		"accepted":        {200, "ok", "", false},
		"no content":      {204, "", "", false},
		"bad payload":     {400, "invalid_payload\n", `answered 400 Bad Request: "invalid_payload"`, true},
		"gone":            {410, "", "answered 410 Gone", true},
		"time-out":        {408, "", "answered 408 Request Timeout", false},
		"too many":        {429, "slow down", `answered 429 Too Many Requests: "slow down"`, false},
		"server unwell":   {503, strings.Repeat("x", 10_000), `answered 503 Service Unavailable: "` + strings.Repeat("x", 199) + `…"`, false},
		"repeats its URL": {404, "no hook " + secretPath + "?token=alsosecret \xff", `answered 404 Not Found: "no hook /.../.../.../...?token=..."`, true},
		"odd code":        {299, "", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			l := listen(t)
			l.answer = func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(tc.code)
				io.WriteString(w, tc.says)
			}
			err := l.notifier(t, embedded.Webhook{}).Notify(context.Background(), notice())
			if tc.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			host := strings.TrimPrefix(l.URL, "http://")
			if err == nil || err.Error() != "webhook "+host+": "+tc.want || everqual.IsPermanent(err) != tc.permanent {
				t.Errorf("error %v (permanent %v), want %s", err, everqual.IsPermanent(err), tc.want)
			}
		})
	}
}

func TestWebhookRedirect(t *testing.T) {
	other := listen(t)
	for _, code := range []int{301, 302, 307, 308} {
		l := listen(t)
		l.answer = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL+"/elsewhere", code) }
		err := l.notifier(t, embedded.Webhook{}).Notify(context.Background(), notice())
		if !everqual.IsPermanent(err) || !strings.HasSuffix(err.Error(), "set the URL that it leads to") {
			t.Errorf("%d: %v", code, err)
		}
		leaks(t, err)
	}
	if len(other.requests) > 0 {
		t.Error("the notice went to another host")
	}
}

func TestWebhookOutOfReach(t *testing.T) {
	l := listen(t)
	release := make(chan struct{})
	defer close(release)
	l.answer = func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	err := l.notifier(t, embedded.Webhook{Timeout: 30 * time.Millisecond}).Notify(context.Background(), notice())
	if err == nil || everqual.IsPermanent(err) {
		t.Errorf("no answer: %v, want an error to try again", err)
	}
	leaks(t, err)

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	err = l.notifier(t, embedded.Webhook{}).Notify(ctx, notice())
	if err == nil || everqual.IsPermanent(err) {
		t.Errorf("context ended: %v, want an error to try again", err)
	}
	leaks(t, err)

	gone := listen(t)
	n := gone.notifier(t, embedded.Webhook{})
	gone.Close()
	if err = n.Notify(context.Background(), notice()); err == nil || everqual.IsPermanent(err) {
		t.Errorf("no one listens: %v, want an error to try again", err)
	}
	leaks(t, err)
}

// leaks fails when an error tells the URL.
func leaks(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"SECRET", "verysecrettoken", "alsosecret"} {
		if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
			t.Errorf("the error tells the URL: %v", err)
		}
	}
}

func TestNewWebhook(t *testing.T) {
	for name, tc := range map[string]struct {
		w    embedded.Webhook
		want string // "" is accepted
	}{
		"https":            {embedded.Webhook{URL: "https://hooks.example.com/x"}, ""},
		"this machine":     {embedded.Webhook{URL: "http://localhost:8080/x"}, ""},
		"this machine, v6": {embedded.Webhook{URL: "http://[::1]:8080/x"}, ""},
		"http":             {embedded.Webhook{URL: "http://hooks.example.com/verysecrettoken"}, "webhook hooks.example.com: its URL must begin with https://"},
		"looks local":      {embedded.Webhook{URL: "http://127.0.0.1.example.com/verysecrettoken"}, "webhook 127.0.0.1.example.com: its URL must begin with https://"},
		"other scheme":     {embedded.Webhook{URL: "ftp://localhost/verysecrettoken"}, "webhook localhost: its URL must begin with https://"},
		"no URL":           {embedded.Webhook{URL: "verysecrettoken"}, "webhook: its URL cannot be read"},
		"wrong URL":        {embedded.Webhook{URL: "https://x/%zzverysecrettoken"}, "webhook: its URL cannot be read"},
		"empty":            {embedded.Webhook{}, "webhook: its URL cannot be read"},
		"unknown format":   {embedded.Webhook{URL: "https://x/verysecrettoken", Format: "teams"}, `webhook x: unknown format "teams": choose slack, chime or json`},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := embedded.NewWebhook(tc.w)
			if tc.want == "" {
				if err != nil || n == nil {
					t.Errorf("%v, %v", n, err)
				}
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
			leaks(t, err)
		})
	}
}

// TestWebhookLimits sends a notice that is far too long, of the characters
// that grow when they are escaped.
func TestWebhookLimits(t *testing.T) {
	for name, filler := range map[string]string{"ampersands": "&", "wide": "\U0001F9EA", "at signs": "@", "letters": "a"} {
		t.Run(name, func(t *testing.T) {
			n := notice()
			n.Title, n.Text, n.System = strings.Repeat(filler, 5000), strings.Repeat(filler, 20_000), strings.Repeat(filler, 2000)
			for range 500 {
				n.Fields = append(n.Fields, flow.Field{Name: strings.Repeat(filler, 1000), Value: strings.Repeat(filler, 5000)})
			}
			l := listen(t)
			for _, format := range []embedded.Format{embedded.Slack, embedded.Chime} {
				if err := l.notifier(t, embedded.Webhook{Format: format}).Notify(context.Background(), n); err != nil {
					t.Fatal(err)
				}
			}
			var slack struct {
				Text        string
				Attachments []struct {
					Blocks []struct {
						Text     struct{ Text string }
						Elements []struct{ Text string }
					}
				}
			}
			if err := json.Unmarshal(l.bodies[0], &slack); err != nil {
				t.Fatal(err)
			}
			total := utf8.RuneCountInString(slack.Text)
			for _, b := range slack.Attachments[0].Blocks {
				size := utf8.RuneCountInString(b.Text.Text)
				for _, e := range b.Elements {
					size += utf8.RuneCountInString(e.Text)
				}
				if total += size; size > 3000 || size == 0 {
					t.Errorf("a block has %d characters", size)
				}
			}
			if total > 13_000 || len(slack.Attachments[0].Blocks) > 50 {
				t.Errorf("%d characters in %d blocks", total, len(slack.Attachments[0].Blocks))
			}
			var chime struct{ Content string }
			if err := json.Unmarshal(l.bodies[1], &chime); err != nil {
				t.Fatal(err)
			}
			if len(chime.Content) > 4096 || !strings.HasPrefix(chime.Content, "/md **CRITICAL: ") || !strings.Contains(chime.Content, "more") {
				t.Errorf("%d bytes: %.100s", len(chime.Content), chime.Content)
			}
		})
	}
}
