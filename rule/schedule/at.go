package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// once is a single time on the wall clock, held as if the wall were in UTC.
type once time.Time

const atLayout = "2006-01-02T15:04:05"

// parseAt reads yyyy-mm-ddThh:mm:ss. The zone is a property of its own: AWS
// refuses a suffix Z, and a date without a time.
func parseAt(s string, at int) (timer, *fault) {
	t, err := time.Parse(atLayout, s)
	var bad *time.ParseError
	if errors.As(err, &bad) && strings.Contains(bad.Message, "out of range") {
		return nil, &fault{"date and time", at, fmt.Sprintf("there is no %q: a month, day, hour, minute or second is too high", s),
			"look at the calendar; a day ends with 23:59:59"}
	}
	if err != nil || len(s) != len(atLayout) { // Parse lets fractions of a second pass
		return nil, &fault{"date and time", at, fmt.Sprintf("%q is no date and time without a zone", s),
			"write yyyy-mm-ddThh:mm:ss, as in at(2030-01-31T12:00:00), and give the zone beside the expression"}
	}
	return once(t), nil
}

func (o once) next(after time.Time, loc *time.Location) (time.Time, bool) {
	t, ok := instant(time.Time(o), loc)
	if !ok || !t.After(after) {
		return time.Time{}, false
	}
	return t, true
}
