package flow

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/everqual/everqual"
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
	account.Events, account.Ended = acceptance.Counts, c.Clock.Now()
	_, _, err := c.Ledger.Append(ctx, ledger.Entry{
		Kind:     everqual.KindIntake,
		Key:      fmt.Sprintf("intake:%s:%s:%d", name, account.Started.Format(time.RFC3339Nano), account.Events.Total),
		Subjects: []string{"intake"},
		Body:     account,
	})
	return account, err
}

// item accepts an event, or accounts for what stands in the place of one.
func (a *Acceptance) item(ctx context.Context, item *Sifted, account *everqual.IntakeAccount) error {
	if item.Err == nil {
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
