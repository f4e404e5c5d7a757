package flow_test

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
	"github.com/everqual/everqual/specification"
)

// past is a home whose clock a test sets, with one table that belongs to the system.
type past struct {
	*testing.T
	*flow.Corridor
	now time.Time
}

func (p *past) Now() time.Time                             { return p.now }
func (p *past) Sleep(context.Context, time.Duration) error { return nil }
func (p *past) at(day string) *past                        { p.now = on(day); return p }

// texts is an archive.
type texts map[everqual.Digest][]byte

func (t texts) Put(_ context.Context, d everqual.Digest, b []byte) error { t[d] = b; return nil }

func (t texts) Get(_ context.Context, d everqual.Digest) ([]byte, error) {
	if b, ok := t[d]; ok {
		return b, nil
	}
	return nil, fs.ErrNotExist
}

type silent struct{ flow.Queue }

func (silent) Send(context.Context, ...flow.Message) error { return nil }

func on(day string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", "2026-03-"+day)
	if err != nil {
		panic(err)
	}
	return t
}

func newPast(t *testing.T) *past {
	p := &past{T: t}
	p.Corridor = &flow.Corridor{Home: flow.Home{
		Ledger: ledger.New(&ledgertest.Memory{}, p.Now), Archive: texts{}, Queue: silent{}, Clock: p,
	}, Log: slog.New(slog.DiscardHandler)}
	return p
}

// files are the ones that are there from now on, as "version from value [until]".
func (p *past) files(scope string, versions ...string) *past {
	p.Helper()
	tree := fstest.MapFS{"system.json": {Data: fmt.Appendf(nil, `{"id": "LIMS", "title": "R&D", "scope": {"tags": %s}}`, scope)}}
	for _, v := range versions {
		f := strings.Fields(v + " 31")
		tree[f[0]+".json"] = &fstest.MapFile{Data: fmt.Appendf(nil, `{"id": "TAB", "version": %q, "title": "t", "system": "LIMS",
			"effective": {"from": "2026-03-%s", "until": "2026-03-%s"}, "approval": {"by": "QA", "at": "2026-02-01"},
			"applies": {"type": "AWS::DynamoDB::Table", "tags": {"System": "LIMS"}},
			"test_cases": [{"id": "P", "title": "protected", "attribute": "Level", "expect": {"at_least": %s}}]}`, f[0], f[1], f[3], f[2])}
	}
	library, problems := specification.Load(tree, "")
	if len(problems) > 0 {
		p.Fatal(problems)
	}
	p.Library = library
	p.do(p.Register)
	return p
}

func (p *past) do(steps ...func(context.Context) error) *past {
	p.Helper()
	for _, step := range steps {
		if err := step(context.Background()); err != nil {
			p.Fatal(err)
		}
	}
	return p
}

// observe records a version of the table with a level, and has it judged unless that
// was not reached.
func (p *past) observe(level int, judge bool, tags map[string]string) *past {
	p.Helper()
	o, err := p.Ledger.Observe(context.Background(), everqual.Observation{
		Resource: everqual.Resource{ID: "table", Type: "AWS::DynamoDB::Table"}, State: everqual.Present, Tags: tags,
		Attributes: everqual.Attributes{"Level": level}, Digest: everqual.DigestOf(fmt.Append(nil, level, tags)), CollectedAt: p.now,
	})
	if err != nil {
		p.Fatal(err)
	}
	if judge {
		p.do(func(ctx context.Context) error { return p.Judge(ctx, o) })
	}
	return p
}

func (p *past) expect(at, known, want string) everqual.AsOf {
	p.Helper()
	var until time.Time
	if known != "" {
		until = on(known)
	}
	system, _ := p.Library.System("LIMS")
	a, err := p.AsOf(context.Background(), system, on(at), until)
	if err != nil {
		p.Fatal(err)
	}
	got := string(a.State)
	for _, s := range a.Specifications {
		got += " by " + s.Version
	}
	if got != want {
		p.Errorf("at %s, as known at %q: %s, want %s; %v", at, known, got, want, a.Reasons)
	}
	return a
}

