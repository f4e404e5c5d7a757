package ledgertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// RunLedger runs the suite of what a ledger promises, on whatever store it
// stands. open returns an empty ledger.
func RunLedger(t *testing.T, open func(t *testing.T) *ledger.Ledger) {
	tests := []struct {
		name string
		run  func(t *testing.T, l *ledger.Ledger)
	}{
		{"append is repeatable", appendRepeats},
		{"a key twice in one append", appendTwice},
		{"bodies are kept byte for byte", bodyBytes},
		{"what no store could keep is refused", refusesUnsound},
		{"observations make versions", versions},
		{"an older observation changes nothing", stale},
		{"deletion and re-creation", recreation},
		{"an assessment is recorded once", judgedOnce},
		{"PASS, FAIL, PASS are three records", judgedThrice},
		{"an older version is not judged after a newer one", judgedStale},
		{"records are read page by page", pages},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := open(t)
			test.run(t, l)
			intact(t, l)
		})
	}
}

func mustObserve(t *testing.T, l *ledger.Ledger, o everqual.Observation) ledger.Observed {
	t.Helper()
	got, err := l.Observe(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func appendRepeats(t *testing.T, l *ledger.Ledger) {
	ctx := context.Background()
	first, fresh, err := l.Append(ctx, entry("a"), entry("b"))
	if err != nil || !slices.Equal(fresh, []bool{true, true}) {
		t.Fatalf("first append: %v, %v", fresh, err)
	}
	changed := entry("a")
	changed.Body = "another body"
	again, fresh, err := l.Append(ctx, entry("c"), changed, entry("b"))
	if err != nil || !slices.Equal(fresh, []bool{true, false, false}) {
		t.Fatalf("second append: %v, %v", fresh, err)
	}
	if again[1].Hash != first[0].Hash || again[2].Hash != first[1].Hash || again[0].Sequence != 3 {
		t.Errorf("the records are not the first ones: %v", again)
	}
	if _, fresh, err := l.Append(ctx); err != nil || len(fresh) != 0 {
		t.Errorf("appending nothing: %v, %v", fresh, err)
	}
	r, ok, err := l.Find(ctx, "b")
	if err != nil || !ok || r.Sequence != 2 {
		t.Errorf("find b: record %d, %t, %v", r.Sequence, ok, err)
	}
}

func appendTwice(t *testing.T, l *ledger.Ledger) {
	records, fresh, err := l.Append(context.Background(), entry("a"), entry("a"), entry("b"), entry("a"))
	if err != nil || !slices.Equal(fresh, []bool{true, false, true, false}) {
		t.Fatalf("fresh is %v, %v", fresh, err)
	}
	if records[1].Sequence != 1 || records[2].Sequence != 2 || records[3].Hash != records[0].Hash {
		t.Errorf("got %v", records)
	}
}

func bodyBytes(t *testing.T, l *ledger.Ledger) {
	body := map[string]any{"html": "<a&b>", "text": "Ä\u2028\x00", "list": []any{1.5, nil}}
	kept, _, err := l.Append(context.Background(), ledger.Entry{Kind: "test", Key: "k", Body: body})
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := l.Find(context.Background(), "k")
	if err != nil || string(found.Body) != string(kept[0].Body) {
		t.Errorf("body was %s, came back as %s, %v", kept[0].Body, found.Body, err)
	}
	if want := `"html":"<a&b>"`; !strings.Contains(string(found.Body), want) {
		t.Errorf("body %s does not hold %s", found.Body, want)
	}
}

func refusesUnsound(t *testing.T, l *ledger.Ledger) {
	for name, e := range map[string]ledger.Entry{
		"no key":           {Kind: "test"},
		"no kind":          {Key: "k"},
		"key not UTF-8":    {Kind: "test", Key: "k\xff"},
		"subject no UTF-8": {Kind: "test", Key: "k", Subjects: []string{"s\xff"}},
		"body no JSON":     {Kind: "test", Key: "k", Body: func() {}},
	} {
		if _, _, err := l.Append(context.Background(), entry("good "+name), e); !everqual.IsPermanent(err) {
			t.Errorf("%s: got %v, want a permanent error", name, err)
		}
	}
	if head, err := l.Head(context.Background()); err != nil || head.Sequence != 0 {
		t.Errorf("head is %v, %v: the good part was kept", head, err)
	}
}

func versions(t *testing.T, l *ledger.Ledger) {
	if none, err := l.Latest(context.Background(), observation(0, "").Resource.ID); err != nil || none.Version != 0 {
		t.Fatalf("latest of an unknown resource: version %d, %v", none.Version, err)
	}
	steps := []struct {
		minute  int
		state   string
		version int
		changed bool
		records uint64
	}{
		{0, "small", 1, true, 1},
		{0, "small", 1, true, 1}, // the same observation again
		{1, "small", 1, false, 2},
		{1, "small", 1, false, 2},
		{2, "large", 2, true, 3},
		{3, "small", 3, true, 4},
		{4, "small", 3, false, 5},
		{5, "small", 3, false, 6},
	}
	for i, s := range steps {
		o := observation(s.minute, s.state)
		got := mustObserve(t, l, o)
		if got.Version != s.version || got.Changed != s.changed || !got.SeenAt.Equal(o.CollectedAt) || got.Digest != o.Digest {
			t.Errorf("step %d: version %d, changed %t, seen %v; want %+v", i, got.Version, got.Changed, got.SeenAt, s)
		}
		latest, err := l.Latest(context.Background(), o.Resource.ID)
		if err != nil || latest.Version != s.version || !latest.SeenAt.Equal(o.CollectedAt) || latest.Record.Hash != got.Record.Hash {
			t.Errorf("step %d: latest is version %d, seen %v, %v", i, latest.Version, latest.SeenAt, err)
		}
		if head, _ := l.Head(context.Background()); head.Sequence != s.records {
			t.Errorf("step %d: %d records, want %d", i, head.Sequence, s.records)
		}
	}
}

func stale(t *testing.T, l *ledger.Ledger) {
	mustObserve(t, l, observation(5, "small"))
	mustObserve(t, l, observation(7, "small"))
	for _, state := range []string{"small", "large"} {
		for _, minute := range []int{4, 6} {
			got := mustObserve(t, l, observation(minute, state))
			if got.Version != 1 || got.Changed || got.SeenAt.Minute() != 7 {
				t.Errorf("%s at minute %d: version %d, changed %t, seen %v", state, minute, got.Version, got.Changed, got.SeenAt)
			}
		}
	}
	if head, _ := l.Head(context.Background()); head.Sequence != 2 {
		t.Errorf("%d records, want 2", head.Sequence)
	}
}

func recreation(t *testing.T, l *ledger.Ledger) {
	gone := observation(1, "gone")
	gone.State, gone.Attributes = everqual.Deleted, nil
	mustObserve(t, l, observation(0, "small"))
	if got := mustObserve(t, l, gone); got.Version != 2 || got.State != everqual.Deleted || !got.Changed {
		t.Errorf("deletion: version %d, %s", got.Version, got.State)
	}
	gone.CollectedAt, gone.Evidence = gone.CollectedAt.Add(time.Minute), "other"
	if got := mustObserve(t, l, gone); got.Version != 2 || got.Changed {
		t.Errorf("still deleted: version %d, changed %t", got.Version, got.Changed)
	}
	if got := mustObserve(t, l, observation(3, "small")); got.Version != 3 || got.State != everqual.Present || !got.Changed {
		t.Errorf("re-creation: version %d, %s", got.Version, got.State)
	}
}

func mustJudge(t *testing.T, l *ledger.Ledger, a everqual.Assessment, want bool) {
	t.Helper()
	already, err := l.Judged(context.Background(), a)
	if err != nil || already == want {
		t.Errorf("Judged says %t, %v; want %t", already, err, !want)
	}
	changed, err := l.Judge(context.Background(), a)
	if err != nil || changed != want {
		t.Errorf("judge version %d: changed %t, %v; want %t", a.Version, changed, err, want)
	}
}

func judgedOnce(t *testing.T, l *ledger.Ledger) {
	a := assessment(1, everqual.Pass)
	mustJudge(t, l, a, true)
	mustJudge(t, l, a, false)
	a.AssessedAt = a.AssessedAt.Add(time.Hour)
	mustJudge(t, l, a, false)
	other := a
	other.Specification.ID = "another"
	mustJudge(t, l, other, true)
	a.Version = 2
	mustJudge(t, l, a, true)
	a.Specification.Version = "1.1"
	mustJudge(t, l, a, true)
	q := ledger.Query{Subject: ledger.AssessmentSubject(a.Resource.ID, "app-server")}
	if n := count(t, l, q); n != 3 {
		t.Errorf("%d assessments by app-server, want 3", n)
	}
}

func count(t *testing.T, l *ledger.Ledger, q ledger.Query) (n int) {
	t.Helper()
	for _, err := range l.Records(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func judgedThrice(t *testing.T, l *ledger.Ledger) {
	for _, outcome := range []everqual.Outcome{everqual.Pass, everqual.Fail, everqual.Pass} {
		mustJudge(t, l, assessment(1, outcome), true)
		mustJudge(t, l, assessment(1, outcome), false)
	}
	if n := count(t, l, ledger.Query{Kind: everqual.KindAssessment}); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
}

func judgedStale(t *testing.T, l *ledger.Ledger) {
	mustJudge(t, l, assessment(2, everqual.Fail), true)
	mustJudge(t, l, assessment(1, everqual.Pass), false)
	mustJudge(t, l, assessment(3, everqual.Pass), true)
}

// pages reads more records than one page holds.
func pages(t *testing.T, l *ledger.Ledger) {
	const n = 1203
	var entries []ledger.Entry
	for i := range n {
		e := entry(fmt.Sprintf("%04d", i))
		e.Subjects = []string{[]string{"even", "odd"}[i%2]}
		entries = append(entries, e)
	}
	if _, _, err := l.Append(context.Background(), entries...); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		q    ledger.Query
		want int
	}{
		{ledger.Query{}, n},
		{ledger.Query{Descending: true}, n},
		{ledger.Query{Limit: 32}, 32},
		{ledger.Query{Limit: 33, Descending: true}, 33},
		{ledger.Query{Limit: 544}, 544},
		{ledger.Query{Limit: 545, Descending: true}, 545},
		{ledger.Query{Limit: 1000, After: 300}, n - 300},
		{ledger.Query{Subject: "odd"}, n / 2},
		{ledger.Query{Subject: "even", Kind: "test", Descending: true}, n - n/2},
	} {
		sequence := l.Records(context.Background(), test.q)
		for walk := range 2 {
			got, last := 0, uint64(0)
			for r, err := range sequence {
				if err != nil {
					t.Fatal(err)
				}
				if got++; got > 1 && r.Sequence > last == test.q.Descending {
					t.Fatalf("%+v: record %d follows record %d", test.q, r.Sequence, last)
				}
				last = r.Sequence
			}
			if got != test.want {
				t.Errorf("%+v, walk %d: %d records, want %d", test.q, walk, got, test.want)
			}
		}
	}
}
