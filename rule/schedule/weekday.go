package schedule

import (
	"slices"
	"strings"
	"time"
)

// parseWeekdays reads the day-of-week field. L alone is Saturday, the last day
// of the week; after a day it is the last such day of the month. # and L stand
// alone: the EventBridge user guide says it of #, Quartz of L.
func parseWeekdays(s string, at int) (dayRule, *fault) {
	upper := strings.ToUpper(s)
	items := strings.Split(upper, ",")
	base, last := strings.CutSuffix(upper, "L")
	day, nth, numbered := strings.Cut(upper, "#")
	switch {
	case len(items) > 1 && slices.ContainsFunc(items, isLastOrNth):
		return nil, weekday.faultf(at, "# and L cannot stand in a list")
	case upper == "L":
		return plainWeekdays("7", at)
	case numbered:
		return nthWeekday(day, nth, at)
	case last:
		return lastWeekday(base, at)
	}
	return plainWeekdays(s, at)
}

func isLastOrNth(item string) bool {
	return strings.HasSuffix(item, "L") || strings.Contains(item, "#")
}

func plainWeekdays(s string, at int) (dayRule, *fault) {
	values, bad := weekday.parse(s, at)
	if bad != nil {
		return nil, bad
	}
	mask := values.mask()
	return func(year int, month time.Month) (m uint32) {
		first := weekdayOf(year, month, 1)
		for d := range 31 {
			if mask>>((first-1+d)%7+1)&1 == 1 {
				m |= bit(d + 1)
			}
		}
		return m
	}, nil
}

func lastWeekday(s string, at int) (dayRule, *fault) {
	wd, bad := weekday.value(s, at)
	if bad != nil {
		return nil, bad
	}
	return func(year int, month time.Month) uint32 {
		last := lastDay(year, month)
		return bit(last - (weekdayOf(year, month, last)-wd+7)%7)
	}, nil
}

func nthWeekday(s, nth string, at int) (dayRule, *fault) {
	wd, bad := weekday.value(s, at)
	if bad != nil {
		return nil, bad
	}
	n, ok := number(nth)
	if !ok || n < 1 || n > 5 {
		return nil, weekday.faultf(at+len(s)+1, "%q is no number from 1 to 5 of a weekday in the month", nth)
	}
	return func(year int, month time.Month) uint32 {
		day := 1 + (wd-weekdayOf(year, month, 1)+7)%7 + (n-1)*7
		return bit(day)
	}, nil
}
