package schedule

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Dialect says which service reads an expression.
type Dialect int

const (
	// Scheduler is EventBridge Scheduler: rate, cron and at, in a time zone.
	Scheduler Dialect = iota
	// Rules is an EventBridge rule on the default bus: rate and cron, in UTC.
	Rules
)

const (
	// MaxLength is the most characters an expression may have (API reference
	// of events:PutRule and scheduler:CreateSchedule).
	MaxLength = 256

	firstYear, lastYear = 1970, 2199 // of the year field, in both user guides
)

// Schedule is a parsed expression.
type Schedule struct {
	dialect Dialect
	timer   timer
}

// timer is one kind of expression. next is the first time after the given one
// at which it fires, false when there is none.
type timer interface {
	next(after time.Time, loc *time.Location) (time.Time, bool)
}

// Parse reads an expression. Its error is an *Error.
func Parse(d Dialect, expr string) (*Schedule, error) {
	t, f := parse(d, expr)
	if f != nil {
		return nil, f.located(expr)
	}
	return &Schedule{dialect: d, timer: t}, nil
}

func parse(d Dialect, expr string) (timer, *fault) {
	if n := utf8.RuneCountInString(expr); n > MaxLength {
		return nil, &fault{"expression", len(expr), fmt.Sprintf("%d characters are too many", n),
			fmt.Sprintf("write at most %d", MaxLength)}
	}
	kind, body, found := strings.Cut(expr, "(")
	if !found || !isKind(d, kind) {
		return nil, unknownKind(d, expr, kind)
	}
	inner, closed := strings.CutSuffix(body, ")")
	if !closed {
		return nil, &fault{"expression", len(expr), "the closing parenthesis is not the last character",
			"end the expression with )"}
	}
	at := len(kind) + 1
	switch kind {
	case "rate":
		return parseRate(d, inner, at)
	case "at":
		return parseAt(inner, at)
	}
	return parseCron(d, inner, at)
}

func isKind(d Dialect, kind string) bool {
	return kind == "rate" || kind == "cron" || kind == "at" && d == Scheduler
}

func unknownKind(d Dialect, expr, kind string) *fault {
	hint := "write rate(5 minutes), cron(0 12 * * ? *) or at(2030-01-31T12:00:00)"
	problem := fmt.Sprintf("%q is none of rate(...), cron(...) and at(...)", expr)
	if d == Rules {
		hint = "write rate(5 minutes) or cron(0 12 * * ? *)"
		problem = fmt.Sprintf("%q is neither rate(...) nor cron(...)", expr)
	}
	switch word := strings.ToLower(strings.TrimSpace(kind)); {
	case kind == "at":
		problem = "EventBridge rules have no one-time schedules"
		hint += ", or use EventBridge Scheduler"
	case kind != word && isKind(d, word):
		problem = fmt.Sprintf("%q is not %s", kind, word)
		hint = "write it in lower case and without blanks around it"
	}
	return &fault{"expression", 0, problem, hint}
}

// Next is the first time after the given one at which the schedule fires, in
// loc. It is false when there is none up to the end of the year 2199. Rules run
// in UTC whatever loc is; a nil loc is UTC.
//
// A rate is counted from after: so after is the start of the schedule, or a
// time at which it fired.
func (s *Schedule) Next(after time.Time, loc *time.Location) (time.Time, bool) {
	if s.dialect == Rules || loc == nil {
		loc = time.UTC
	}
	return s.timer.next(after, loc)
}

// Upcoming are the next n times after the given one, fewer where the schedule
// ends.
func (s *Schedule) Upcoming(after time.Time, loc *time.Location, n int) []time.Time {
	times := []time.Time{}
	for len(times) < n {
		t, ok := s.Next(after, loc)
		if !ok {
			break
		}
		times, after = append(times, t), t
	}
	return times
}
