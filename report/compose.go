package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/everqual/everqual"
)

// New composes the report. It fails closed: a result of an outdated or unknown
// record counts as NOT EVALUATED, and a test case without a result is listed
// as one that was not evaluated.
func New(in Input) Report {
	b := newBench(in)
	r := Report{
		Format: Format,
		Document: Document{
			Title: Title, Number: in.DocumentNumber, Version: in.DocumentVersion,
			Organisation: in.Organisation, GeneratedAt: in.GeneratedAt.UTC(),
			ToolVersion: in.ToolVersion, Period: utcPeriod(in.Period),
		},
		System:      in.System,
		Inventory:   b.inventory,
		Results:     b.results(),
		Baseline:    baselineRef(in.Baseline),
		Drift:       drifts(in.Drift, b.names),
		DeadLetters: deadLetters(in.DeadLetters),
		Events:      in.Events,
		Unplaced:    in.Unplaced,
		Ledger:      Head{in.Ledger.Sequence, in.Ledger.Hash, in.Ledger.CheckpointAt.UTC()},
		Callers:     callers(in),
		Revisions:   revisions(in.Revisions),
	}
	settle(r.Inventory, r.Results)
	r.Coverage = coverage(r.Inventory)
	r.Specs = b.summaries(r.Results)
	r.Deviations = b.deviations(r)
	r.NotEvaluated = notEvaluated(r.Results)
	r.Counts, r.Risks = count(r.Results)
	r.Trace = trace(in.Specifications, r.Results)
	r.Prereqs = prerequisites(in, r)
	r.Conclusion = conclude(r)
	r.Digest = digest(r)
	return r
}

// Judge says of one resource what the report says of it: its status, and a result for
// every test case that it is due to, NOT EVALUATED where the ledger holds no verdict
// about the recorded version.
func Judge(in Input) (ResourceStatus, []Result) {
	b := newBench(in)
	results := b.results()
	settle(b.inventory, results)
	return b.inventory[0].Status, results
}

// bench is the input, sorted and indexed.
type bench struct {
	in        Input
	specs     []everqual.Specification
	inventory []Item
	observed  []Recorded // in the order of inventory
	place     map[everqual.ResourceID]int
	names     map[everqual.ResourceID]string
	refs      map[everqual.SpecificationRef]int
	members   map[everqual.ResourceID]bool // of the baseline
}

func newBench(in Input) *bench {
	b := &bench{
		in: in, place: map[everqual.ResourceID]int{}, names: map[everqual.ResourceID]string{},
		refs: map[everqual.SpecificationRef]int{}, members: map[everqual.ResourceID]bool{},
	}
	b.specs = slices.Clone(in.Specifications)
	slices.SortStableFunc(b.specs, func(x, y everqual.Specification) int {
		return cmp.Or(cmp.Compare(x.ID, y.ID), cmp.Compare(x.Version, y.Version), cmp.Compare(x.Digest, y.Digest))
	})
	b.specs = slices.CompactFunc(b.specs, func(x, y everqual.Specification) bool { return x.Ref() == y.Ref() })
	for i, s := range b.specs {
		b.refs[s.Ref()] = i
	}
	if in.Baseline != nil {
		for _, m := range in.Baseline.Members {
			b.members[m.Resource.ID] = true
		}
	}
	b.observed = latest(in.Inventory)
	slices.SortStableFunc(b.observed, func(x, y Recorded) int {
		return cmp.Or(cmp.Compare(x.Resource.Type, y.Resource.Type), cmp.Compare(nameOf(x), nameOf(y)),
			cmp.Compare(x.Resource.ID, y.Resource.ID), cmp.Compare(x.Sequence, y.Sequence))
	})
	b.inventory = make([]Item, len(b.observed))
	for i, o := range b.observed {
		b.inventory[i] = b.item(o)
		b.place[o.Resource.ID] = i
		b.names[o.Resource.ID] = nameOf(o)
	}
	return b
}

// latest keeps one observation per resource, the one recorded last.
func latest(list []Recorded) []Recorded {
	at := map[everqual.ResourceID]int{}
	var out []Recorded
	for _, o := range list {
		i, ok := at[o.Resource.ID]
		switch {
		case !ok:
			at[o.Resource.ID] = len(out)
			out = append(out, o)
		case o.Sequence > out[i].Sequence:
			out[i] = o
		}
	}
	return out
}

