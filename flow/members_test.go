package flow_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

// chronicle is a ledger in the making: the first records are those of a program that
// did not mark them, and each step is one observation or assessment.
type chronicle struct {
	*rapid.T
	ledger *ledger.Ledger
	now    time.Time
	last   map[everqual.ResourceID]everqual.Observation
}

var (
	keys    = []string{"System", "Stage", "Name"}
	values  = []string{"LIMS", "MES", "a=b", ""}
	systems = []string{"lims", "mes"}
)

// TestMembers holds what is found by marks against every record looked at.
func TestMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := &chronicle{T: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), last: map[everqual.ResourceID]everqual.Observation{}}
		e.ledger = ledger.New(&ledgertest.Memory{}, func() time.Time { return e.now })
		old := rapid.IntRange(0, 10).Draw(t, "old records")
		for i := range rapid.IntRange(1, 40).Draw(t, "records") {
			e.now = e.now.Add(time.Minute)
			e.step(i < old)
		}
		e.compare()
	})
}

func (e *chronicle) step(old bool) {
	id := everqual.ResourceID(fmt.Sprint("r", rapid.IntRange(0, 4).Draw(e.T, "resource")))
	if o, ok := e.last[id]; ok && rapid.IntRange(0, 3).Draw(e.T, "judge") == 0 {
		system := rapid.SampledFrom(systems).Draw(e.T, "system")
		e.judge(everqual.Assessment{
			Resource: o.Resource, Version: o.Version, System: system,
			Specification: everqual.SpecificationRef{ID: system + "-" + rapid.SampledFrom([]string{"a", "b"}).Draw(e.T, "specification"), Version: fmt.Sprint(e.now.Unix())},
		}, old)
		return
	}
	o := everqual.Observation{
		Resource: everqual.Resource{ID: id, Type: []string{"disk", "host"}[id[1]%2]}, CollectedAt: e.now, Digest: everqual.Digest(fmt.Sprint(e.now.Unix())),
		Tags: rapid.MapOfN(rapid.SampledFrom(keys), rapid.SampledFrom(values), 0, 3).Draw(e.T, "tags"),
	}
	if rapid.IntRange(0, 3).Draw(e.T, "unread") == 0 {
		o.Tags, o.Unread = nil, []everqual.Unread{{Path: ""}}
	}
	e.observe(o, old)
}

// observe records an observation; an old program names only the resource.
func (e *chronicle) observe(o everqual.Observation, old bool) {
	if !old {
		seen, err := e.ledger.Observe(context.Background(), o)
		if err != nil {
			e.Fatal(err)
		}
		e.last[o.Resource.ID] = seen.Observation
		return
	}
	o.Version = e.last[o.Resource.ID].Version + 1
	e.last[o.Resource.ID] = o
	e.append(everqual.KindObservation, fmt.Sprintf("observation:%s:v%d", o.Resource.ID, o.Version), string(o.Resource.ID), o)
}

func (e *chronicle) judge(a everqual.Assessment, old bool) {
	if !old {
		if _, err := e.ledger.Judge(context.Background(), a); err != nil {
			e.Fatal(err)
		}
		return
	}
	subject := ledger.AssessmentSubject(a.Resource.ID, a.Specification.ID)
	e.append(everqual.KindAssessment, fmt.Sprint(subject, e.now), string(a.Resource.ID), a, subject)
}

func (e *chronicle) append(kind everqual.Kind, key, resource string, body any, more ...string) {
	_, _, err := e.ledger.Append(context.Background(), ledger.Entry{Kind: kind, Key: key, Subjects: append([]string{resource}, more...), Body: body})
	if err != nil {
		e.Fatal(err)
	}
}

// compare asks for the members of any system, now and then, and for what was never read.
func (e *chronicle) compare() {
	c := &flow.Corridor{Home: flow.Home{Ledger: e.ledger}}
	system := everqual.System{ID: rapid.SampledFrom(systems).Draw(e.T, "of"), Scope: everqual.Selector{Tags: map[string]everqual.Values{}}}
	for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 2, rapid.ID).Draw(e.T, "scope") {
		system.Scope.Tags[key] = rapid.SliceOfN(rapid.SampledFrom(append(values, "*")), 0, 2).Draw(e.T, "wanted")
	}
	if rapid.Bool().Draw(e.T, "typed") {
		system.Scope.Types = everqual.Values{"disk"}
	}
	members, err := c.Members(context.Background(), system)
	if err != nil {
		e.Fatal(err)
	}
	var got []everqual.ResourceID
	for _, m := range members {
		got = append(got, m.Resource.ID)
		if want := e.last[m.Resource.ID]; m.Version != want.Version {
			e.Errorf("%s is shown in version %d of %d", m.Resource.ID, m.Version, want.Version)
		}
	}
	if want := e.members(system, e.now); !slices.Equal(got, want) {
		e.Errorf("members of %v are %v, want %v", system, got, want)
	}
	at := e.now.Add(-time.Duration(rapid.IntRange(0, 30).Draw(e.T, "ago")) * time.Minute)
	then, err := c.AsOf(context.Background(), system, at, e.now)
	if err != nil {
		e.Fatal(err)
	}
	got = nil
	for _, r := range then.Resources {
		got = append(got, r.Resource.ID)
	}
	if want := e.members(system, at); !slices.Equal(got, want) {
		e.Errorf("members of %v were %v at %v, want %v", system, got, at, want)
	}
	if n, err := c.Unplaced(context.Background()); err != nil || n != e.neverRead() {
		e.Errorf("%d are unplaced, want %d; %v", n, e.neverRead(), err)
	}
}

// members looks at every record of what was observed until then.
func (e *chronicle) members(system everqual.System, at time.Time) []everqual.ResourceID {
	member, seen := map[everqual.ResourceID]bool{}, map[everqual.ResourceID]int{}
	for r := range all[everqual.Observation](e, everqual.KindObservation) {
		if r.CollectedAt.After(at) {
			continue
		}
		seen[r.Resource.ID] = r.Version
		if system.Scope.Selects(r) {
			member[r.Resource.ID] = true
		}
	}
	for a := range all[everqual.Assessment](e, everqual.KindAssessment) {
		if a.System == system.ID && a.Version <= seen[a.Resource.ID] {
			member[a.Resource.ID] = true
		}
	}
	return slices.SortedFunc(maps.Keys(member), cmp.Compare)
}

func (e *chronicle) neverRead() (n int) {
	read := map[everqual.ResourceID]bool{}
	for o := range all[everqual.Observation](e, everqual.KindObservation) {
		read[o.Resource.ID] = read[o.Resource.ID] || len(o.Unread) == 0
	}
	for _, r := range read {
		if !r {
			n++
		}
	}
	return n
}

func all[T any](e *chronicle, kind everqual.Kind) func(yield func(T) bool) {
	return func(yield func(T) bool) {
		for d, err := range ledger.Bodies[T](context.Background(), e.ledger, ledger.Query{Kind: kind}) {
			if err != nil {
				e.Fatal(err)
			}
			if !yield(d.Body) {
				return
			}
		}
	}
}
