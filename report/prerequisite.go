package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/everqual/everqual"
)

// prerequisites checks what must hold before results count. Each states the
// evidence that it was decided on, also when it holds.
func prerequisites(in Input, r Report) []Prerequisite {
	checks := []struct {
		title string
		check func(Input, Report) (everqual.Outcome, []string)
	}{
		{"Every specification was approved before it was executed", approvedBefore},
		{"Every specification was in force when it was executed", inForce},
		{"Every specification is identified by the digest of its file", identified},
		{"The version of the tool is a known release", toolKnown},
		{"The identity that collected is known for every record", collectorKnown},
		{"The ledger has a chain head that covers the records used", chainHead},
		{"Every change event is accounted for", eventsAccounted},
		{"No dead letter is open", noDeadLetters},
		{"Every resource in scope was collected", allCollected},
		{"Every known change was looked at", changesSeen},
	}
	out := make([]Prerequisite, len(checks))
	for i, c := range checks {
		outcome, evidence := c.check(in, r)
		out[i] = Prerequisite{fmt.Sprintf("PRE-%02d", i+1), c.title, outcome, evidence}
	}
	return out
}

// execution returns the first and last collection time behind a specification's
// results. Without results it is the time of the report.
func execution(s Specification, r Report) (from, to time.Time) {
	if s.ExecutedFrom.IsZero() {
		return r.Document.GeneratedAt, r.Document.GeneratedAt
	}
	return s.ExecutedFrom, s.ExecutedTo
}

func approvedBefore(_ Input, r Report) (everqual.Outcome, []string) {
	return eachSpecification(r, func(s Specification) (bool, string) {
		from, _ := execution(s, r)
		if s.Approval.By == "" || s.Approval.At.IsZero() {
			return false, "no approval is recorded"
		}
		return s.Approval.ApprovedAt(from), fmt.Sprintf("approved %s by %s, first collection %s",
			stamp(s.Approval.At), s.Approval.By, stamp(from))
	})
}

func inForce(_ Input, r Report) (everqual.Outcome, []string) {
	return eachSpecification(r, func(s Specification) (bool, string) {
		from, to := execution(s, r)
		return s.Effective.Contains(from) && s.Effective.Contains(to),
			fmt.Sprintf("effective %s, collected %s to %s", span(s.Effective), stamp(from), stamp(to))
	})
}

func identified(in Input, r Report) (everqual.Outcome, []string) {
	source := map[everqual.SpecificationRef][]byte{}
	for _, s := range in.Specifications {
		source[s.Ref()] = s.Source
	}
	return eachSpecification(r, func(s Specification) (bool, string) {
		text := source[everqual.SpecificationRef{ID: s.ID, Version: s.Version, Digest: s.Digest}]
		switch {
		case s.Digest.Hex() == "":
			return false, "no SHA-256 digest"
		case len(text) > 0 && everqual.DigestOf(text) != s.Digest:
			return false, "the digest does not match the file"
		}
		return true, s.Digest.Short()
	})
}

// eachSpecification holds when ok holds for all, and fails for the first set
// of those it does not hold for. No specification at all is NOT EVALUATED.
func eachSpecification(r Report, ok func(Specification) (bool, string)) (everqual.Outcome, []string) {
	if len(r.Specs) == 0 {
		return everqual.NotEvaluated, []string{"no specification is in force for the system"}
	}
	var good, bad []string
	for _, s := range r.Specs {
		holds, text := ok(s)
		line := fmt.Sprintf("%s version %s: %s", s.ID, s.Version, text)
		if holds {
			good = append(good, line)
		} else {
			bad = append(bad, line)
		}
	}
	if len(bad) > 0 {
		return everqual.Fail, bad
	}
	return everqual.Pass, good
}

