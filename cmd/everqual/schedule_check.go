package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/rule/schedule"
)

// scheduleCase is one line of a file of cases.
type scheduleCase struct {
	ID    json.RawMessage `json:"id"`
	API   string          `json:"api"`
	Expr  *string         `json:"expr"`
	Valid *bool           `json:"valid"` // nil: nothing is expected
	From  string          `json:"from"`
	Zone  string          `json:"zone"`
	Next  *[]string       `json:"next"` // nil: nothing is expected
}

// scheduleAnswer is what is said of a case.
type scheduleAnswer struct {
	ID     json.RawMessage `json:"id"`
	Valid  bool            `json:"valid"`
	Error  string          `json:"error"` // "" when valid
	Next   []string        `json:"next,omitzero"`
	Failed string          `json:"failed,omitempty"` // which expectation does not hold
}

func (a *app) scheduleCheck() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "check --cases FILE",
		Short: "Check many schedule expressions, and whether they are what is expected of them",
		Long: `Reads a file with one JSON object in every line and answers every line with one:
{"id", "valid", "error"}. A case has the keys

  id     any name (default: the number of its line)
  api    scheduler.CreateSchedule (or scheduler) or events.PutRule (or rules)
  expr   the expression
  valid  optional: whether it is expected to be valid
  next   optional: the times expected, in the order in which they come; [] is never
  from   the time after which they are looked for, required with next
  zone   the time zone, default UTC

Other keys are left alone. When an expectation does not hold, the answer says so in
"failed" and the exit code is 1. A line that cannot be read is told with file and
line; the rest carries on and the exit code is 3, when nothing failed.`,
		Example: `  everqual schedule check --cases cases.jsonl
  echo '{"id":"a","api":"events.PutRule","expr":"rate(1 minutes)"}' | everqual schedule check --cases -`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return usagef("name a file of cases with --cases")
			}
			return runCases(file, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr(), func(line int, c scheduleCase) (scheduleAnswer, bool, error) {
				answer, err := checkCase(c, line)
				return answer, answer.Failed != "", err
			})
		},
	}
	cmd.Flags().StringVar(&file, "cases", "", "file with one JSON object in every line; - is standard input")
	return cmd
}

// checkCase answers one line. Its error is about the line, not about the
// expression.
func checkCase(c scheduleCase, number int) (scheduleAnswer, error) {
	d, known := dialects[c.API]
	switch {
	case !known:
		return scheduleAnswer{}, fmt.Errorf(`"api" is scheduler.CreateSchedule or events.PutRule, not %q`, c.API)
	case c.Expr == nil:
		return scheduleAnswer{}, errors.New(`the key "expr" is missing`)
	case c.Next != nil && c.From == "":
		return scheduleAnswer{}, errors.New(`"next" needs the key "from"`)
	}
	answer := scheduleAnswer{ID: lineID(c.ID, number), Valid: true}
	s, err := schedule.Parse(d, *c.Expr)
	if err != nil {
		answer.Valid, answer.Error = false, err.Error()
	}
	if c.Valid != nil && *c.Valid != answer.Valid {
		answer.Failed = fmt.Sprintf("valid is expected to be %v", *c.Valid)
	}
	if c.From == "" {
		return answer, nil
	}
	err = checkNext(&answer, s, d, c)
	return answer, err
}

// checkNext adds the times that the schedule has, as many as are expected, and
// compares them as moments: the zone in which they are written does not matter.
func checkNext(answer *scheduleAnswer, s *schedule.Schedule, d schedule.Dialect, c scheduleCase) error {
	if c.Zone == "" {
		c.Zone = "UTC"
	}
	loc, err := location(d, c.Zone)
	if err != nil {
		return fmt.Errorf(`"zone": %w`, err)
	}
	from, err := timeIn(c.From, loc)
	if err != nil {
		return fmt.Errorf(`"from": %w`, err)
	}
	n := 5
	if c.Next != nil {
		n = max(len(*c.Next), 1)
	}
	var times []time.Time
	if s != nil {
		times = s.Upcoming(from, loc, n)
	}
	answer.Next = stamps(times)
	if c.Next == nil || answer.Failed != "" {
		return nil
	}
	want := make([]time.Time, len(*c.Next))
	for i, text := range *c.Next {
		if want[i], err = timeIn(text, loc); err != nil {
			return fmt.Errorf(`"next": %w`, err)
		}
	}
	if !slices.EqualFunc(times, want, time.Time.Equal) {
		answer.Failed = fmt.Sprintf("next is expected to be %v", *c.Next)
	}
	return nil
}
