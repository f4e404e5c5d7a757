package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// race lets writers append after the same head: one wins.
func race(t *testing.T, s ledger.Store) {
	head := ledger.Head{}
	for round := range 10 {
		var wg sync.WaitGroup
		var won atomic.Int32
		for writer := range 4 {
			wg.Go(func() {
				err := s.Append(context.Background(), head, chain(head, record(fmt.Sprintf("%d/%d", round, writer), "s")))
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, ledger.ErrConflict) {
					t.Errorf("got %v, want ErrConflict", err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Fatalf("%d writers appended after head %d", won.Load(), head.Sequence)
		}
		head, _ = s.Head(context.Background())
	}
}

// share lets two ledgers, as two processes have, append at once; half of the
// entries are appended by both.
func share(t *testing.T, s ledger.Store) {
	const each = 40
	var wg sync.WaitGroup
	for writer := range 2 {
		l := ledger.New(s, time.Now)
		for part := range 2 {
			wg.Go(func() {
				for i := range each / 2 {
					n := part*each/2 + i
					own, common := entry(fmt.Sprintf("own/%d/%d", writer, n)), entry(fmt.Sprintf("common/%d", n))
					if _, _, err := l.Append(context.Background(), own, common); err != nil {
						t.Errorf("append: %v", err)
					}
				}
			})
		}
	}
	wg.Wait()
	records := intact(t, ledger.New(s, time.Now))
	if len(records) != 3*each {
		t.Errorf("%d records, want %d", len(records), 3*each)
	}
}

func entry(key string) ledger.Entry {
	return ledger.Entry{Kind: "test", Key: key, Subjects: []string{"s"}, Body: map[string]string{"key": key}}
}

// intact checks the chain and that no key is there twice, and returns all
// records.
func intact(t testing.TB, l *ledger.Ledger) []everqual.Record {
	t.Helper()
	if err := l.Check(context.Background()); err != nil {
		t.Fatalf("the chain does not check: %v", err)
	}
	var records []everqual.Record
	keys := map[string]bool{}
	for r, err := range l.Records(context.Background(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if keys[r.Key] {
			t.Fatalf("key %s is there twice", r.Key)
		}
		keys[r.Key] = true
		records = append(records, r)
	}
	return records
}

// raceForVersion lets two ledgers observe a resource at once. Whoever wins,
// the versions are numbered without gaps, each differs from the one before it,
// and the last one is the state that was collected last.
func raceForVersion(t *testing.T, s ledger.Store) {
	const rounds = 30
	var wg sync.WaitGroup
	for writer := range 2 {
		l := ledger.New(s, time.Now)
		wg.Go(func() {
			for i := range rounds {
				o := observation(2*i+writer, fmt.Sprint("state ", (i+writer)%3))
				if _, err := l.Observe(context.Background(), o); err != nil {
					t.Errorf("observe: %v", err)
				}
			}
		})
	}
	wg.Wait()
	l := ledger.New(s, time.Now)
	versions := versionsOf(t, l)
	for i, v := range versions {
		if v.Version != i+1 || i > 0 && (versions[i-1].Digest == v.Digest || v.CollectedAt.Before(versions[i-1].CollectedAt)) {
			t.Fatalf("version %d follows: %v", i+1, versions)
		}
	}
	last := observation(2*(rounds-1)+1, fmt.Sprint("state ", rounds%3))
	latest, err := l.Latest(context.Background(), last.Resource.ID)
	if err != nil || latest.Digest != last.Digest || !latest.SeenAt.Equal(last.CollectedAt) {
		t.Fatalf("latest is version %d, seen %v, %v; want the state seen last, %v", latest.Version, latest.SeenAt, err, last.CollectedAt)
	}
	intact(t, l)
}

func versionsOf(t testing.TB, l *ledger.Ledger) []everqual.Observation {
	t.Helper()
	var versions []everqual.Observation
	for d, err := range ledger.Bodies[everqual.Observation](context.Background(), l, ledger.Query{Kind: everqual.KindObservation}) {
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, d.Body)
	}
	return slices.Clip(versions)
}

// observation is of one resource, in a state, collected at a minute.
func observation(minute int, state string) everqual.Observation {
	return everqual.Observation{
		Resource: everqual.Resource{
			ID: "arn:aws:ec2:eu-central-1:111122223333:instance/i-0abc", Type: "AWS::EC2::Instance",
			Account: "111122223333", Region: "eu-central-1",
		},
		State: everqual.Present, Attributes: everqual.Attributes{"State": state},
		Digest: everqual.DigestOf([]byte(state)), Collector: "AWS::EC2::Instance/1",
		CollectedAt: time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC),
		Evidence:    everqual.DigestOf(fmt.Append(nil, "evidence of minute ", minute)),
	}
}
