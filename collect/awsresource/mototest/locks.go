package mototest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// Locks stands before a moto and tells of the retention of an object's version what
// was said when it was put: moto keeps to it, but answers with the object.
func Locks(moto http.Handler) http.Handler {
	var mu sync.Mutex
	put := map[string][]byte{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("retention") {
			moto.ServeHTTP(w, r)
			return
		}
		version := r.URL.Path + "?" + r.URL.Query().Get("versionId")
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.Method == http.MethodPut:
			put[version], _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(put[version]))
			moto.ServeHTTP(w, r)
		case put[version] != nil:
			_, _ = w.Write(put[version])
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchObjectLockConfiguration</Code><Message>There is none.</Message></Error>")
		}
	})
}

// TellLocks has S3 reached through Locks.
func (s Server) TellLocks(t testing.TB) {
	t.Helper()
	to, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(Locks(httputil.NewSingleHostReverseProxy(to)))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
}