var lims = map[string]string{"System": "LIMS"}

const limsScope = `{"System": "LIMS"}`

func TestAsOfAwaitsVerdicts(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5")
	p.do(p.Rejudge).observe(5, true, lims)
	p.expect("01 08:00", "", "QUALIFIED by 1.0")
	p.at("02 08:00").observe(6, false, map[string]string{"Owner": "x"}) // it lost the tag that selects it
	a := p.at("02 09:00").expect("02 08:30", "", "NOT KNOWN by 1.0")
	if a.Verdicts.NotEvaluated != 1 || a.Verdicts.Total != 1 || !strings.Contains(strings.Join(a.Reasons, ";"), "1 version was observed and not yet assessed") {
		t.Errorf("%+v because of %v", a.Verdicts, a.Reasons)
	}
	p.expect("02 07:00", "", "QUALIFIED by 1.0")
	p.observe(6, true, map[string]string{"Owner": "x"}).at("02 10:00")
	p.expect("02 09:30", "", "NOT QUALIFIED by 1.0") // SELECTION
	p.expect("02 08:30", "02 08:30", "NOT KNOWN by 1.0")
}

func TestAsOfNeverSaysMoreThanWasKnown(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5")
	p.do(p.Rejudge).observe(5, true, lims).at("05 08:00")
	p.expect("02 08:00", "03 08:00", "QUALIFIED by 1.0")
	a := p.expect("03 08:00", "02 08:00", "NOT KNOWN by 1.0")
	if got := strings.Join(a.Reasons, ";"); got != "what happened after 2026-03-02T08:00:00Z was not known" {
		t.Error(got)
	}
	p.expect("06 08:00", "", "NOT KNOWN by 1.0") // still to come
}

func TestAsOfSpecificationInForce(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5")
	p.do(p.Rejudge).observe(5, true, lims)
	p.at("07 12:00").files(limsScope, "1.0 01 5", "1.1 08 7").do(p.Rejudge)
	p.at("08 06:00").do(p.Rejudge) // an hour of judging late
	p.at("20 08:00")
	p.expect("07 23:59", "", "QUALIFIED by 1.0")
	p.expect("08 00:00", "", "NOT QUALIFIED by 1.1")
	p.expect("08 00:00", "08 05:00", "NOT KNOWN by 1.1")
	p.expect("08 00:00", "07 08:00", "NOT KNOWN by 1.0") // 1.1 was not known, nor what came after

	// One that is recorded later than it is in force.
	p.files(limsScope, "1.0 01 5", "1.1 08 7", "1.2 12 4").do(p.Rejudge).at("21 08:00")
	p.expect("11 23:59", "", "NOT QUALIFIED by 1.1")
	p.expect("12 00:00", "", "QUALIFIED by 1.2")
	p.expect("12 00:00", "19 08:00", "NOT QUALIFIED by 1.1")
	p.files(limsScope, "1.0 01 5", "1.1 08 7", "1.2 12 4", "1.3 08 3").do(p.Rejudge).at("22 08:00")
	p.expect("09 00:00", "", "QUALIFIED by 1.3")
	p.expect("09 00:00", "20 09:00", "NOT QUALIFIED by 1.1")
}

// A version is in force again when the period of a higher one has ended.
func TestAsOfSpecificationInForceAgain(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5", "1.1 03 4 05")
	p.do(p.Rejudge).observe(5, true, lims).at("04 08:00").do(p.Rejudge).at("06 08:00").do(p.Rejudge)
	p.expect("02 08:00", "", "QUALIFIED by 1.0")
	p.expect("04 08:00", "", "QUALIFIED by 1.1")
	p.expect("05 08:00", "", "QUALIFIED by 1.0")
}

