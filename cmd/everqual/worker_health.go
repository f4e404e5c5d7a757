package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// beat notes that a round has ended, and what is not well.
func (w *worker) beat(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen, w.broken = time.Now(), err
	for _, j := range w.jobs {
		if j.broken != nil {
			w.broken = errors.Join(w.broken, fmt.Errorf("%s: %w", j.verb, j.broken))
		}
	}
}

// well tells what is wrong: the last round failed, what a schedule asks for does, or
// the round lasts longer than any can.
func (w *worker) well() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if silent := time.Since(w.seen); silent > 2*round+w.Settings.Visibility {
		return errors.Join(fmt.Errorf("nothing was heard for %s", silent.Round(time.Second)), w.broken)
	}
	return w.broken
}

func (w *worker) serveHealth(address string) (stop func(), err error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("answer health checks: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(rw http.ResponseWriter, _ *http.Request) {
		if err := w.well(); err != nil {
			http.Error(rw, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(rw, "ok")
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(l) }() // its error is that it was closed
	return func() { _ = server.Close() }, nil
}

// askHealth asks a running worker whether it is well.
func askHealth(ctx context.Context, address string) error {
	if address == "" {
		return usagef("name the worker's address with --health")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if err != nil {
		return fmt.Errorf("ask the worker at %s: %w", address, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the worker at %s is not well: %s", address, response.Status)
	}
	return nil
}
