package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// How long something may wait: for a signature as long as two schedules take, for work as
// the alarms on AWS say, and a day until nobody can be at it any more.
const (
	longUnsigned = 2 * time.Hour
	longWaiting  = 15 * time.Minute
	tooLong      = 24 * time.Hour
)

// unread is a check that the home would not answer.
func unread(name string, err error) everqual.Check {
	return everqual.Unasked(name, err, "see to it that the home can be read")
}

// examineHome checks what ledger and queue say, in either home.
func examineHome(ctx context.Context, home flow.Home) []everqual.Check {
	return []everqual.Check{examineClock(ctx, home), examineSigned(ctx, home), examineLetters(ctx, home), examineWaiting(ctx, home)}
}

// examineClock holds the clock against the last record: what is appended next must not
// be older.
func examineClock(ctx context.Context, home flow.Home) everqual.Check {
	const name = "clock"
	now := home.Clock.Now()
	for r, err := range home.Ledger.Records(ctx, ledger.Query{Descending: true, Limit: 1}) {
		if err != nil {
			return unread(name, err)
		}
		return everqual.OK(name, "%s, the last record is of %s", utc(now), utc(r.Time)).
			Else(!now.Before(r.Time), everqual.CheckFail, "set this machine's clock: it is before the last record")
	}
	return everqual.OK(name, "%s, and no record yet", utc(now))
}

// examineSigned looks for records that nobody has signed for long.
func examineSigned(ctx context.Context, home flow.Home) everqual.Check {
	const name = "signatures"
	var last everqual.Checkpoint
	for d, err := range ledger.Bodies[everqual.Checkpoint](ctx, home.Ledger, ledger.Query{Kind: everqual.KindCheckpoint, Descending: true, Limit: 1}) {
		if err != nil {
			return unread(name, err)
		}
		last = d.Body
	}
	head, err := home.Ledger.Head(ctx)
	if err != nil {
		return unread(name, err)
	}
	for r, err := range home.Ledger.Records(ctx, ledger.Query{After: last.Size, Limit: 2}) {
		if err != nil {
			return unread(name, err)
		}
		if r.Kind == everqual.KindCheckpoint {
			continue // it does not sign itself
		}
		waits := home.Clock.Now().Sub(r.Time)
		return everqual.OK(name, "%d of %d records are signed, the oldest of the others is of %s", last.Size, head.Sequence, utc(r.Time)).
			Else(waits < longUnsigned, everqual.CheckWarn, "sign them: 'everqual export' does, and on AWS the schedule seal")
	}
	return everqual.OK(name, "all of %d records are signed", head.Sequence)
}

func examineLetters(ctx context.Context, home flow.Home) everqual.Check {
	const name = "dead letters"
	letters, err := home.Letters(ctx)
	if err != nil {
		return unread(name, err)
	}
	if len(letters) == 0 {
		return everqual.OK(name, "none")
	}
	return everqual.Check{
		Name: name, Result: everqual.CheckFail, Do: "'everqual deadletter list', then redrive or dispose of each",
		Seen: fmt.Sprintf("%d open, the first since %s: %s", len(letters), utc(letters[0].FailedAt), clip(letters[0].Cause, 120)) + strangeAmong(letters),
	}
}

// strangeAmong says how the queue differs from the ledger about letters.
func strangeAmong(letters []flow.Letter) (said string) {
	n := 0
	for _, l := range letters {
		if l.Strange == "" {
			continue
		}
		if n++; n == 1 {
			said = fmt.Sprintf("%s: %s", clip(l.ID, 120), l.Strange)
		}
	}
	if n > 0 {
		said = fmt.Sprintf("; of %d the queue says otherwise than the ledger, such as %s", n, said)
	}
	return said
}

func examineWaiting(ctx context.Context, home flow.Home) everqual.Check {
	const name = "waiting messages"
	n, next, err := home.Queue.Pending(ctx)
	if err != nil {
		return unread(name, err)
	}
	if n == 0 {
		return everqual.OK(name, "none")
	}
	c := everqual.OK(name, "%d, the oldest is due at %s", n, utc(next))
	late := home.Clock.Now().Sub(next)
	if -late > tooLong {
		return c.Else(false, everqual.CheckWarn, "nothing has to wait that long: 'everqual run' or a worker lets it be due")
	}
	const do = "see to it that somebody works: 'everqual run' or 'everqual worker', on AWS the function work"
	return c.Else(late < longWaiting, everqual.CheckWarn, do).Else(late < tooLong, everqual.CheckFail, do)
}

// examineFiles loads what people keep in the home.
func (a *app) examineFiles(ctx context.Context) []everqual.Check {
	return []everqual.Check{a.examineSpecs(ctx), a.examineRules(ctx)}
}

func (a *app) examineSpecs(ctx context.Context) everqual.Check {
	const name = "specifications"
	library, err := a.library(ctx)
	if err != nil {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: "mend them: 'everqual spec check' shows every problem"}
	}
	specs := library.Specifications()
	return everqual.OK(name, "%s of %s", count(len(specs), "specification", "specifications"), count(len(library.Systems()), "system", "systems")).
		Else(len(specs) > 0, everqual.CheckWarn, "put some into the home's specs: without them nothing is judged")
}

func (a *app) examineRules(ctx context.Context) everqual.Check {
	const name = "rules"
	set, err := a.ruleSet(ctx)
	if err != nil {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: "mend the rule file: 'everqual rule check' shows the place"}
	}
	return everqual.OK(name, "%d rule files", len(set.Rules()))
}

// examineNotices reads notify.json, and sends everybody in it a notice where that
// was asked for.
func (a *app) examineNotices(ctx context.Context, send bool) everqual.Check {
	const name = "notices"
	notify, err := notifiers(a.home)
	if err != nil {
		return everqual.Check{Name: name, Result: everqual.CheckFail, Seen: err.Error(), Do: "mend notify.json: nobody is told anything"}
	}
	if send {
		return sendTest(ctx, notify)
	}
	_, err = os.Stat(filepath.Join(a.home, "notify.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return everqual.OK(name, "there is no notify.json: notices.log alone")
	}
	return everqual.OK(name, "notify.json is valid; --notify sends a test notice")
}

func sendTest(ctx context.Context, notify flow.Notifier) everqual.Check {
	now := wallClock{}.Now()
	err := notify.Notify(ctx, flow.Notice{
		ID: "doctor:" + now.Format(time.RFC3339), Severity: "info", Title: "Everqual: test notice", Text: "'everqual doctor' was asked to send it.", Time: now,
	})
	if err != nil {
		return everqual.Check{Name: "notices", Result: everqual.CheckFail, Seen: strings.TrimSpace(err.Error()), Do: "mend the channel, and send it again"}
	}
	return everqual.OK("notices", "a test notice was sent")
}
