package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/trail"
)

func (a *app) completenessCommand() *cobra.Command {
	var ask completenessAsk
	cmd := &cobra.Command{
		Use:   "completeness",
		Short: "Prove that nothing was left out: CloudTrail's signed digests against the ledger",
		Long: `Validates CloudTrail's digest chains and log files as AWS specifies, in the trail's
bucket or offline in a copy of it (docs/cloudtrail-integrity.md says how to make one). Then every event in the
validated files that changed something is looked up in the ledger, which must hold it as CloudTrail signed it: a
change was followed by an observation or a recorded deletion, is a dead letter with its disposition, or is out of
scope by the rule that says so. Read-only events and refused calls changed nothing and need not be in the ledger.
An event that no rule knows ("no rule knows it") is accounted for too, since it was received and nothing describes
what it touches; these are listed by their names: they are what the rules lack.
It adds up, or it says what is missing.

--from and --to are of the time of the events: from --from up to, and not with, --to. Accounts of times that follow each
other have each event exactly once. An event is delivered after it happened, so files are taken up to an hour after --to,
and the digests of that hour must be there; what was delivered still later is in the account of the time in which it
was delivered.

Exit codes: 0 all of it is proven and accounted for; 2 the time is none; 4 something is missing or damaged.`,
		Example: `  everqual completeness --home lims-home --logs bucket-copy/ --keys public-keys.json
  everqual completeness --logs s3://trail-bucket/AWSLogs/111122223333/ --keys ask --from 2026-03-01 --to 2026-03-02`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := ask.check(); err != nil {
				return err
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
	f.StringArrayVar(&ask.keys, "keys", nil, "file with the output of 'aws cloudtrail list-public-keys', as often as there are such files, or \"ask\" to ask CloudTrail itself")
	f.StringVar(&ask.from, "from", "", "beginning of the time: RFC 3339, or a day in UTC (default: of the digests)")
	f.StringVar(&ask.to, "to", "", "end of the time: RFC 3339, or a day, which is included (default: of the digests)")
	f.StringVar(&ask.account, "account", "", "only this account")
	f.StringVar(&ask.region, "region", "", "only this region")
	f.BoolVar(&ask.record, "record", false, "record the account in the ledger with the valid digests and the public keys: an export then holds them")
	return cmd
}

// completenessAsk is what is asked for.
type completenessAsk struct {
	logs, bucket, from, to, account, region string
	keys                                    []string
	record                                  bool
}

func (ask completenessAsk) check() error {
	if ask.logs == "" || len(ask.keys) == 0 {
		return usagef("name the bucket, or a copy of it, with --logs, and CloudTrail's public keys with --keys")
	}
	if len(ask.keys) > 1 && slices.Contains(ask.keys, "ask") {
		return usagef("--keys ask asks for all keys: leave the files out")
	}
	_, _, err := ask.time()
	return err
}

// time is what --from and --to say, zero where they say nothing.
func (ask completenessAsk) time() (from, to time.Time, err error) {
	if ask.from != "" {
		if from, err = beginning("from", ask.from); err != nil {
			return from, to, err
		}
	}
	if ask.to != "" {
		if to, err = moment("to", ask.to); err != nil {
			return from, to, err
		}
	}
	if ask.from != "" && ask.to != "" && !from.Before(to) {
		return from, to, usagef("--from %s is not before --to %s: there is no time between them", ask.from, ask.to)
	}
	return from, to, nil
}

func (ask completenessAsk) run(ctx context.Context, c *flow.Corridor) (*completeness, error) {
	from, to, err := ask.time()
	if err != nil {
		return nil, err
	}
	account := newCompleteness(from, to)
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
		From: account.From, To: account.Until, Account: ask.account, Region: ask.region,
	})
	if err != nil {
		return nil, err
	}
	account.signed()
	for _, key := range account.Trail.ValidLogs {
		if err := account.file(ctx, c, key, logFile(ctx, files, ask.logs, key)); err != nil {
			return nil, err
		}
	}
	account.rank()
	return account, nil
}

// publicKeys are read from files, or asked for in each region that has digests, also
// those with which late digests were signed.
func (ask completenessAsk) publicKeys(ctx context.Context, c *flow.Corridor, files trail.Files) ([]byte, error) {
	if len(ask.keys) > 1 || ask.keys[0] != "ask" {
		return trailKeyFiles(ask.keys)
	}
	regions, from, err := trail.Regions(ctx, files)
	if err != nil {
		return nil, err
	}
	return awshome.TrailKeys(ctx, regions, from, c.Clock.Now())
}

// trailKeyFiles makes one list of those in files; the only one is left as it is.
func trailKeyFiles(names []string) ([]byte, error) {
	type list struct{ PublicKeyList []json.RawMessage }
	var all list
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil || len(names) == 1 {
			return text, err
		}
		if _, err := trail.ParseKeys(text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var one list
		if err := json.Unmarshal(text, &one); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all.PublicKeyList = append(all.PublicKeyList, one.PublicKeyList...)
	}
	return json.Marshal(all)
}

// beginning reads a time, or the beginning of a day.
func beginning(flag, s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	return moment(flag, s)
}
