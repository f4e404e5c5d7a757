package trail_test

import (
	"context"
	"encoding/json"
	"errors"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/everqual/everqual/trail"
	"github.com/google/go-cmp/cmp"
)

// standard is a bucket of two regions, a trail with underscores in its name, an
// hour without activity and a backfill chain.
func standard() *world { return healthy().clone() }

var healthy = sync.OnceValue(func() *world {
	w := newWorld()
	w.chain("a", chainSpec{account: account, region: "us-east-1", trail: "my_trail-1", home: "eu-west-1"})
	w.chain("b", chainSpec{account: account, region: "eu-west-1", trail: "my_trail-1", home: "eu-west-1"})
	w.chain("f", chainSpec{account: account, region: "us-east-1", trail: "my_trail-1", home: "eu-west-1", backfill: true})
	w.hours("a", 4, 2)
	w.hours("a", 1, 0)
	w.hours("a", 3, 2)
	w.hours("b", 3, 1)
	w.chains["f"].next = 2
	w.hours("f", 1, 1)
	w.chains["f"].next = 5
	w.hours("f", 1, 1)
	return w
})

func TestHealthy(t *testing.T) {
	w := standard()
	r := w.validate(t, trusted(t), trail.Options{})
	if got := w.found(r); got != nil {
		t.Errorf("findings of a healthy bucket: %v", got)
	}
	wantDigests := trail.DigestCounts{Found: 13, Expected: 13, Valid: 13, Quiet: 1}
	wantLogs := trail.LogCounts{Found: 19, Listed: 19, Valid: 19}
	if diff := cmp.Diff(wantDigests, r.Digests) + cmp.Diff(wantLogs, r.Logs); diff != "" {
		t.Error(diff)
	}
	a := trail.Coverage{Chain: trail.Chain{Account: account, Region: "us-east-1", Trail: "my_trail-1", HomeRegion: "eu-west-1"},
		Covered: []trail.Interval{{From: t0, To: t0.Add(8 * time.Hour)}}}
	if diff := cmp.Diff(a, r.Chains[1]); diff != "" || len(r.Chains) != 3 {
		t.Errorf("%d chains: %s", len(r.Chains), diff)
	}
}

// Trails that share a bucket, a prefix and an organization's folders are
// chains of their own. The first digest of one may cover less than an hour.
func TestSharedBucket(t *testing.T) {
	w := newWorld()
	w.chain("a", chainSpec{account: account, region: "us-east-1", trail: "one", home: "us-east-1"})
	w.chain("b", chainSpec{account: account, region: "us-east-1", trail: "two_us-east-1", home: "us-east-1"})
	w.chain("c", chainSpec{root: "pre/fix/AWSLogs/o-a1b2c3d4e5/", account: other, region: "us-gov-west-1", trail: "org", home: "us-gov-east-1"})
	w.hours("a", 4, 2)
	w.hours("b", 4, 2)
	w.hours("c", 1, 2)
	w.resign("c.d0", signers()[0], func(d *digestFile) { d.Start = t0.Add(48 * time.Minute).Format(time.RFC3339) })
	w.hours("c", 3, 2)
	r := w.validate(t, trusted(t), trail.Options{})
	if got := w.found(r); got != nil || r.Digests.Valid != 12 || r.Logs.Valid != 24 || len(r.Chains) != 3 {
		t.Errorf("%v %+v %+v", got, r.Digests, r.Logs)
	}
	r = w.validate(t, trusted(t), trail.Options{Account: other})
	if got := w.found(r); got != nil || r.Digests.Found != 4 || r.Logs.Found != 8 || r.Chains[0].Chain.HomeRegion != "us-gov-east-1" {
		t.Errorf("%v %+v %+v", got, r.Digests, r.Logs)
	}
	// another trail without validation
	w.addLog(account, "us-east-1", t0.Add(90*time.Minute))
	if r = w.validate(t, trusted(t), trail.Options{}); r.Damaged() {
		t.Errorf("%v", w.found(r))
	}
}

