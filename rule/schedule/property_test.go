package schedule_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/everqual/everqual/rule/schedule"
)

// piece is a field as text and, independently, as what it means.
type piece struct {
	text  string
	holds func(wall time.Time) bool
}

// numbers draws a field of numbers: value is what a wall time has there.
func numbers(min, max int, value func(time.Time) int) *rapid.Generator[piece] {
	return rapid.Custom(func(t *rapid.T) piece {
		a := rapid.IntRange(min, max).Draw(t, "a")
		b := rapid.IntRange(min, max).Draw(t, "b")
		n := rapid.IntRange(1, max/2+1).Draw(t, "n")
		between := func(v int) bool { return a <= v && v <= b || b < a && (v >= a || v <= b) }
		return rapid.SampledFrom([]piece{
			{"*", func(time.Time) bool { return true }},
			{fmt.Sprint(a), func(w time.Time) bool { return value(w) == a }},
			{fmt.Sprintf("%d,%d", a, b), func(w time.Time) bool { return value(w) == a || value(w) == b }},
			{fmt.Sprintf("%d-%d", a, b), func(w time.Time) bool { return between(value(w)) }},
			{fmt.Sprintf("*/%d", n), func(w time.Time) bool { return (value(w)-min)%n == 0 }},
			{fmt.Sprintf("%d/%d", a, n), func(w time.Time) bool { return value(w) >= a && (value(w)-a)%n == 0 }},
			{fmt.Sprintf("%d-%d/%d", a, b, n), func(w time.Time) bool {
				return between(value(w)) && (value(w)-a+max-min+1)%(max-min+1)%n == 0
			}},
		}).Draw(t, "field")
	})
}

func monthOf(w time.Time) int   { return int(w.Month()) }
func weekdayOf(w time.Time) int { return int(w.Weekday()) + 1 }

// monthAfter is the month some days later.
func monthAfter(w time.Time, days int) time.Month { return w.AddDate(0, 0, days).Month() }

func workday(w time.Time) bool { return w.Weekday() != time.Saturday && w.Weekday() != time.Sunday }

// nearest looks at every workday of the month for the one closest to day.
func nearest(w time.Time, day int) bool {
	best, distance := 0, 99
	exists := false
	for d := w.AddDate(0, 0, 1-w.Day()); d.Month() == w.Month(); d = d.AddDate(0, 0, 1) {
		exists = exists || d.Day() == day
		if away := max(d.Day()-day, day-d.Day()); workday(d) && away < distance {
			best, distance = d.Day(), away
		}
	}
	return exists && w.Day() == best
}

var daysOfMonth = rapid.Custom(func(t *rapid.T) piece {
	n := rapid.IntRange(1, 31).Draw(t, "day")
	return rapid.SampledFrom([]piece{
		numbers(1, 31, time.Time.Day).Draw(t, "plain"),
		{"L", func(w time.Time) bool { return monthAfter(w, 1) != w.Month() }},
		{fmt.Sprintf("L-%d", n-1), func(w time.Time) bool {
			return monthAfter(w, n-1) == w.Month() && monthAfter(w, n) != w.Month()
		}},
		{fmt.Sprintf("%dW", n), func(w time.Time) bool { return nearest(w, n) }},
		{"LW", func(w time.Time) bool {
			for d := w.AddDate(0, 0, 1); d.Month() == w.Month(); d = d.AddDate(0, 0, 1) {
				if workday(d) {
					return false
				}
			}
			return workday(w)
		}},
	}).Draw(t, "day of month")
})

var daysOfWeek = rapid.Custom(func(t *rapid.T) piece {
	n := rapid.IntRange(1, 7).Draw(t, "weekday")
	k := rapid.IntRange(1, 5).Draw(t, "nth")
	name := []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}[n-1]
	last := func(w time.Time) bool { return weekdayOf(w) == n && monthAfter(w, 7) != w.Month() }
	nth := func(w time.Time) bool { return weekdayOf(w) == n && (w.Day()+6)/7 == k }
	return rapid.SampledFrom([]piece{
		numbers(1, 7, weekdayOf).Draw(t, "plain"),
		{name, func(w time.Time) bool { return weekdayOf(w) == n }},
		{"L", func(w time.Time) bool { return weekdayOf(w) == 7 }},
		{fmt.Sprintf("%dL", n), last},
		{name + "L", last},
		{fmt.Sprintf("%d#%d", n, k), nth},
		{fmt.Sprintf("%s#%d", name, k), nth},
	}).Draw(t, "day of week")
})

