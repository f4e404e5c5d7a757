package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/rule"
	"github.com/everqual/everqual/rule/pattern"
)

func (a *app) ruleBench() *cobra.Command {
	var events, archive string
	var threads int
	var least time.Duration
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure how fast events are matched, or an archive is sifted",
		Long: `With --events, reads the events into memory and then matches them with all rules
again and again: CloudTrail log files, EventBridge envelopes, or any JSON objects,
one a line, also compressed. --rules is a folder of rule files, or a file of JSON
lines {"id": ..., "pattern": ...}.

With --archive, measures the way from compressed CloudTrail log files to matched
changes, beside the bare decompression of the same files.`,
		Example: `  everqual rule bench --events events.jsonl.gz --rules bank.jsonl
  everqual rule bench --archive AWSLogs/ --threads 1 --output json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case (events == "") == (archive == ""):
				return usagef("name either --events or --archive")
			case threads < 1:
				return usagef("--threads is a number from 1, not %d", threads)
			}
			if archive != "" {
				return a.benchArchive(cmd.Context(), cmd.OutOrStdout(), archive, threads)
			}
			return a.benchEvents(cmd.Context(), cmd.OutOrStdout(), events, threads, least)
		},
	}
	f := cmd.Flags()
	f.StringVar(&events, "events", "", "file or folder of events to match")
	f.StringVar(&archive, "archive", "", "file or folder of CloudTrail log files to sift")
	f.IntVar(&threads, "threads", 1, "how many threads match")
	f.DurationVar(&least, "time", 2*time.Second, "how long to match at least")
	return cmd
}

// benchResult is the JSON output of bench --events.
type benchResult struct {
	Rules     int     `json:"rules"`
	Events    int     `json:"events"`
	Bytes     int64   `json:"bytes"`
	Matches   int     `json:"matches"` // of a rule with an event
	Threads   int     `json:"threads"`
	Rounds    int     `json:"rounds"` // how often all events were matched
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"events_per_second"`
	Megabytes float64 `json:"megabytes_per_second"`
	Allocated float64 `json:"allocations_per_event"`
	// Unreadable events are left out of the rest.
	Unreadable int `json:"unreadable"`
}

func (a *app) benchEvents(ctx context.Context, w io.Writer, path string, threads int, least time.Duration) error {
	patterns, err := a.bank(ctx)
	if err != nil {
		return err
	}
	r := benchResult{Rules: len(patterns), Threads: threads}
	events, err := r.load(ctx, path)
	if err != nil {
		return err
	}
	if err := r.measure(pattern.NewMatcher(patterns...), events, least); err != nil {
		return err
	}
	if a.json() {
		return printJSON(w, r)
	}
	say(w, "%s (%s), %s, %s, %d unreadable\n", count(r.Events, "event", "events"), count(int(r.Bytes), "byte", "bytes"), count(r.Rules, "rule", "rules"),
		count(r.Matches, "match", "matches"), r.Unreadable)
	say(w, "%s events/s, %.0f MB/s, %.4f allocations an event, %s, %.1f s\n", number(int(r.PerSecond)), r.Megabytes, r.Allocated, count(threads, "thread", "threads"), r.Seconds)
	return nil
}

