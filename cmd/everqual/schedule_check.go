package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
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
			in, err := openCases(file, cmd.InOrStdin())
			if err != nil {
				return err
			}
			defer in.Close()
			return checkCases(in, file, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&file, "cases", "", "file with one JSON object in every line; - is standard input")
	return cmd
}

func openCases(file string, stdin io.Reader) (io.ReadCloser, error) {
	if file == "-" {
		return io.NopCloser(stdin), nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("open cases: %w", err)
	}
	return f, nil
}

func checkCases(in io.Reader, file string, out, problems io.Writer) error {
	var cases, failed, broken int
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	lines := bufio.NewReader(in)
	for number := 1; ; number++ {
		line, readErr := lines.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			answer, err := checkCase(line, number)
			switch {
			case err != nil:
				broken++
				say(problems, "%s:%d: %s\n", file, number, err)
			default:
				cases++
				if answer.Failed != "" {
					failed++
				}
				if err := enc.Encode(answer); err != nil {
					return err
				}
			}
		}
		if errors.Is(readErr, io.EOF) {
			return casesDone(file, cases, failed, broken)
		}
		if readErr != nil {
			return fmt.Errorf("read cases: %w", readErr)
		}
	}
}

func casesDone(file string, cases, failed, broken int) error {
	switch {
	case failed > 0:
		return fmt.Errorf("%d of %s: not as expected", failed, count(cases, "case", "cases"))
	case broken > 0:
		return exitCode(exitPartly)
	case cases == 0:
		return fmt.Errorf("%s holds no cases", file)
	}
	return nil
}

// checkCase answers one line. Its error is about the line, not about the
// expression.
func checkCase(line []byte, number int) (scheduleAnswer, error) {
	var c scheduleCase
	if err := json.Unmarshal(line, &c); err != nil {
		return scheduleAnswer{}, fmt.Errorf("read case: %w", err)
	}
	d, known := dialects[c.API]
	switch {
	case !known:
		return scheduleAnswer{}, fmt.Errorf(`"api" is scheduler.CreateSchedule or events.PutRule, not %q`, c.API)
	case c.Expr == nil:
		return scheduleAnswer{}, errors.New(`the key "expr" is missing`)
	case c.Next != nil && c.From == "":
		return scheduleAnswer{}, errors.New(`"next" needs the key "from"`)
	}
	answer := scheduleAnswer{ID: c.ID, Valid: true}
	if len(c.ID) == 0 {
		answer.ID = json.RawMessage(fmt.Sprint(number))
	}
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
