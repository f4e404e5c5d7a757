package schedule

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const rateHint = "write a whole number from 1, one blank and a unit, as in rate(5 minutes)"

// rate is the distance between two times in seconds. It is elapsed time: a day
// has 24 hours also where the clock is changed (Scheduler user guide, "Daylight
// savings time").
type rate int64

var unitSeconds = map[string]int64{"minute": 60, "hour": 3600, "day": 86400}

// parseRate reads "value unit". AWS refuses other blanks than the one between
// them, and units in capitals.
func parseRate(d Dialect, s string, at int) (timer, *fault) {
	value, unit, found := strings.Cut(s, " ")
	if !found {
		return nil, &fault{"value", at, fmt.Sprintf("%q is not a value and a unit", s), rateHint}
	}
	n, f := parseRateValue(value, at)
	if f != nil {
		return nil, f
	}
	if strings.HasPrefix(unit, " ") {
		return nil, &fault{"unit", at + len(value) + 1, "more than one blank before the unit", rateHint}
	}
	one := strings.TrimSuffix(unit, "s")
	seconds, known := unitSeconds[one]
	if !known {
		return nil, &fault{"unit", at + len(value) + 1, fmt.Sprintf("%q is no unit", unit),
			"write minutes, hours or days, in lower case"}
	}
	if d == Rules && (n == 1) != (unit == one) {
		return nil, disagreement(value, one, n, at+len(value)+1)
	}
	if n > math.MaxInt64/seconds {
		return rate(math.MaxInt64), nil
	}
	return rate(n * seconds), nil
}

func parseRateValue(s string, at int) (int64, *fault) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, &fault{"value", at, fmt.Sprintf("%q is no whole number", s), rateHint}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return math.MaxInt64, nil // so many that it never comes
	}
	if n == 0 {
		return 0, &fault{"value", at, "a rate of 0 is none", rateHint}
	}
	return n, nil
}

// disagreement: rules want the singular for 1 and the plural for everything
// else (EventBridge user guide, "Rate expressions"). Scheduler's documentation
// has no such rule and uses rate(1 days).
func disagreement(value, unit string, n int64, at int) *fault {
	if n != 1 {
		unit += "s"
	}
	return &fault{"unit", at, "EventBridge rules want the singular after 1 and the plural after other numbers",
		fmt.Sprintf("write rate(%s %s)", value, unit)}
}

func (r rate) next(after time.Time, loc *time.Location) (time.Time, bool) {
	left := endOfTime.Unix() - after.Unix()
	if int64(r) >= left {
		return time.Time{}, false
	}
	return time.Unix(after.Unix()+int64(r), int64(after.Nanosecond())).In(loc), true
}

// endOfTime is where all schedules end.
var endOfTime = time.Date(lastYear+1, 1, 1, 0, 0, 0, 0, time.UTC)
