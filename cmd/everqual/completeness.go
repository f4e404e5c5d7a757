package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/trail"
)

// completeness is the account of a time: whether CloudTrail's files are whole, and
// what became of each event in them.
type completeness struct {
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Trail is what the validation of the files found.
	Trail trail.Result `json:"trail"`
	// Files are the validated log files that were read, Events what they hold: the
	// sum of Fates. Outside are events of before From or after To.
	Files   int               `json:"files"`
	Events  int               `json:"events"`
	Outside int               `json:"outside"`
	Fates   map[flow.Fate]int `json:"fates"`
	// Open are the events that are not accounted for; OpenCount counts all of them.
	OpenCount int         `json:"open_count"`
	Open      []openEvent `json:"open"`
	// Unparsable are what should have been events.
	Unparsable int `json:"unparsable"`

	keys []byte // that it was validated with
}

type openEvent struct {
	ID      string    `json:"id"`
	Time    time.Time `json:"time"`
	Service string    `json:"service"`
	Name    string    `json:"name"`
	File    string    `json:"file"`
	flow.Reconciled
}

// fates is the order in which they are told.
var fates = []flow.Fate{
	flow.FateObserved, flow.FateDeleted, flow.FateDisposed, flow.FateOutOfScope, flow.FateNoRule, flow.FateFailed, flow.FateReadOnly,
	flow.FateDeadLetter, flow.FateNotObserved, flow.FateNotReceived,
}

// complete tells whether nothing is missing: every file is proven, and every event
// accounted for.
func (c *completeness) complete() bool {
	for _, f := range c.Trail.Findings {
		if f.Severity != trail.Note {
			return false
		}
	}
	return c.OpenCount == 0 && c.Unparsable == 0
}

