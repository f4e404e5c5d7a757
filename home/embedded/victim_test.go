package embedded_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
)

// The test binary is its own victim: with these variables it opens a home and
// works in it, telling line by line what was acknowledged.
const (
	victimDir  = "EVERQUAL_TEST_HOME"
	victimName = "EVERQUAL_TEST_NAME"
	victimWork = "EVERQUAL_TEST_WORK" // how many of each, 0 for as many as it lives
	// victimLimit is how large a file may become, in bytes; "" for no limit.
	victimLimit = "EVERQUAL_TEST_LIMIT"
)

func TestMain(m *testing.M) {
	dir := os.Getenv(victimDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	work, _ := strconv.Atoi(os.Getenv(victimWork))
	if limit, err := strconv.ParseUint(os.Getenv(victimLimit), 10, 64); err == nil {
		if err := limitFiles(limit); err != nil {
			panic(err)
		}
	}
	v := &victim{name: os.Getenv(victimName), work: work, out: os.Stdout}
	if err := v.run(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type victim struct {
	name string
	work int
	out  io.Writer
}

// say writes one line in one write, so that it arrives whole or not at all.
func (v *victim) say(verb, what string) { fmt.Fprintf(v.out, "%s %s\n", verb, what) }

func (v *victim) run(dir string) error {
	h, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		return err
	}
	defer h.Close()
	v.say("opened", v.name)
	errs := make(chan error, 4)
	var wg sync.WaitGroup
	for _, step := range []func(flow.Home, int) error{v.append, v.observe, v.send, v.receive} {
		wg.Go(func() {
			for i := 0; v.work == 0 || i < v.work; i++ {
				if err := step(h, i); err != nil {
					errs <- fmt.Errorf("%s, step %d: %w", v.name, i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

func (v *victim) append(h flow.Home, i int) error {
	a, b := fmt.Sprintf("%s/a%d", v.name, i), fmt.Sprintf("%s/b%d", v.name, i)
	_, _, err := h.Ledger.Append(context.Background(), entry(a), entry(b))
	if err == nil {
		v.say("appended", a)
		v.say("appended", b)
	}
	return err
}

// observe sees three resources change at every look.
func (v *victim) observe(h flow.Home, i int) error {
	id := everqual.ResourceID(fmt.Sprint("arn:resource-", i%3))
	_, err := h.Ledger.Observe(context.Background(), everqual.Observation{
		Resource: everqual.Resource{ID: id}, State: everqual.Present, CollectedAt: time.Now(),
		Digest: everqual.DigestOf(fmt.Appendf(nil, "%s %d", v.name, i)),
	})
	return err
}

func (v *victim) send(h flow.Home, i int) error {
	a, b := fmt.Sprintf("%s/m%d", v.name, i), fmt.Sprintf("%s/n%d", v.name, i)
	err := h.Queue.Send(context.Background(), flow.Message{ID: a}, flow.Message{ID: b})
	if err == nil {
		v.say("sent", a)
		v.say("sent", b)
	}
	return err
}

// receive ends some messages, and says so before and after.
func (v *victim) receive(h flow.Home, _ int) error {
	ctx := context.Background()
	got, err := h.Queue.Receive(ctx, 2, time.Hour)
	if err != nil {
		return err
	}
	for i, d := range got {
		if i == 0 {
			v.say("deleting", d.ID)
			if err := h.Queue.Delete(ctx, d); err != nil {
				return err
			}
			v.say("deleted", d.ID)
			continue
		}
		v.say("burying", d.ID)
		if err := h.Queue.Bury(ctx, d, everqual.DeadLetter{Cause: "test", Attempts: d.Attempt}); err != nil {
			return err
		}
		v.say("buried", d.ID)
	}
	return nil
}
