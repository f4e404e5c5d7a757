package hometest

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
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
	t.Run("hold on a system", func(t *testing.T) { holdOnASystem(t, open) })
	t.Run("joins meanwhile", func(t *testing.T) {
		s, _ := joined(t, open, func(s *scene, join func()) {
			r := s.retained(2, 1)
			join()
			if err := s.DisposeOf(t.Context(), r, "archivist", "yearly"); err == nil || !strings.Contains(err.Error(), "joined a system that is held") {
				t.Errorf("deleted though a resource joined: %v", err)
			}
		})
		s.retained(1, 3)
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

// joined is a scene in which LIMS is held, and reports of LIMS and of ERP and the first
// version of a resource have expired; join makes the resource one of LIMS.
func joined(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home, then func(s *scene, join func())) (s *scene, old everqual.Digest) {
	clock := NewClock(morning)
	s = newScene(t, open(t, clock), clock)
	change := func(tags map[string]string) {
		s.aws.set(instance, "m5.large", tags)
		s.run(modify(clock.Now().String(), clock.Now()))
		clock.Advance(72 * time.Hour)
	}
	change(map[string]string{"Name": "spare"})
	o, err := s.Ledger.Latest(t.Context(), instance)
	if err != nil || o.Version != 1 {
		t.Fatalf("version %d, %v", o.Version, err)
	}
	change(map[string]string{"Name": "spare 2"})
	s.reported("LIMS")
	s.reported("ERP")
	clock.Advance(72 * time.Hour)
	for _, kind := range []everqual.Kind{everqual.KindObservation, everqual.KindReport} {
		if err := s.Retain(t.Context(), everqual.Retention{Kind: kind, Keep: "1d", By: "q", Reason: "SOP"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Hold(t.Context(), everqual.Hold{ID: "h", System: "LIMS", By: "counsel", Reason: "inspection"}); err != nil {
		t.Fatal(err)
	}
	then(s, func() { change(appTags) })
	return s, o.Evidence
}

func (s *scene) reported(system string) {
	s.t.Helper()
	data := []byte("report of " + system)
	d := everqual.DigestOf(data)
	if err := s.Archive.Put(s.t.Context(), d, data); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Issued(s.t.Context(), everqual.ReportIssued{System: system, Digest: d, Data: d}); err != nil {
		s.t.Fatal(err)
	}
}

// holdOnASystem keeps the reports of the system, and what joins it: before anything is
// deleted the hold is recorded as it is now, once.
func holdOnASystem(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	s, old := joined(t, open, func(s *scene, join func()) {
		s.retained(2, 1)
		join()
	})
	for _, expired := range []int{1, 0} { // the report of ERP
		if err := s.DisposeOf(t.Context(), s.retained(expired, 3), "archivist", "yearly"); err != nil {
			t.Fatal(err)
		}
		s.clock.Advance(time.Hour)
	}
	for _, d := range []everqual.Digest{old, everqual.DigestOf([]byte("report of LIMS"))} {
		if _, err := s.Archive.Get(t.Context(), d); err != nil {
			t.Errorf("what is held: %v", err)
		}
	}
	var said []everqual.Hold
	for d, err := range ledger.Bodies[everqual.Hold](t.Context(), s.Ledger, ledger.Query{Kind: everqual.KindHold}) {
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, d.Body)
	}
	if len(said) != 2 || !slices.Equal(said[0].Subjects, []string{"LIMS"}) || !slices.Contains(said[1].Subjects, string(instance)) ||
		said[1].ID != "h" || said[1].By != "counsel" || !said[1].At.Equal(said[0].At) {
		t.Errorf("the hold was recorded as %+v", said)
	}
	holds, err := s.Holds(t.Context())
	if err != nil || len(holds) != 1 {
		t.Fatalf("%d holds, %v", len(holds), err)
	}
	if err := s.Release(t.Context(), holds[0], "counsel", "closed"); err != nil {
		t.Fatal(err)
	}
	s.retained(3, 0)
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
