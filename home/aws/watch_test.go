package awshome_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/ledger"
)

// steps are what a watch was told, a line each.
type steps struct {
	mu    sync.Mutex
	lines []string
}

func (s *steps) step(ctx context.Context, step string, about ...slog.Attr) (context.Context, everqual.Ended) {
	return ctx, func(err error, more ...slog.Attr) {
		line := step
		for _, a := range slices.Concat(about, more) {
			if a.Key == "request" {
				continue // differs
			}
			line += " " + a.Value.String()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines = append(s.lines, fmt.Sprint(line, " ", err))
	}
}

// Every attempt of a request is told of by its name, in all services of the home, and
// with nothing of what was asked or said.
func TestWatch(t *testing.T) {
	f := start(t, "")
	ctx := context.Background()
	s := &steps{}
	h, err := awshome.Open(ctx, f.deploy(t), awshome.Options{Watch: s.step})
	must(t, err)
	busy := true
	defer f.meeting(func(operation string, serve func(), w http.ResponseWriter, _ *http.Request) {
		if busy && strings.HasSuffix(operation, ".GetItem") {
			busy = false
			refuse(w, 400, "ThrottlingException", "private words")
			return
		}
		serve()
	})()
	private := []byte("private words")
	must(t, h.Archive.Put(ctx, everqual.DigestOf(private), private))
	must(t, h.Archive.Put(ctx, everqual.DigestOf(private), private))
	if _, err := h.Archive.Get(ctx, everqual.DigestOf(nil)); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	_, _, err = h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "private words", Body: "private words"})
	must(t, err)
	must(t, h.Queue.Send(ctx, flow.Message{ID: "private words", Kind: "test", Subject: "x", Body: private[:0]}))
	must(t, h.Notify.Notify(ctx, flow.Notice{ID: "n", Title: "private words", Text: "private words"}))
	all := strings.Join(s.lines, "\n")
	for _, want := range []string{
		"home s3 PutObject eu-central-1 200 <nil>", "home s3 PutObject eu-central-1 412 PreconditionFailed", "home s3 GetObject eu-central-1 404 NoSuchKey",
		"home dynamodb GetItem eu-central-1 400 ThrottlingException\nhome dynamodb GetItem eu-central-1 200 <nil>",
		"home dynamodb TransactWriteItems eu-central-1 200 <nil>", "home sqs SendMessage", "home sns Publish eu-central-1 200 <nil>",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was not told; told was\n%s", want, all)
		}
	}
	if strings.Contains(all, "private") {
		t.Errorf("told was\n%s", all)
	}
}