// measure matches all events once for the count, and then until it took long
// enough.
func (r *benchResult) measure(m *pattern.Matcher, events [][]byte, least time.Duration) error {
	var found []int
	for _, e := range events {
		var err error
		if found, err = m.Match(e, found[:0]); err != nil {
			return err
		}
		r.Matches += len(found)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	for r.Rounds == 0 || time.Since(start) < least {
		var all sync.WaitGroup
		for i := range r.Threads {
			all.Go(func() {
				var found []int
				for k := i; k < len(events); k += r.Threads {
					found, _ = m.Match(events[k], found[:0]) // read well before
				}
			})
		}
		all.Wait()
		r.Rounds++
	}
	r.Seconds = time.Since(start).Seconds()
	runtime.ReadMemStats(&after)
	matched := float64(r.Rounds) * float64(len(events))
	r.PerSecond, r.Megabytes = matched/r.Seconds, float64(r.Rounds)*float64(r.Bytes)/r.Seconds/1e6
	r.Allocated = float64(after.Mallocs-before.Mallocs) / max(matched, 1)
	return nil
}

// load reads events: JSON objects as they are, CloudTrail records in the
// envelope that EventBridge would deliver.
func (r *benchResult) load(ctx context.Context, path string) (events [][]byte, err error) {
	var fault error // the first one
	unreadable := func(err error) {
		r.Unreadable++
		if fault == nil {
			fault = err
		}
	}
	keep := func(e []byte) {
		if err := pattern.Valid(e); err != nil {
			unreadable(err)
			return
		}
		events = append(events, e)
		r.Bytes += int64(len(e))
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		plain, err := lines(path, keep)
		if plain || err != nil {
			return r.loaded(events, path, errors.Join(fault, err))
		}
	}
	var reader intake.Reader
	for item := range reader.Walk(ctx, path, os.Stdin) {
		switch {
		case item.Input:
			return nil, fmt.Errorf("%s: %w", item.Place.Input, item.Err)
		case item.Err != nil:
			unreadable(item.Err)
		default:
			keep(item.Event.Envelope)
		}
	}
	return r.loaded(events, path, fault)
}

// loaded refuses to measure nothing, and says what was there instead.
func (r *benchResult) loaded(events [][]byte, path string, fault error) ([][]byte, error) {
	switch r.Events = len(events); {
	case r.Events > 0:
		return events, nil
	case fault != nil:
		return nil, fmt.Errorf("no events in %s: %w", path, fault)
	}
	return nil, errors.New("no events in " + path)
}

// lines reads a file of one event a line; plain is false for anything else.
func lines(path string, keep func([]byte)) (plain bool, err error) {
	b, err := readCompressed(path)
	if err != nil {
		return false, err
	}
	first, _, _ := bytes.Cut(b, []byte("\n"))
	var head map[string]json.RawMessage
	if json.Unmarshal(first, &head) != nil || head["Records"] != nil || head["Events"] != nil || head["eventVersion"] != nil {
		return false, nil
	}
	for line := range bytes.SplitSeq(b, []byte("\n")) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			keep(line)
		}
	}
	return true, nil
}

// readCompressed reads a file that may be gzip, without its byte order mark.
func readCompressed(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	var plain io.Reader = r
	if head, _ := r.Peek(2); string(head) == "\x1f\x8b" {
		plain, err = gzip.NewReader(r)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	text, err := io.ReadAll(plain)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%s: the gzip data is cut short", path)
	}
	return bytes.TrimPrefix(text, byteOrderMark), err
}

// bank reads the patterns of --rules: a file of JSON lines, or rule files.
func (a *app) bank(ctx context.Context) ([]*pattern.Pattern, error) {
	var patterns []*pattern.Pattern
	if info, err := os.Stat(a.rules); err == nil && !info.IsDir() {
		err := eachLine(a.rules, nil, func(n int, text []byte) error {
			p, err := bankPattern(text)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", a.rules, n, err)
			}
			patterns = append(patterns, p)
			return nil
		})
		if err == nil && len(patterns) == 0 {
			err = fmt.Errorf("%s holds no rules", a.rules)
		}
		return patterns, err
	}
	set, err := a.ruleSet(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range set.Rules() {
		for _, text := range r.Patterns {
			p, err := pattern.Parse([]byte(text))
			if err != nil {
				return nil, err
			}
			patterns = append(patterns, p)
		}
	}
	return patterns, nil
}

// bankPattern reads a line {"id": ..., "pattern": ...}.
func bankPattern(line []byte) (*pattern.Pattern, error) {
	var c ruleCase
	if err := readCase(line, &c); err != nil {
		return nil, err
	}
	if !c.Pattern.given {
		return nil, errors.New(`the key "pattern" is missing`)
	}
	return pattern.Parse(c.Pattern.text)
}