// The folder of a healthy bucket gives the same result, also when the bucket's
// name is not known.
func TestFolder(t *testing.T) {
	w := standard()
	want := w.validate(t, trusted(t), trail.Options{})
	dir := w.save(t)
	for _, name := range []string{bucket, ""} {
		got, err := trail.Validate(context.Background(), trail.Folder(dir, name), trusted(t), trail.Options{})
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("bucket %q: %v %s", name, err, diff)
		}
	}
	got, err := trail.Validate(context.Background(), trail.Folder(dir, "another"), trusted(t), trail.Options{})
	if err != nil || got.Digests.Invalid != 13 || got.Logs.Valid != 0 {
		t.Errorf("another bucket: %v %+v", err, got.Digests)
	}
}

func TestRanges(t *testing.T) {
	h := func(n float64) time.Time { return t0.Add(time.Duration(n * float64(time.Hour))) }
	for name, c := range map[string]struct {
		change  func(*world)
		opt     trail.Options
		want    []string
		digests int // valid
	}{
		"missing across the end": {func(w *world) { w.delete("a.d3", "a.d4", "a.d5") }, trail.Options{Region: "us-east-1", From: h(2), To: h(4)},
			[]string{"damage digest-hole", "unverifiable log-uncovered"}, 2},
		"missing across both ends": {func(w *world) { w.delete("a.d3", "a.d4", "a.d5") }, trail.Options{Region: "us-east-1", From: h(3), To: h(4)},
			[]string{"damage digest-hole", "unverifiable log-uncovered"}, 0},
		"all of it":          {nil, trail.Options{Region: "us-east-1", From: t0, To: h(8)}, nil, 10},
		"inside":             {nil, trail.Options{Region: "us-east-1", From: h(2), To: h(5)}, nil, 4},
		"within hours":       {nil, trail.Options{Region: "us-east-1", From: h(2.5), To: h(4.5)}, nil, 4},
		"starts earlier":     {nil, trail.Options{Region: "us-east-1", From: h(-5)}, []string{"gap chain-start a.d0"}, 10},
		"goes on":            {nil, trail.Options{Region: "us-east-1", To: h(10)}, []string{"gap chain-end a.d7"}, 10},
		"another account":    {nil, trail.Options{Account: other}, []string{"unverifiable digest-none"}, 0},
		"before all":         {nil, trail.Options{Region: "eu-west-1", From: h(-9), To: h(-5)}, []string{"gap chain-start b.d0"}, 0},
		"after all":          {nil, trail.Options{Region: "eu-west-1", From: h(20)}, []string{"gap uncovered"}, 0},
		"signed by the next": {func(w *world) { w.forget("a.d4") }, trail.Options{Region: "us-east-1", From: h(2), To: h(5)}, nil, 4},
		"newest is missing": {func(w *world) { w.delete("a.d4") }, trail.Options{Region: "us-east-1", From: h(2), To: h(5)},
			[]string{"damage digest-missing a.d4"}, 3},
		"all are missing": {func(w *world) { w.delete("b.d1") }, trail.Options{Region: "eu-west-1", From: h(1), To: h(2)},
			[]string{"damage digest-missing b.d1", "unverifiable log-uncovered"}, 0},
		"first of the range is missing": {func(w *world) { w.delete("a.d3") }, trail.Options{Region: "us-east-1", From: h(3), To: h(5)},
			[]string{"damage digest-missing a.d3", "unverifiable log-uncovered"}, 1},
		"what is missing before it": {func(w *world) { w.delete("a.d1") }, trail.Options{Region: "us-east-1", From: h(2)}, nil, 8},
	} {
		t.Run(name, func(t *testing.T) {
			w := standard()
			if c.change != nil {
				c.change(w)
			}
			r := w.validate(t, trusted(t), c.opt)
			if diff := cmp.Diff(c.want, w.found(r)); diff != "" || r.Digests.Valid != c.digests {
				t.Errorf("%d digests valid: %s", r.Digests.Valid, diff)
			}
			if strings.HasPrefix(name, "missing across") && r.Digests.Missing != 1 {
				t.Errorf("%d digests are missing, one is of the range", r.Digests.Missing)
			}
		})
	}
}

