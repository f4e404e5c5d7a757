package main

import (
	"bufio"
	"bytes"
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
			if (events == "") == (archive == "") || threads < 1 {
				return usagef("name either --events or --archive, and at least one of --threads")
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
	say(w, "%s events (%s bytes), %s rules, %s matches, %d unreadable\n", number(r.Events), number(int(r.Bytes)), number(r.Rules), number(r.Matches), r.Unreadable)
	say(w, "%s events/s, %.0f MB/s, %.4f allocations an event, %d threads, %.1f s\n", number(int(r.PerSecond)), r.Megabytes, r.Allocated, threads, r.Seconds)
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
	keep := func(e []byte) {
		if pattern.Valid(e) != nil {
			r.Unreadable++
			return
		}
		events = append(events, e)
		r.Bytes += int64(len(e))
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		plain, err := lines(path, keep)
		if plain || err != nil {
			r.Events = len(events)
			return events, err
		}
	}
	var reader intake.Reader
	for item := range reader.Walk(ctx, path, os.Stdin) {
		switch {
		case item.Input:
			return nil, fmt.Errorf("%s: %w", item.Place.Input, item.Err)
		case item.Err != nil:
			r.Unreadable++
		default:
			keep(item.Event.Envelope)
		}
	}
	if len(events) == 0 {
		return nil, errors.New("no events in " + path)
	}
	r.Events = len(events)
	return events, nil
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

// readCompressed reads a file that may be gzip.
func readCompressed(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	if head, _ := r.Peek(2); string(head) != "\x1f\x8b" {
		return io.ReadAll(r)
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(z)
}

// bank reads the patterns of --rules: a file of JSON lines, or rule files.
func (a *app) bank(ctx context.Context) ([]*pattern.Pattern, error) {
	var patterns []*pattern.Pattern
	if info, err := os.Stat(a.rules); err == nil && !info.IsDir() {
		err := eachLine(a.rules, nil, func(n int, text []byte) error {
			var c ruleCase
			err := json.Unmarshal(text, &c)
			if err == nil {
				var p *pattern.Pattern
				p, err = pattern.Parse(c.Pattern.text)
				patterns = append(patterns, p)
			}
			if err != nil {
				err = fmt.Errorf("%s:%d: %w", a.rules, n, err)
			}
			return err
		})
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
	r.sift(ctx, set, path)
	r.Seconds = time.Since(start).Seconds()
	r.Ratio = r.Seconds / r.Plain
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	r.Memory = memory.Sys
	if a.json() {
		return printJSON(w, r)
	}
	say(w, "%s events in %s files, %s bytes: %s read only, %s failed, %s matched, %s unmatched, %s problems\n", number(r.Events), number(r.Files), number(int(r.Bytes)),
		number(r.ReadOnly), number(r.Failed), number(r.Matched), number(r.Unmatched), number(r.Problems))
	say(w, "%.2f s, of which bare decompression takes %.2f s: ratio %.2f; %d threads, %d MB of memory\n", r.Seconds, r.Plain, r.Ratio, threads, r.Memory>>20)
	return nil
}

func (r *archiveResult) sift(ctx context.Context, set *rule.Set, path string) {
	sieve := flow.Sieve{Rules: set, Threads: r.Threads}
	for s := range sieve.Read(ctx, path, os.Stdin) {
		r.Events++
		switch {
		case s.Err != nil || s.MatchErr != nil:
			r.Problems++
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
				return fmt.Errorf("%s: %w", in.Path, err)
			}
		}
		_, err = io.Copy(io.Discard, text)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", in.Path, err)
		}
	}
	return nil
}