// bothDays is day-of-month and day-of-week, one of them "?".
func bothDays(t *rapid.T) (dom, dow string, holds func(time.Time) bool) {
	if rapid.Bool().Draw(t, "by weekday") {
		p := daysOfWeek.Draw(t, "dow")
		return "?", p.text, p.holds
	}
	p := daysOfMonth.Draw(t, "dom")
	return p.text, "?", p.holds
}

// The days of twelve years, one by one.
func TestDaysAgainstReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dom, dow, day := bothDays(t)
		month := numbers(1, 12, monthOf).Draw(t, "month")
		from := time.Date(rapid.IntRange(1970, 2180).Draw(t, "from"), 1, 1, 0, 0, 0, 0, time.UTC)
		until := from.AddDate(12, 0, 0)
		var want []time.Time
		for d := from.AddDate(0, 0, 1); d.Before(until); d = d.AddDate(0, 0, 1) {
			if day(d) && month.holds(d) {
				want = append(want, d)
			}
		}
		compare(t, fmt.Sprintf("cron(0 0 %s %s %s *)", dom, month.text, dow), from, until, time.UTC, want)
	})
}

var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
	"Africa/Cairo", "Africa/Casablanca", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Gaza", "America/St_Johns"}

// The minutes of some days around a change of the clock, one by one.
func TestMinutesAgainstReference(t *testing.T) {
	zone(t, zones[1])
	rapid.Check(t, func(t *rapid.T) {
		loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		minute := numbers(0, 59, time.Time.Minute).Draw(t, "minute")
		hour := numbers(0, 23, time.Time.Hour).Draw(t, "hour")
		dom, dow, day := bothDays(t)
		if rapid.Bool().Draw(t, "every day") {
			dom, dow, day = "*", "?", func(time.Time) bool { return true }
		}
		from := start(t, loc)
		until := from.Add(4 * 24 * time.Hour)
		holds := func(w time.Time) bool { return minute.holds(w) && hour.holds(w) && day(w) }
		expr := fmt.Sprintf("cron(%s %s %s * %s *)", minute.text, hour.text, dom, dow)
		compare(t, expr, from, until, loc, firstShowings(holds, from, until, loc))
	})
}

// start draws a time less than two days before a change of the clock in loc,
// where it has one.
func start(t *rapid.T, loc *time.Location) time.Time {
	at := time.Unix(int64(rapid.IntRange(1_000_000_000, 1_900_000_000).Draw(t, "from")), 0)
	if _, end := at.In(loc).ZoneBounds(); !end.IsZero() {
		at = end
	}
	return at.Add(-time.Duration(rapid.IntRange(0, 48*60).Draw(t, "minutes before")) * time.Minute)
}

// firstShowings looks at the clock of loc every minute and notes when it shows
// a wall time for the first time. A clock is never set back by more than a day.
func firstShowings(holds func(time.Time) bool, from, until time.Time, loc *time.Location) (found []time.Time) {
	seen := map[string]bool{}
	for at := from.Truncate(time.Minute).Add(-25 * time.Hour); at.Before(until); at = at.Add(time.Minute) {
		shown := at.In(loc).Format("2006-01-02T15:04")
		if seen[shown] {
			continue
		}
		seen[shown] = true
		if wall, _ := time.Parse("2006-01-02T15:04", shown); at.After(from) && holds(wall) {
			found = append(found, at)
		}
	}
	return found
}

// compare walks Next from one time to another.
func compare(t *rapid.T, expr string, from, until time.Time, loc *time.Location, want []time.Time) {
	s, err := schedule.Parse(schedule.Scheduler, expr)
	if err != nil {
		t.Fatal(err)
	}
	var got []time.Time
	for at, ok := s.Next(from, loc); ok && at.Before(until); at, ok = s.Next(at, loc) {
		got = append(got, at)
	}
	if !slices.EqualFunc(got, want, time.Time.Equal) {
		t.Fatalf("%s in %s from %s to %s:\n got %v\nwant %v", expr, loc, from, until, got, want)
	}
}
