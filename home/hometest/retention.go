package hometest

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// aged is a scene in which the evidence of the first version is two days older than
// its term, and that of the second is what is known now.
func aged(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) (s *scene, old everqual.Digest) {
	clock := NewClock(morning)
	s = newScene(t, open(t, clock), clock)
	for i, kind := range []string{"m5.xlarge", "m5.large"} {
		s.aws.set(instance, kind, appTags)
		s.run(modify(kind, clock.Now()))
		o, err := s.Ledger.Latest(t.Context(), instance)
		if err != nil || o.Version != i+1 {
			t.Fatalf("version %d, %v", o.Version, err)
		}
		if i == 0 {
			old = o.Evidence
		}
		clock.Advance(72 * time.Hour)
	}
	if err := s.Retain(t.Context(), everqual.Retention{Kind: everqual.KindObservation, Keep: "1d", By: "q", Reason: "SOP"}); err != nil {
		t.Fatal(err)
	}
	return s, old
}

func (s *scene) retained(expired, held int) flow.Retained {
	s.t.Helper()
	r, err := s.Retained(s.t.Context())
	if err != nil || len(r.Expired) != expired || r.Held != held || len(r.Locked) > 0 {
		s.t.Fatalf("%d expired, %d held, %d locked, %v; want %d and %d", len(r.Expired), r.Held, len(r.Locked), err, expired, held)
	}
	return r
}

// retention deletes what has expired and nothing else, and finishes what was cut off.
func retention(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	t.Run("hold", func(t *testing.T) {
		s, _ := aged(t, open)
		h, err := s.Hold(t.Context(), everqual.Hold{ID: "h", System: "LIMS", By: "counsel", Reason: "inspection"})
		if err != nil {
			t.Fatal(err)
		}
		s.retained(0, 1)
		s.clock.Advance(time.Hour)
		if err := s.Release(t.Context(), h, "counsel", "closed"); err != nil {
			t.Fatal(err)
		}
		s.retained(1, 0)
	})
	for name, lost := range map[string]bool{"deletion cut off": true, "its success not heard of": false} {
		t.Run(name, func(t *testing.T) {
			s, old := aged(t, open)
			whole := s.Home
			s.Archive = faultyEraser{whole.Archive, whole.Archive.(flow.Eraser), &fault{left: 1, lost: lost}}
			if err := s.DisposeOf(t.Context(), s.retained(1, 0), "archivist", "yearly"); !errors.Is(err, errFault) {
				t.Fatalf("a deletion that was cut off: %v", err)
			}
			s.Home = whole
			s.disposed(old) // it is recorded, whether it went or not
			s.clock.Advance(time.Hour)
			if lost {
				if err := s.DisposeOf(t.Context(), s.retained(1, 0), "archivist", "yearly"); err != nil {
					t.Fatal(err)
				}
			}
			s.retained(0, 0)
			if _, err := s.Archive.Get(t.Context(), old); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("what has expired: %v, want fs.ErrNotExist", err)
			}
			now, err := s.Ledger.Latest(t.Context(), instance)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Archive.Get(t.Context(), now.Evidence); err != nil {
				t.Errorf("what is known now: %v", err)
			}
		})
	}
}

func (s *scene) disposed(d everqual.Digest) {
	s.t.Helper()
	gone, err := s.Disposed(s.t.Context())
	if err != nil || len(gone) != 1 || !gone[d] {
		s.t.Errorf("recorded as deleted: %v, %v", gone, err)
	}
}

type faultyEraser struct {
	flow.Archive
	flow.Eraser
	*fault
}

func (a faultyEraser) Erase(ctx context.Context, digests ...everqual.Digest) error {
	return a.write(func() error { return a.Eraser.Erase(ctx, digests...) })
}