func TestRestart(t *testing.T) {
	w := standard()
	w.chains["a"].stopped = true
	w.hours("a", 2, 1)
	w.chains["a"].stopped, w.chains["a"].next = true, 20
	w.chains["a"].signer = signers()[1]
	w.hours("a", 2, 1)
	r := w.validate(t, trusted(t), trail.Options{})
	if diff := cmp.Diff([]string{"gap chain-start a.d20", "gap chain-start a.d8"}, w.found(r)); diff != "" {
		t.Error(diff)
	}
	last := r.Findings[len(r.Findings)-1]
	for _, f := range r.Findings {
		if f.Key == w.key("a.d20") {
			last = f
		}
	}
	if !last.From.Equal(t0.Add(10*time.Hour)) || !last.To.Equal(t0.Add(20*time.Hour)) {
		t.Errorf("the gap is %s to %s", last.From, last.To)
	}
	if r.Digests.Missing != 0 {
		t.Errorf("%d digests are missing", r.Digests.Missing)
	}
}

// Whatever was healthy when it was delivered shows no damage.
func TestRandomHealthy(t *testing.T) {
	for seed := range uint64(25) {
		w := randomWorld(mathrand.New(mathrand.NewPCG(seed, 1)))
		r := w.validate(t, trusted(t), trail.Options{})
		for _, f := range r.Findings {
			if f.Severity != trail.Note && f.Severity != trail.Gap {
				t.Errorf("seed %d: %+v", seed, f)
			}
		}
		if r.Digests.Valid != r.Digests.Expected || r.Logs.Valid != r.Logs.Found || r.Damaged() {
			t.Errorf("seed %d: %+v %+v", seed, r.Digests, r.Logs)
		}
	}
}

func randomWorld(rnd *mathrand.Rand) *world {
	w := newWorld()
	for _, region := range []string{"us-east-1", "eu-west-1", "ap-south-1"}[:1+rnd.IntN(3)] {
		w.chain(region, chainSpec{account: account, region: region, trail: "t", home: "us-east-1", signer: signers()[rnd.IntN(2)]})
		w.chain(region+"+", chainSpec{account: account, region: region, trail: "t", home: "us-east-1", backfill: true})
		for range 1 + rnd.IntN(10) {
			if c := w.chains[region]; rnd.IntN(5) == 0 {
				c.stopped, c.next, c.signer = true, c.next+rnd.IntN(4), signers()[rnd.IntN(2)]
			}
			w.hour(region, rnd.IntN(4))
			if rnd.IntN(4) == 0 {
				w.chains[region+"+"].next = w.chains[region].next - 1
				w.hour(region+"+", rnd.IntN(3))
			}
		}
	}
	return w
}

// flips changes random bytes of random objects, one at a time, and hands out
// the world with one of them.
func flips(seed uint64, worlds, each int, body func(rnd *mathrand.Rand, before []byte) []byte, see func(w *world, key string)) {
	for i := range uint64(worlds) {
		rnd := mathrand.New(mathrand.NewPCG(i, seed))
		w := randomWorld(rnd)
		var keys []string
		for key := range w.List(context.Background(), "") {
			keys = append(keys, key)
		}
		for range each {
			key := keys[rnd.IntN(len(keys))]
			intact := w.objects[key]
			damaged := intact
			damaged.Body = body(rnd, append([]byte(nil), intact.Body...))
			w.objects[key] = damaged
			see(w, key)
			w.objects[key] = intact
		}
	}
}

func flip(rnd *mathrand.Rand, b []byte) []byte {
	b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
	return b
}

// A byte that is changed anywhere, so that the content changes or cannot be
// read any more, is damage of that object or of its successor, and one that
// means nothing to gzip is none.
func TestRandomFlip(t *testing.T) {
	harmless := 0
	var before []byte
	flips(2, 25, 16, func(rnd *mathrand.Rand, b []byte) []byte {
		before = unpack(b)
		return flip(rnd, b)
	}, func(w *world, key string) {
		r := w.validate(t, trusted(t), trail.Options{})
		changed := string(w.content(key)) != string(before)
		if !changed {
			harmless++
		}
		if changed != damages(r, key, w.successor(key)) {
			t.Errorf("content of %s changed: %v, findings %v", w.short(key), changed, w.found(r))
		}
	})
	if harmless == 0 || harmless > 150 {
		t.Errorf("%d flips of 400 changed no content", harmless)
	}
}