// archiveResult is the JSON output of bench --archive.
type archiveResult struct {
	Files     int     `json:"files"`
	Bytes     int64   `json:"bytes"` // decompressed
	Events    int     `json:"events"`
	ReadOnly  int     `json:"read_only"`
	Failed    int     `json:"failed"`
	Matched   int     `json:"matched"`
	Unmatched int     `json:"unmatched"`
	Problems  int     `json:"problems"`
	Threads   int     `json:"threads"`
	Plain     float64 `json:"decompression_seconds"`
	Seconds   float64 `json:"seconds"`
	Ratio     float64 `json:"ratio"`
	// Memory is what the process holds of the system afterwards, in bytes.
	Memory uint64 `json:"memory"`
}

func (a *app) benchArchive(ctx context.Context, w io.Writer, path string, threads int) error {
	set, err := a.ruleSet(ctx)
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(threads)
	seldomCollect()
	r := archiveResult{Threads: threads}
	start := time.Now()
	if err := decompress(ctx, path); err != nil {
		return err
	}
	r.Plain = time.Since(start).Seconds()
	start = time.Now()
	fault := r.sift(ctx, set, path)
	if r.Problems == r.Events { // nothing was measured
		if fault == nil {
			return fmt.Errorf("no events in %s: its log files hold no records, or there are none", path)
		}
		return fmt.Errorf("no events in %s: %w", path, fault)
	}
	r.Seconds = time.Since(start).Seconds()
	r.Ratio = r.Seconds / r.Plain
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r.Memory = memory.Sys
	if a.json() {
		return printJSON(w, r)
	}
	say(w, "%s in %s, %s: %s read only, %s failed, %s matched, %s unmatched, %s\n", count(r.Events, "event", "events"), count(r.Files, "file", "files"), count(int(r.Bytes), "byte", "bytes"),
		number(r.ReadOnly), number(r.Failed), number(r.Matched), number(r.Unmatched), count(r.Problems, "problem", "problems"))
	say(w, "%.2f s, of which bare decompression takes %.2f s: ratio %.2f; %s, %d MB of memory\n", r.Seconds, r.Plain, r.Ratio, count(threads, "thread", "threads"), r.Memory>>20)
	if fault != nil {
		say(w, "first problem: %s\n", fault)
	}
	return nil
}

// sift counts what becomes of each event, and returns the first problem.
func (r *archiveResult) sift(ctx context.Context, set *rule.Set, path string) (fault error) {
	sieve := flow.Sieve{Rules: set, Threads: r.Threads}
	for s := range sieve.Read(ctx, path, os.Stdin) {
		r.Events++
		switch {
		case s.Err != nil || s.MatchErr != nil:
			if r.Problems++; fault == nil {
				fault = fmt.Errorf("%s: %w", s.Place.Input, cmp.Or(s.Err, s.MatchErr))
			}
		case s.Event.ReadOnly:
			r.ReadOnly++
		case s.Event.ErrorCode != "":
			r.Failed++
		case s.Match.Touched():
			r.Matched++
		default:
			r.Unmatched++
		}
	}
	files := sieve.Files()
	r.Files, r.Bytes = files.Read, files.Bytes
	return fault
}

// decompress reads the same files and throws their text away.
func decompress(ctx context.Context, path string) error {
	for in := range intake.Inputs(ctx, path) {
		if in.Err != nil || in.Skipped != "" {
			continue
		}
		f, err := os.Open(in.Path)
		if err != nil {
			return err
		}
		var text io.Reader = bufio.NewReaderSize(f, 64<<10)
		if filepath.Ext(in.Path) == ".gz" {
			if text, err = gzip.NewReader(text); err != nil {
				f.Close()
				continue
			}
		}
		_, _ = io.Copy(io.Discard, text) // what is broken in it, sift tells
		f.Close()
	}
	return nil
}
