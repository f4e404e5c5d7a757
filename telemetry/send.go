package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// sender posts one signal to a collector.
type sender struct {
	client  *http.Client
	url     string
	headers map[string]string
	zip     bool
	log     *slog.Logger
	failing atomic.Bool
}

// setting is a variable of a signal, or else of all.
func setting(signal, name string) string {
	if v := os.Getenv("OTEL_EXPORTER_OTLP_" + strings.ToUpper(signal) + "_" + name); v != "" {
		return v
	}
	return os.Getenv("OTEL_EXPORTER_OTLP_" + name)
}

// destination is where a signal goes to; nil when nowhere.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func destination(signal string, log *slog.Logger) (*sender, error) {
	to := os.Getenv("OTEL_EXPORTER_OTLP_" + strings.ToUpper(signal) + "_ENDPOINT")
	if base := os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"); to == "" && base != "" {
		to = strings.TrimSuffix(base, "/") + "/v1/" + signal
	}
	if to == "" || strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") || os.Getenv("OTEL_"+strings.ToUpper(signal)+"_EXPORTER") == "none" {
		return nil, nil
	}
	if u, err := url.Parse(to); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT is no address such as http://127.0.0.1:4318") // it may hold a secret
	}
	if p := setting(signal, "PROTOCOL"); p != "" && p != "http/json" {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q, but only http/json is spoken: set it to that, and the endpoint to the collector's port for HTTP (4318)", p)
	}
	s := &sender{url: to, zip: setting(signal, "COMPRESSION") == "gzip", log: log, headers: map[string]string{}}
	for _, pair := range strings.Split(setting(signal, "HEADERS"), ",") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			if v, err := url.PathUnescape(strings.TrimSpace(v)); err == nil {
				s.headers[strings.TrimSpace(k)] = v
			}
		}
	}
	return s, s.connect(signal)
}

func (s *sender) connect(signal string) error {
	timeout := 10 * time.Second
	if ms, err := strconv.Atoi(setting(signal, "TIMEOUT")); err == nil && ms > 0 {
		timeout = time.Duration(ms) * time.Millisecond
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if file := setting(signal, "CERTIFICATE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("read OTEL_EXPORTER_OTLP_CERTIFICATE: %w", err)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE: %s holds no certificate", file)
		}
	}
	s.client = &http.Client{Transport: transport, Timeout: timeout}
	return nil
}

// send posts a document, and tells once when that begins to fail and once when it
// works again: nothing waits for a collector.
func (s *sender) send(ctx context.Context, document any) error {
	err := s.try(ctx, document)
	switch failed := err != nil; {
	case failed && !s.failing.Swap(true):
		s.log.Warn("telemetry cannot be sent and is dropped", "cause", err)
	case !failed && s.failing.Swap(false):
		s.log.Info("telemetry is sent again")
	}
	return err
}

// tries is few: a program that ends does not wait long for a collector that is gone.
const tries = 2

func (s *sender) try(ctx context.Context, document any) error {
	body, err := s.encode(document)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		wait, err := s.post(ctx, body)
		if err == nil || wait == 0 || n == tries {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

func (s *sender) encode(document any) ([]byte, error) {
	b, err := json.Marshal(document)
	if err != nil || !s.zip {
		return b, err
	}
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	_, err = z.Write(b)
	err = errors.Join(err, z.Close())
	return small.Bytes(), err
}

// post posts once. wait is how long to wait before another try is worth it, 0 where
// none is.
func (s *sender) post(ctx context.Context, body []byte) (wait time.Duration, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if s.zip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	for k, v := range s.headers {
		request.Header.Set(k, v)
	}
	reply, err := s.client.Do(request)
	if err != nil {
		if of := (*url.Error)(nil); errors.As(err, &of) { // the URL may hold a secret
			err = of.Err
		}
		return time.Second, fmt.Errorf("reach the collector: %w", err)
	}
	defer reply.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(reply.Body, 1<<20)) // so that the connection serves again
	switch reply.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return 0, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		wait = time.Second
		if after, err := strconv.Atoi(reply.Header.Get("Retry-After")); err == nil && after > 0 {
			wait = time.Duration(after) * time.Second
		}
	}
	return wait, fmt.Errorf("the collector answered %s", reply.Status)
}