// toolKnown refuses builds that no release stands behind (GAMP 5: the tool is
// itself qualified, under a version).
func toolKnown(in Input, _ Report) (everqual.Outcome, []string) {
	v := strings.TrimSpace(in.ToolVersion)
	switch {
	case v == "":
		return everqual.Fail, []string{"no version was given"}
	case strings.Contains(v, "devel") || strings.Contains(v, "dirty"):
		return everqual.Fail, []string{v + " is a development build: use a released version for a record"}
	}
	return everqual.Pass, []string{v}
}

func collectorKnown(_ Input, r Report) (everqual.Outcome, []string) {
	if len(r.Inventory) == 0 {
		return everqual.NotEvaluated, []string{"the inventory is empty"}
	}
	unknown := 0
	for _, item := range r.Inventory {
		if item.Caller.ARN == "" {
			unknown++
		}
	}
	if unknown > 0 {
		return everqual.Fail, []string{fmt.Sprintf("%s without a caller identity", plural(unknown, "record"))}
	}
	arns := make([]string, len(r.Callers))
	for i, c := range r.Callers {
		arns[i] = c.ARN
	}
	return everqual.Pass, arns
}

func chainHead(_ Input, r Report) (everqual.Outcome, []string) {
	head := r.Ledger
	if head.Sequence == 0 || head.Hash.Hex() == "" {
		return everqual.Fail, []string{"no chain head was given"}
	}
	for _, item := range r.Inventory {
		if item.Sequence > head.Sequence {
			return everqual.Fail, []string{fmt.Sprintf("record %d of %s is beyond the head %d", item.Sequence, item.Resource.ID, head.Sequence)}
		}
	}
	return everqual.Pass, []string{fmt.Sprintf("record %d, %s", head.Sequence, head.Hash.Short())}
}

func eventsAccounted(_ Input, r Report) (everqual.Outcome, []string) {
	n := r.Events
	sum := n.Duplicate + n.ReadOnly + n.Failed + n.Matched + n.Unmatched + n.Unparsable
	text := fmt.Sprintf("%s: %d duplicate, %d read-only, %d failed, %d matched, %d unmatched, %d unparsable",
		plural(n.Total, "event"), n.Duplicate, n.ReadOnly, n.Failed, n.Matched, n.Unmatched, n.Unparsable)
	if sum != n.Total || n.Unparsable > 0 {
		return everqual.Fail, []string{text}
	}
	return everqual.Pass, []string{text}
}

func noDeadLetters(_ Input, r Report) (everqual.Outcome, []string) {
	if n := len(r.DeadLetters); n > 0 {
		return everqual.Fail, []string{fmt.Sprintf("%s open: redrive or dispose of each with a reason", plural(n, "dead letter"))}
	}
	return everqual.Pass, []string{"none"}
}

func allCollected(_ Input, r Report) (everqual.Outcome, []string) {
	n := r.Coverage.InScope()
	switch {
	case n == 0:
		return everqual.NotEvaluated, []string{"no resource is in scope"}
	case r.Coverage.Unread > 0:
		return everqual.Fail, []string{fmt.Sprintf("%d of %s could not be read", r.Coverage.Unread, plural(n, "resource"))}
	}
	return everqual.Pass, []string{fmt.Sprintf("%s collected, %d of them not in every part", plural(n, "resource"), r.Coverage.PartlyRead)}
}

// changesSeen fails when something is known to have changed since it was seen: what the
// results say of it may no longer be so.
func changesSeen(_ Input, r Report) (everqual.Outcome, []string) {
	var changed []string
	for _, item := range r.Inventory {
		for _, e := range item.Changed {
			changed = append(changed, fmt.Sprintf("%s, version %d: %s at %s, event %s", item.Resource.ID, item.Version, e.Name, stamp(e.Time), e.ID))
		}
	}
	const most = 20 // the inventory, as data, holds all
	if more := len(changed) - most; more > 0 {
		changed = append(changed[:most], fmt.Sprintf("and %s more", plural(more, "event")))
	}
	if len(changed) > 0 {
		return everqual.Fail, append([]string{"changed since they were seen, and not looked at:"}, changed...)
	}
	return everqual.Pass, []string{"no event is later than the last look at its resource"}
}
