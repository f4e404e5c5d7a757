package awsresource_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
)

// Workers that ask one service at the same time keep their connections.
func TestConnectionsAreKept(t *testing.T) {
	const workers, rounds = 28, 2 // as many calls as are made at once
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if operation(r) == "GetCallerIdentity" {
			_, _ = w.Write([]byte(identityReply))
			return
		}
		time.Sleep(100 * time.Millisecond) // so that all are under way at once
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`<Error><Code>NoSuchBucket</Code><Message>no</Message></Error>`))
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	environment(t, server.URL)
	c := collect.New(quick(t), time.Now)
	for round := range rounds {
		var all sync.WaitGroup
		for i := range workers {
			all.Go(func() {
				r := resource("AWS::S3::Bucket", fmt.Sprintf("arn:aws:s3:::bucket-%d-%d", round, i))
				if o, _, _, err := c.Observe(context.Background(), r); err != nil || o.State != everqual.Deleted {
					t.Errorf("%v %s", err, compact(o))
				}
			})
		}
		all.Wait()
	}
	if n := opened.Load(); n > workers+4 { // one may be dialled while another comes free
		t.Errorf("%d connections for %d workers", n, workers)
	}
}