func nameOf(o Recorded) string { return cmp.Or(o.Name, o.Resource.ID.Name()) }

func (b *bench) item(o Recorded) Item {
	unread := slices.Clone(o.Unread)
	slices.SortStableFunc(unread, func(x, y everqual.Unread) int { return cmp.Compare(x.Path, y.Path) })
	return Item{
		Resource: o.Resource, Name: nameOf(o), State: o.State, Status: b.status(o.Observation),
		Tags: maps.Clone(o.Tags), Unread: unread, Version: o.Version, Sequence: o.Sequence, Hash: o.Hash,
		Digest: o.Digest, Evidence: o.Evidence, CollectedAt: o.CollectedAt.UTC(), Collector: o.Collector, Caller: o.Caller,
		Changed: slices.Clone(o.Changed),
	}
}

// status is what can be said before any result is seen; settle finishes it.
func (b *bench) status(o everqual.Observation) ResourceStatus {
	switch {
	case o.State == everqual.Deleted:
		return Deleted
	case unreadAt(o.Unread, ""):
		return Unread
	case b.specified(o):
		return NotAssessed
	case b.in.System.Scope.Selects(o) || unreadAt(o.Unread, "Tags"):
		return NoSpecification
	}
	return OutOfScope
}

func (b *bench) specified(o everqual.Observation) bool {
	return slices.ContainsFunc(b.specs, func(s everqual.Specification) bool { return s.Applies.Selects(o) })
}

func unreadAt(list []everqual.Unread, path string) bool {
	return slices.ContainsFunc(list, func(u everqual.Unread) bool { return u.Path == path })
}

// settle turns the status of the resources that have results of their own into
// ASSESSED. Results that only say that there is no assessment do not count.
func settle(inventory []Item, results []Result) {
	assessed := map[everqual.ResourceID]bool{}
	for _, r := range results {
		if !r.AssessedAt.IsZero() && r.Reason != Outdated {
			assessed[r.Resource.ID] = true
		}
	}
	for i, item := range inventory {
		if assessed[item.Resource.ID] && item.Status != Deleted && item.Status != Unread {
			inventory[i].Status = Assessed
		}
	}
}

func coverage(inventory []Item) (c Coverage) {
	c.Resources = len(inventory)
	for _, item := range inventory {
		switch item.Status {
		case Assessed:
			c.Assessed++
		case NoSpecification:
			c.WithoutSpecification++
		case Unread:
			c.Unread++
		case Deleted:
			c.Deleted++
		case OutOfScope:
			c.OutOfScope++
		default:
			c.NotAssessed++
		}
		if item.State != everqual.Deleted && len(item.Unread) > 0 && !unreadAt(item.Unread, "") {
			c.PartlyRead++
		}
	}
	return c
}

func count(results []Result) (total everqual.Counts, risks []RiskCounts) {
	at := map[string]int{}
	risks = []RiskCounts{}
	for _, r := range results {
		total.Add(r.Outcome)
		i, ok := at[r.Risk]
		if !ok {
			i = len(risks)
			at[r.Risk] = i
			risks = append(risks, RiskCounts{Risk: r.Risk})
		}
		risks[i].Counts.Add(r.Outcome)
	}
	slices.SortFunc(risks, func(x, y RiskCounts) int {
		return cmp.Or(cmp.Compare(riskRank(x.Risk), riskRank(y.Risk)), cmp.Compare(x.Risk, y.Risk))
	})
	return total, risks
}

// riskRank puts the usual classes from high to low, then all others.
func riskRank(risk string) int {
	i := slices.Index([]string{"critical", "high", "medium", "low"}, risk)
	if i < 0 {
		return 4
	}
	return i
}

func utcPeriod(p everqual.Period) everqual.Period {
	return everqual.Period{From: utc(p.From), Until: utc(p.Until)}
}

// utc keeps the zero time the zero time, which the JSON omits.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

func (s Specification) ref() everqual.SpecificationRef {
	return everqual.SpecificationRef{ID: s.ID, Version: s.Version, Digest: s.Digest}
}