// A version whose file is taken away is in force until the set that misses it.
func TestAsOfSpecificationWithdrawn(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5", "1.1 04 3", "2.0 09 9")
	p.do(p.Rejudge).observe(5, true, lims)
	p.at("04 08:00").do(p.Rejudge)
	p.at("06 08:00").files(limsScope, "1.0 01 5").do(p.Rejudge)
	p.at("12 08:00").do(p.Rejudge)
	p.expect("03 08:00", "", "QUALIFIED by 1.0")
	p.expect("05 08:00", "", "QUALIFIED by 1.1")
	p.expect("06 09:00", "", "QUALIFIED by 1.0")
	p.expect("11 08:00", "", "QUALIFIED by 1.0") // 2.0 was gone before it was in force
	p.expect("11 08:00", "11 08:00", "NOT KNOWN by 2.0")
}

func TestAsOfScopeOfThen(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5")
	p.observe(4, true, lims)
	if _, err := p.Ledger.Observe(t.Context(), everqual.Observation{ // no specification speaks of it
		Resource: everqual.Resource{ID: "queue", Type: "AWS::SQS::Queue"}, State: everqual.Present, Tags: lims, Digest: "d", CollectedAt: p.now,
	}); err != nil {
		t.Fatal(err)
	}
	a := p.expect("01 08:00", "", "NOT QUALIFIED by 1.0")
	if a.Scope.Entry != 0 || !strings.HasPrefix(a.Scope.Note, "the scope of the present") {
		t.Errorf("%+v", a.Scope)
	}
	p.at("02 08:00").do(p.Rejudge, p.Rejudge)
	p.at("03 08:00").files(`{"System": "LIMS", "Owner": "z"}`, "1.0 01 5")
	if a := p.expect("03 08:00", "", "NOT QUALIFIED by 1.0"); len(a.Scope.Selector.Tags) != 1 { // a file alone says nothing
		t.Errorf("%+v", a.Scope)
	}
	p.do(p.Rejudge, p.Rejudge).at("04 08:00").files(limsScope, "1.0 01 5").do(p.Rejudge)
	for _, w := range []struct {
		at              string
		told            bool
		tags, resources int
	}{{"01 09:00", false, 1, 2}, {"02 09:00", true, 1, 2}, {"03 09:00", true, 2, 1}, {"04 09:00", true, 1, 2}} {
		a := p.expect(w.at, "", "NOT QUALIFIED by 1.0") // what was judged does not leave
		if (a.Scope.Note == "") != w.told || len(a.Scope.Selector.Tags) != w.tags || len(a.Resources) != w.resources {
			t.Errorf("at %s: %d resources by %+v", w.at, len(a.Resources), a.Scope)
		}
	}
	if a := p.expect("01 09:00", "", "NOT QUALIFIED by 1.0"); !strings.HasPrefix(a.Scope.Note, "the first scope that the ledger has, of 2026-03-02T08:00:00Z") {
		t.Errorf("%+v", a.Scope)
	}
	n := 0
	for range all[everqual.System](&chronicle{ledger: p.Ledger}, everqual.KindSystem) {
		n++
	}
	if n != 3 {
		t.Errorf("%d definitions are recorded, want 3", n)
	}
}

// An entry behind one of a later time was not known before that one.
func TestAsOfClockSetBack(t *testing.T) {
	p := newPast(t).at("01 08:00").files(limsScope, "1.0 01 5")
	p.do(p.Rejudge).observe(5, true, lims)
	p.at("14 12:00").observe(6, true, lims).at("11 12:00").do(func(ctx context.Context) error {
		_, _, err := p.Ledger.Append(ctx, ledger.Entry{Kind: "note", Key: "n", Subjects: []string{"n"}, Body: "late"})
		return err
	})
	all := p.expect("10 08:00", "", "QUALIFIED by 1.0").Records
	for known, behind := range map[string]uint64{"14 11:59": 3, "11 12:30": 3, "14 12:00": 0} {
		if got := p.expect("10 08:00", known, "QUALIFIED by 1.0").Records; got != all-behind {
			t.Errorf("at %s %d records of %d were known, want %d", known, got, all, all-behind)
		}
	}
}