// A byte of what is inside is changed, so that gzip's own checksum is right.
func TestRandomEdit(t *testing.T) {
	flips(3, 25, 24, func(rnd *mathrand.Rand, b []byte) []byte { return pack(flip(rnd, unpack(b))) }, func(w *world, key string) {
		if r := w.validate(t, trusted(t), trail.Options{}); !damages(r, key, w.successor(key)) {
			t.Errorf("%s\n%s\n%v", w.short(key), w.content(key), w.found(r))
		}
	})
}

func damages(r trail.Result, keys ...string) bool {
	for _, f := range r.Findings {
		for _, key := range keys {
			if f.Severity == trail.Damage && key != "" && f.Key == key {
				return true
			}
		}
	}
	return false
}

func (w *world) successor(key string) string {
	for k, d := range w.docs {
		if d.PrevObject != nil && *d.PrevObject == key {
			return k
		}
	}
	return ""
}

// A validation that is ended says so, wherever it is.
func TestContext(t *testing.T) {
	w := standard()
	for steps := range 30 {
		ctx := &countdown{Context: context.Background(), left: steps}
		if _, err := trail.Validate(ctx, w, trusted(t), trail.Options{}); !errors.Is(err, context.Canceled) {
			t.Fatalf("after %d steps: %v", steps, err)
		}
	}
}

type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Which log files of the edges of a range or a chain are of it cannot be told from the
// minute in their names.
func TestEdges(t *testing.T) {
	at := func(n float64) time.Time { return t0.Add(time.Duration(n * float64(time.Hour))) }
	for name, c := range map[string]struct {
		log  time.Time
		opt  trail.Options
		want []string
	}{
		"after the last digest":                  {at(8).Add(20 * time.Second), trail.Options{}, []string{"unverifiable log-uncovered"}},
		"after the range, in its last minute":    {at(8).Add(20 * time.Second), trail.Options{To: at(8)}, nil},
		"before the first digest, in its minute": {at(0).Add(-20 * time.Second), trail.Options{}, nil},
		"in the minute before":                   {at(0).Add(-50 * time.Second), trail.Options{}, []string{"unverifiable log-uncovered"}},
		"in the minute of an hour's end":         {at(4).Add(20 * time.Second), trail.Options{}, []string{"unverifiable log-unlisted ?"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := standard()
			w.addLog(account, "us-east-1", c.log)
			c.opt.Region = "us-east-1"
			if diff := cmp.Diff(c.want, w.found(w.validate(t, trusted(t), c.opt))); diff != "" {
				t.Error(diff)
			}
		})
	}
	// What the digest after the range lists was delivered after it, whatever its name says.
	w := standard()
	key := w.addLog(account, "us-east-1", at(4).Add(-2*time.Minute))
	w.resign("a.d4", signers()[0], func(d *digestFile) {
		d.Logs = append(d.Logs, logFile{bucket, key, w.contentHash(key), "SHA-256", "", ""})
	})
	r := w.validate(t, trusted(t), trail.Options{Region: "us-east-1", To: at(4)})
	if got := w.found(r); got != nil || r.Logs.Outside == 0 {
		t.Errorf("%v %+v", got, r.Logs)
	}
}

// A time in which nothing is signed is not proven.
func TestNoDigestOfTheTime(t *testing.T) {
	w := standard()
	r := w.validate(t, trusted(t), trail.Options{To: t0.AddDate(0, 0, -1)})
	if diff := cmp.Diff([]string{"unverifiable digest-none"}, w.found(r)); diff != "" {
		t.Error(diff)
	}
	// A backfill chain has no hours that must be there.
	r = w.validate(t, trusted(t), trail.Options{Region: "us-east-1", From: t0.Add(7 * time.Hour), To: t0.Add(8 * time.Hour)})
	if got := w.found(r); got != nil || r.Digests.Valid != 1 || !r.Delivered[w.key("a.l7.0")].Equal(t0.Add(8*time.Hour)) {
		t.Errorf("%v %+v", got, r)
	}
	empty, err := json.Marshal(newWorld().validate(t, nil, trail.Options{From: t0}))
	if err != nil || strings.Contains(string(empty), "null") {
		t.Errorf("%v %s", err, empty)
	}
}
