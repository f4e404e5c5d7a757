package schedule

import (
	"math/bits"
	"slices"
	"strings"
	"time"
)

// dayRule gives the days of a month on which a schedule fires, as bits 1 to 31.
// Bits beyond the end of the month mean nothing.
type dayRule func(year int, month time.Month) uint32

// lastDay is the number of days in the month.
func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// weekdayOf is 1 for Sunday to 7 for Saturday.
func weekdayOf(year int, month time.Month, day int) int {
	return int(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()) + 1
}

func bit(day int) uint32 {
	if day < 1 {
		return 0
	}
	return 1 << day
}

// parseDays reads the day-of-month field. L, L-n and W stand alone: AWS has no
// example of them in a list, and Quartz documents that they may not.
func parseDays(s string, at int) (dayRule, *fault) {
	upper := strings.ToUpper(s)
	items := strings.Split(upper, ",")
	switch special := slices.ContainsFunc(items, isLastOrNearest); {
	case !special:
		return plainDays(s, at)
	case len(items) > 1:
		return nil, days.faultf(at, "L and W cannot stand in a list")
	}
	base, nearest := strings.CutSuffix(upper, "W")
	day, bad := theDay(base, at)
	if bad != nil {
		return nil, bad
	}
	return func(year int, month time.Month) uint32 {
		d := day(year, month)
		if nearest {
			d = nearestWorkday(year, month, d)
		}
		return bit(d)
	}, nil
}

// isLastOrNearest tells L and 15W from MON-WED, a slip of the field.
func isLastOrNearest(item string) bool {
	before, w := strings.CutSuffix(item, "W")
	return strings.HasPrefix(item, "L") || w && strings.Trim(before, "0123456789-") == ""
}

func plainDays(s string, at int) (dayRule, *fault) {
	values, bad := days.parse(s, at)
	if bad != nil {
		return nil, bad
	}
	mask := values.mask()
	return func(int, time.Month) uint32 { return mask }, nil
}

// theDay reads the single day that L or W is about: L, L-n or a number. A month
// that does not have the day gives 0.
func theDay(s string, at int) (func(int, time.Month) int, *fault) {
	if s == "L" {
		return lastDay, nil
	}
	if back, ok := strings.CutPrefix(s, "L-"); ok {
		n, isNumber := number(back)
		if !isNumber || n > 30 {
			return nil, days.faultf(at+2, "%q is no number of days from 0 to 30 before the last", back)
		}
		return func(y int, m time.Month) int { return max(lastDay(y, m)-n, 0) }, nil
	}
	if strings.HasPrefix(s, "L") {
		return nil, days.faultf(at, "%q is not L or L-n", s)
	}
	n, bad := days.value(s, at)
	if bad != nil {
		bad.problem = "W stands after one day of the month: " + bad.problem
		return nil, bad
	}
	return func(y int, m time.Month) int {
		if n > lastDay(y, m) {
			return 0
		}
		return n
	}, nil
}

// nearestWorkday is the day from Monday to Friday closest to the day, without
// leaving the month: 1W on a Saturday is Monday the 3rd (Quartz).
func nearestWorkday(year int, month time.Month, day int) int {
	last := lastDay(year, month)
	switch wd := weekdayOf(year, month, day); {
	case day == 0:
		return 0
	case wd == 7 && day == 1:
		return 3
	case wd == 7:
		return day - 1
	case wd == 1 && day == last:
		return day - 2
	case wd == 1:
		return day + 1
	}
	return day
}

// within drops the days that the month does not have, and those before day.
func within(mask uint32, year int, month time.Month, day int) (int, bool) {
	mask &= (uint32(2)<<lastDay(year, month) - 1) &^ (uint32(1)<<day - 1)
	return bits.TrailingZeros32(mask), mask != 0
}
