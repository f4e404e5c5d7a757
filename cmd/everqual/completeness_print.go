package main

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/everqual/everqual/flow"
)

// fates is the order in which they are told.
var fates = []flow.Fate{
	flow.FateObserved, flow.FateDeleted, flow.FateDisposed, flow.FateOutOfScope, flow.FateNoRule, flow.FateFailed, flow.FateReadOnly,
	flow.FateDeadLetter, flow.FateUnread, flow.FateNotObserved, flow.FateNotReceived, flow.FateDiffers,
}

// How many lines of each list are printed; JSON has the others.
const (
	printedOpen   = 200
	printedNoRule = 10
)

func printCompleteness(w io.Writer, a *completeness) {
	printTrail(w, a)
	printReconciled(w, a)
	printOpen(w, a.Open)
	if n := a.OpenCount - min(len(a.Open), printedOpen); n > 0 {
		say(w, "and %d more, which -o json lists\n", n)
	}
	if a.complete() {
		say(w, "Complete: every file is proven, and every event accounted for.\n")
		return
	}
	say(w, "NOT complete: %d events are not accounted for, %d records are no events, %d findings about CloudTrail's files.\n",
		a.OpenCount, a.Unparsable, a.findings())
}

func printTrail(w io.Writer, a *completeness) {
	t := a.Trail
	say(w, "CloudTrail: %d digests expected, %d valid, %d missing, %d invalid, %d cannot be verified; %d log files listed, %d valid, %d modified, %d missing, %d unlisted\n",
		t.Digests.Expected, t.Digests.Valid, t.Digests.Missing, t.Digests.Invalid, t.Digests.Unverifiable,
		t.Logs.Listed, t.Logs.Valid, t.Logs.Modified, t.Logs.Missing, t.Logs.Unlisted)
	if !a.Until.IsZero() {
		say(w, "  of what was delivered before %s, an hour after the time's end\n", utc(a.Until))
	}
	for _, f := range t.Findings {
		say(w, "  %s %s: %s %s\n", strings.ToUpper(string(f.Severity)), string(f.Kind), f.Message, f.Key)
	}
}

func printReconciled(w io.Writer, a *completeness) {
	say(w, "Events in %d validated files: %d", a.Files, a.Events)
	var besides []string
	for _, b := range []struct {
		n    int
		what string
	}{{a.Outside, "outside the time"}, {a.Duplicates, "that were there twice"}} {
		if b.n > 0 {
			besides = append(besides, fmt.Sprintf("%d %s", b.n, b.what))
		}
	}
	if len(besides) > 0 {
		say(w, " (and %s)", strings.Join(besides, ", "))
	}
	say(w, "\n")
	if a.Late > 0 {
		say(w, "  %d of them are of before the time, and were delivered too late for an earlier account\n", a.Late)
	}
	for _, f := range fates {
		if n := a.Fates[f]; n > 0 {
			say(w, "  %d %s\n", n, string(f))
		}
		if f == flow.FateNoRule {
			printNoRule(w, a.NoRule)
		}
	}
	if a.Unparsable > 0 {
		say(w, "  and %d records that are no events:\n", a.Unparsable)
	}
	for _, n := range a.NoEvents[:min(len(a.NoEvents), printedOpen)] {
		say(w, "    record %d of %s: %s\n", n.Index, path.Base(n.File), clip(n.Reason, 160))
	}
	if n := a.Unparsable - min(len(a.NoEvents), printedOpen); n > 0 {
		say(w, "    and %d more, which -o json lists\n", n)
	}
}

func printNoRule(w io.Writer, calls []unknownCall) {
	rest, kinds := 0, 0
	for i, c := range calls {
		if i < printedNoRule {
			say(w, "    %d %s %s\n", c.Count, c.Service, c.Name)
			continue
		}
		rest, kinds = rest+c.Count, kinds+1
	}
	if kinds > 0 {
		say(w, "    and %d of %d other names, which -o json lists\n", rest, kinds)
	}
}

func printOpen(w io.Writer, open []openEvent) {
	rows := [][]string{}
	for _, o := range open[:min(len(open), printedOpen)] {
		entry := "-"
		if o.Entry > 0 {
			entry = strconv.FormatUint(o.Entry, 10)
		}
		rows = append(rows, []string{utc(o.Time), string(o.Fate), o.Service, o.Name, entry, clip(o.Why, 160), o.ID, path.Base(o.File)})
	}
	columns(w, []string{"TIME", "FATE", "SERVICE", "EVENT", "ENTRY", "WHY", "ID", "FILE"}, rows)
}
