package schedule_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/schedule"
)

// FuzzParse: no text breaks the parser, every error has its place, and what is
// accepted gives times that grow.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"rate(1 minute)", "rate(10 hours)", "rate(999999999999999999999 days)", "at(2030-01-31T12:00:00)", "at()",
		"cron(0/15 * * * ? *)", "cron(0 22-2/2 L-3W JAN-MAR,DEC ? 1970-2199/7)", "cron(0 0 ? * FRIL *)",
		"cron(0 0 ? * 3#2,L *)", "cron(* * 31W 2 ? 2199)", "cron(٣ 0 * * ? *)", "cron(0 0 30 2 ? *", "",
	} {
		f.Add(s, int64(1_700_000_000))
	}
	f.Fuzz(func(t *testing.T, expr string, from int64) {
		for _, d := range []schedule.Dialect{schedule.Rules, schedule.Scheduler} {
			s, err := schedule.Parse(d, expr)
			if err != nil {
				var e *schedule.Error
				if s != nil || !errors.As(err, &e) || e.Field == "" || e.Problem == "" || e.Hint == "" ||
					e.Column < 1 || e.Column > utf8.RuneCountInString(expr)+1 {
					t.Fatalf("%q: %+v", expr, err)
				}
				continue
			}
			after := time.Unix(from%7_300_000_000, 0)
			for _, at := range s.Upcoming(after, nil, 3) {
				if !at.After(after) || at.Year() > 2199 && expr[0] != 'a' {
					t.Fatalf("%q: %s after %s", expr, at, after)
				}
				after = at
			}
		}
	})
}
