package embedded

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// Format is how a webhook wants its notices.
type Format string

const (
	Slack Format = "slack" // incoming webhooks of Slack, and what is compatible with them
	Chime Format = "chime" // incoming webhooks of Amazon Chime
	JSON  Format = "json"  // WebhookMessage
)

// Webhook says where to post notices.
type Webhook struct {
	// URL is https, or http to this machine itself. It is a secret: whoever has
	// it may post. Errors name its host only.
	URL string
	// Format is told from the host when it is empty: Slack, Chime, else JSON.
	Format Format
	// Secret, when set, signs the body: the header X-Everqual-Signature is
	// "sha256=" and the HMAC-SHA256 of the body in hexadecimal digits.
	Secret string
	// Timeout is 10 seconds when it is zero.
	Timeout time.Duration
}

// WebhookMessage is the body that a webhook of Format JSON receives.
type WebhookMessage struct {
	Version int `json:"version"` // 1; members may be added to a version
	flow.Notice
}

// webhook posts notices. A refusal (4xx, a redirect) is permanent; a server
// that is unwell, too busy (408, 429, 5xx) or out of reach is tried again.
type webhook struct {
	url    *url.URL
	format Format
	secret string
	client *http.Client
}

// NewWebhook checks w and returns its notifier.
func NewWebhook(w Webhook) (flow.Notifier, error) {
	u, err := url.Parse(w.URL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("webhook: its URL cannot be read: give one like https://hooks.example.com/x")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fmt.Errorf("webhook %s: its URL must begin with https://", u.Host)
	}
	format := cmp.Or(w.Format, formatByHost(u.Hostname()))
	if bodies[format] == nil {
		return nil, fmt.Errorf("webhook %s: unknown format %q: choose %s, %s or %s", u.Host, w.Format, Slack, Chime, JSON)
	}
	client := &http.Client{Timeout: cmp.Or(w.Timeout, 10*time.Second), CheckRedirect: noRedirect}
	return &webhook{u, format, w.Secret, client}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func formatByHost(host string) Format {
	switch {
	case strings.HasSuffix(host, ".slack.com"):
		return Slack
	case strings.HasSuffix(host, ".chime.aws"):
		return Chime
	}
	return JSON
}

// noRedirect keeps a notice from being led to another host, and from becoming
// a GET that is answered with 200 and read by no one.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Notify posts n.
func (w *webhook) Notify(ctx context.Context, n flow.Notice) error {
	body, err := encode(bodies[w.format](n))
	if err != nil {
		return everqual.Permanent(w.failed(err))
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url.String(), bytes.NewReader(body))
	if err != nil {
		return everqual.Permanent(w.failed(errors.New("no request can be made of its URL")))
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "everqual")
	if w.secret != "" {
		mac := hmac.New(sha256.New, []byte(w.secret))
		mac.Write(body)
		request.Header.Set("X-Everqual-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	reply, err := w.client.Do(request)
	if err != nil {
		return w.failed(withoutURL(err))
	}
	defer reply.Body.Close()
	return w.judge(reply)
}

// judge reads the reply far enough to say what went wrong.
func (w *webhook) judge(reply *http.Response) error {
	said, _ := io.ReadAll(io.LimitReader(reply.Body, 4<<10))
	code := reply.StatusCode
	if code >= 200 && code < 300 {
		return nil
	}
	err := w.failed(fmt.Errorf("answered %d %s%s", code, http.StatusText(code), w.quoted(said)))
	switch {
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusTooManyRequests:
		return err
	case code >= 300 && code < 400:
		return everqual.Permanent(fmt.Errorf("%w: set the URL that it leads to", err))
	}
	return everqual.Permanent(err)
}

func (w *webhook) failed(err error) error { return fmt.Errorf("webhook %s: %w", w.url.Host, err) }

// withoutURL takes the URL, which is a secret, out of the HTTP client's error.
func withoutURL(err error) error {
	if of := (*url.Error)(nil); errors.As(err, &of) {
		return of.Err
	}
	return err
}

// quoted shortens what the server said, and blots out the parts of the URL
// that it may repeat.
func (w *webhook) quoted(said []byte) string {
	s := strings.TrimSpace(strings.ToValidUTF8(string(said), ""))
	secrets := append(strings.Split(w.url.EscapedPath(), "/"), strings.FieldsFunc(w.url.RawQuery, func(r rune) bool { return r == '&' || r == '=' })...)
	for _, secret := range secrets {
		if len(secret) >= 6 {
			s = strings.ReplaceAll(s, secret, "...")
		}
	}
	if s == "" {
		return ""
	}
	return fmt.Sprintf(": %q", cut(s, 200))
}

// encode writes JSON in which <, > and & are as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// cut shortens s to n characters, the last of which then says so.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
