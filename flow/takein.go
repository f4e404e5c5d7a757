package flow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/intake"
	"github.com/everqual/everqual/ledger"
)

// maxProblems is how many problems an account lists one by one.
const maxProblems = 1000

// TakeIn accepts everything that a file, a folder or, with "-", stdin holds,
// and records the account of it. What cannot be read is a problem in the
// account; an error means that the home failed. progress is told of each event.
func (c *Corridor) TakeIn(ctx context.Context, path string, stdin io.Reader, progress func(everqual.EventCounts)) (everqual.IntakeAccount, error) {
	name := strings.ToValidUTF8(path, "\uFFFD") // a file name may be any bytes, a record may not
	account := everqual.IntakeAccount{From: name, Started: c.Clock.Now()}
	acceptance := c.Accept()
	sieve := Sieve{Rules: c.Rules}
	for item := range sieve.Read(ctx, path, stdin) {
		if err := acceptance.item(ctx, item, &account); err != nil {
			return account, err
		}
		if path == "-" { // what came through a pipe can not be read again
			if err := acceptance.Flush(ctx); err != nil {
				return account, err
			}
		}
		progress(acceptance.Counts)
	}
	if err := ctx.Err(); err != nil {
		return account, err
	}
	if err := acceptance.Flush(ctx); err != nil {
		return account, err
	}
	files := sieve.Files()
	account.Files, account.Skipped = files.Read, files.Skipped
	return c.recordIntake(ctx, account, acceptance.Counts)
}

func (c *Corridor) recordIntake(ctx context.Context, account everqual.IntakeAccount, n everqual.EventCounts) (everqual.IntakeAccount, error) {
	account.Events, account.Ended = n, c.Clock.Now()
	_, _, err := c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindIntake,
		Key:      fmt.Sprintf("intake:%s:%s:%d", account.From, account.Started.Format(time.RFC3339Nano), account.Events.Total),
		Subjects: []string{"intake"},
		Body:     account,
	})
	return account, err
}

// Refuse records the account of one delivery that never can be accepted.
func (c *Corridor) Refuse(ctx context.Context, from string, why everqual.InputProblem) (everqual.IntakeAccount, error) {
	account := everqual.IntakeAccount{From: from, Started: c.Clock.Now(), ProblemCount: 1, Problems: []everqual.InputProblem{why}}
	return c.recordIntake(ctx, account, everqual.EventCounts{Total: 1, Unparsable: 1})
}

// Delivered is an input that was delivered rather than found: a message of a
// queue, or a log file that one names.
type Delivered struct {
	Name string
	io.Reader
}

// TakeDelivered accepts everything that the inputs hold, and records one account
// of it under from, which nothing else may be called. An error means that the
// home failed or that an input broke off: then nothing may be taken for accepted,
// and all is to be delivered again.
func (c *Corridor) TakeDelivered(ctx context.Context, from string, inputs ...Delivered) (everqual.IntakeAccount, error) {
	account := everqual.IntakeAccount{From: strings.ToValidUTF8(from, "\uFFFD"), Started: c.Clock.Now()}
	acceptance := c.Accept()
	var reader intake.Reader
	for _, in := range inputs {
		stream := &delivered{Reader: in}
		for item := range reader.Read(ctx, in.Name, stream) {
			if stream.err != nil {
				break // what is missing of it is no damage of the input
			}
			one := &Sifted{Item: item}
			if one.Changed() {
				one.Match, one.MatchErr = c.Rules.Match(one.Event)
			}
			if err := acceptance.item(ctx, one, &account); err != nil {
				return account, err
			}
		}
		if err := errors.Join(stream.err, ctx.Err()); err != nil {
			return account, fmt.Errorf("read %s: %w", in.Name, err)
		}
	}
	if err := acceptance.Flush(ctx); err != nil {
		return account, err
	}
	files := reader.Files()
	account.Files, account.Skipped = files.Read, files.Skipped
	return c.recordIntake(ctx, account, acceptance.Counts)
}

// delivered remembers why its stream broke off, if it did.
type delivered struct {
	io.Reader
	err error
}

func (d *delivered) Read(p []byte) (int, error) {
	n, err := d.Reader.Read(p)
	if err != nil && err != io.EOF {
		d.err = err
	}
	return n, err
}

// item accepts an event, or accounts for what stands in the place of one.
func (a *Acceptance) item(ctx context.Context, item *Sifted, account *everqual.IntakeAccount) error {
	if item.Err == nil {
		a.ahead(ctx, item.Event, account)
		return a.event(ctx, item)
	}
	if !item.Input { // an input that could not be opened is no event
		a.Unparsable()
	}
	account.ProblemCount++
	if len(account.Problems) < maxProblems {
		account.Problems = append(account.Problems, everqual.InputProblem{Place: item.Place, Message: item.Err.Error()})
	}
	return nil
}

// ahead notes an event that changed something at a time that is still to come. It is
// taken in like any other, with the time that it claims, and looked at now.
func (a *Acceptance) ahead(ctx context.Context, e everqual.ChangeEvent, account *everqual.IntakeAccount) {
	now := a.corridor.Clock.Now()
	if e.ReadOnly || e.Time.Sub(now) <= farAhead {
		return
	}
	why := fmt.Sprintf("event %s says that it happened at %s, which is still to come: it is taken as of now", e.ID, e.Time.UTC().Format(time.RFC3339))
	a.corridor.log(ctx).Info(why, "input", e.Place.Input)
	account.AheadCount++
	if len(account.Ahead) < maxProblems {
		account.Ahead = append(account.Ahead, everqual.InputProblem{Place: e.Place, Message: why})
	}
}