func (a *app) completenessCommand() *cobra.Command {
	var ask completenessAsk
	cmd := &cobra.Command{
		Use:   "completeness",
		Short: "Prove that nothing was left out: CloudTrail's signed digests against the ledger",
		Long: `Validates CloudTrail's digest chains and log files as AWS specifies, in the trail's
bucket or offline in a copy of it (docs/cloudtrail-integrity.md says how to make one). Then every event in the
validated files is looked up in the ledger: a change was followed by an observation or a
recorded deletion, is a dead letter with its disposition, or is out of scope by the rule that
says so. It adds up, or it says what is missing.

Exit codes: 0 all of it is proven and accounted for; 4 something is missing or damaged.`,
		Example: `  everqual completeness --home lims-home --logs bucket-copy/ --keys public-keys.json
  everqual completeness --logs s3://trail-bucket/AWSLogs/111122223333/ --keys ask --from 2026-03-01 --to 2026-03-02`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if ask.logs == "" || ask.keys == "" {
				return usagef("name the bucket, or a copy of it, with --logs, and CloudTrail's public keys with --keys")
			}
			c, err := a.reader(cmd.Context())
			if err != nil {
				return err
			}
			defer c.Close()
			if err := intact(cmd.Context(), c); err != nil {
				return err
			}
			account, err := ask.run(cmd.Context(), c)
			if err != nil {
				return err
			}
			if ask.record {
				if err := ask.keep(cmd.Context(), c, account); err != nil {
					return err
				}
			}
			if a.json() {
				err = printJSON(cmd.OutOrStdout(), account)
			} else {
				printCompleteness(cmd.OutOrStdout(), account)
			}
			if err == nil && !account.complete() {
				err = exitCode(exitDeviation)
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&ask.logs, "logs", "", "the trail's bucket, s3://BUCKET, or a folder with a copy of it")
	f.StringVar(&ask.bucket, "bucket", "", "name of the bucket (default: as the digests say)")
	f.StringVar(&ask.keys, "keys", "", "file with the output of 'aws cloudtrail list-public-keys', or \"ask\" to ask CloudTrail itself")
	f.StringVar(&ask.from, "from", "", "beginning of the time: RFC 3339, or a day in UTC (default: of the digests)")
	f.StringVar(&ask.to, "to", "", "end of the time: RFC 3339, or a day, which is included (default: of the digests)")
	f.StringVar(&ask.account, "account", "", "only this account")
	f.StringVar(&ask.region, "region", "", "only this region")
	f.BoolVar(&ask.record, "record", false, "record the account in the ledger with the valid digests and the public keys: an export then holds them")
	return cmd
}

// completenessAsk is what is asked for.
type completenessAsk struct {
	logs, bucket, keys, from, to, account, region string
	record                                        bool
}

// maxOpen is how many open events are listed; all are counted.
const maxOpen = 200

func (ask completenessAsk) run(ctx context.Context, c *flow.Corridor) (*completeness, error) {
	account := &completeness{Fates: map[flow.Fate]int{}, Open: []openEvent{}}
	var err error
	if ask.from != "" {
		if account.From, err = beginning("from", ask.from); err != nil {
			return nil, err
		}
	}
	if ask.to != "" {
		if account.To, err = moment("to", ask.to); err != nil {
			return nil, err
		}
	}
	files, err := trailFiles(ctx, ask.logs, ask.bucket)
	if err != nil {
		return nil, err
	}
	if account.keys, err = ask.publicKeys(ctx, c, files); err != nil {
		return nil, fmt.Errorf("read CloudTrail's public keys: %w", err)
	}
	keys, err := trail.ParseKeys(account.keys)
	if err != nil {
		return nil, fmt.Errorf("CloudTrail's public keys: %w", err)
	}
	account.Trail, err = trail.Validate(ctx, files, keys, trail.Options{
		From: account.From, To: account.To, Account: ask.account, Region: ask.region,
	})
	if err != nil {
		return nil, err
	}
	for _, key := range account.Trail.ValidLogs {
		if err := account.file(ctx, c, files, ask.logs, key); err != nil {
			return nil, err
		}
	}
	return account, nil
}

// publicKeys are read from a file, or asked for in each region that has digests, also
// those with which late digests were signed.
func (ask completenessAsk) publicKeys(ctx context.Context, c *flow.Corridor, files trail.Files) ([]byte, error) {
	if ask.keys != "ask" {
		return os.ReadFile(ask.keys)
	}
	regions, from, err := trail.Regions(ctx, files)
	if err != nil {
		return nil, err
	}
	return awshome.TrailKeys(ctx, regions, from, c.Clock.Now())
}

// beginning reads a time, or the beginning of a day.
func beginning(flag, s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return moment(flag, s)
}

// file looks up every event of a validated log file.
func (a *completeness) file(ctx context.Context, c *flow.Corridor, files trail.Files, logs, key string) error {
	a.Files++
	for item := range logFile(ctx, files, logs, key) {
		switch e := item.Event; {
		case ctx.Err() != nil:
			return ctx.Err()
		case item.Err != nil:
			a.Unparsable++
		case !a.From.IsZero() && e.Time.Before(a.From), !a.To.IsZero() && e.Time.After(a.To):
			a.Outside++
		default:
			if err := a.event(ctx, c, key, e); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

func (a *completeness) event(ctx context.Context, c *flow.Corridor, key string, e everqual.ChangeEvent) error {
	r, err := c.Reconcile(ctx, e)
	if err != nil {
		return fmt.Errorf("look up event %s: %w", e.ID, err)
	}
	a.Events++
	if a.Fates[r.Fate]++; r.Fate.Accounted() {
		return nil
	}
	if a.OpenCount++; len(a.Open) < maxOpen {
		a.Open = append(a.Open, openEvent{e.ID, e.Time, e.Service, e.Name, key, r})
	}
	return nil
}

func printCompleteness(w io.Writer, a *completeness) {
	t := a.Trail
	say(w, "CloudTrail: %d digests expected, %d valid, %d missing, %d invalid, %d cannot be verified; %d log files listed, %d valid, %d modified, %d missing, %d unlisted\n",
		t.Digests.Expected, t.Digests.Valid, t.Digests.Missing, t.Digests.Invalid, t.Digests.Unverifiable,
		t.Logs.Listed, t.Logs.Valid, t.Logs.Modified, t.Logs.Missing, t.Logs.Unlisted)
	for _, f := range t.Findings {
		say(w, "  %s %s: %s %s\n", strings.ToUpper(string(f.Severity)), string(f.Kind), f.Message, f.Key)
	}
	say(w, "Events in %d validated files: %d", a.Files, a.Events)
	if a.Outside > 0 {
		say(w, " (and %d outside the time)", a.Outside)
	}
	say(w, "\n")
	for _, f := range fates {
		if n := a.Fates[f]; n > 0 {
			say(w, "  %d %s\n", n, string(f))
		}
	}
	if a.Unparsable > 0 {
		say(w, "  and %d records that are no events\n", a.Unparsable)
	}
	rows := make([][]string, len(a.Open))
	for i, o := range a.Open {
		entry := "-"
		if o.Entry > 0 {
			entry = strconv.FormatUint(o.Entry, 10)
		}
		rows[i] = []string{utc(o.Time), string(o.Fate), o.Service, o.Name, entry, clip(o.Why, 80), o.ID}
	}
	columns(w, []string{"TIME", "FATE", "SERVICE", "EVENT", "ENTRY", "WHY", "ID"}, rows)
	if a.complete() {
		say(w, "Complete: every file is proven, and every event accounted for.\n")
		return
	}
	say(w, "NOT complete: %d events are not accounted for, %d findings about CloudTrail's files.\n", a.OpenCount, len(t.Findings))
}
