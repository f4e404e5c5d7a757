package schedule

import (
	"fmt"
	"time"
)

// cron fires on the minutes that all fields allow.
type cron struct {
	minutes, hours, months, years set
	days                          dayRule
}

const cronHint = "write cron(minutes hours day-of-month month day-of-week year), as in cron(0 12 * * ? *)"

// word is one field of an expression and where it begins.
type word struct {
	text string
	at   int
}

// parseCron reads the fields between the parentheses.
func parseCron(d Dialect, s string, at int) (timer, *fault) {
	words, bad := cronWords(d, s, at)
	if bad != nil {
		return nil, bad
	}
	var c cron
	plain := []struct {
		field field
		word  word
		set   *set
	}{
		{minutes, words[0], &c.minutes}, {hours, words[1], &c.hours},
		{months, words[3], &c.months}, {years, words[5], &c.years},
	}
	for _, p := range plain[:2] {
		if *p.set, bad = p.field.parse(p.word.text, p.word.at); bad != nil {
			return nil, bad
		}
	}
	if c.days, bad = parseBothDays(words[2], words[4]); bad != nil {
		return nil, bad
	}
	for _, p := range plain[2:] {
		if *p.set, bad = p.field.parse(p.word.text, p.word.at); bad != nil {
			return nil, bad
		}
	}
	return &c, nil
}

// cronWords splits at blanks into six fields. Rules need all six; for
// Scheduler the year is optional (its user guide: "five required fields and one
// optional field").
func cronWords(d Dialect, s string, at int) ([]word, *fault) {
	words := split(s, at)
	want := "6 fields"
	if d == Scheduler {
		want = "5 or 6 fields"
		if len(words) == 5 {
			words = append(words, word{"*", at + len(s)})
		}
	}
	if len(words) != 6 {
		return nil, &fault{"expression", at, fmt.Sprintf("%d of %s", len(words), want), cronHint}
	}
	if first := words[0].at; first != at {
		return nil, &fault{"expression", at, "a blank before the first field", cronHint}
	}
	if c := s[len(s)-1]; isBlank(c) {
		return nil, &fault{"expression", at + len(s) - 1, "a blank after the last field", cronHint}
	}
	return words, nil
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func split(s string, at int) (words []word) {
	start := 0
	for i := range len(s) + 1 {
		if i < len(s) && !isBlank(s[i]) {
			continue
		}
		if i > start {
			words = append(words, word{s[start:i], at + start})
		}
		start = i + 1
	}
	return words
}

// parseBothDays reads day-of-month and day-of-week, of which exactly one is ?.
func parseBothDays(dom, dow word) (dayRule, *fault) {
	switch {
	case dom.text == "?" && dow.text == "?":
		return nil, &fault{weekday.name, dow.at, "day-of-month and day-of-week are both ?",
			"write * in one of them to mean every day"}
	case dom.text == "?":
		return parseWeekdays(dow.text, dow.at)
	case dow.text == "?":
		return parseDays(dom.text, dom.at)
	}
	return nil, &fault{weekday.name, dow.at, "day-of-month and day-of-week are both given",
		"write ? in the one that does not matter"}
}

// next looks for a wall time and then for the moment at which it comes. Wall
// times that the zone skips, or shows a second time, are passed over.
func (c *cron) next(after time.Time, loc *time.Location) (time.Time, bool) {
	wall := wallOf(after, loc)
	for {
		var ok bool
		if wall, ok = c.match(wall.Add(time.Minute)); !ok {
			return time.Time{}, false
		}
		if t, ok := instant(wall, loc); ok && t.After(after) {
			return t, true
		}
	}
}

// match is the first wall time from the given one that all fields allow. It
// goes from field to field, never from minute to minute.
func (c *cron) match(from time.Time) (time.Time, bool) {
	day, ok := c.day(from)
	if !ok {
		return time.Time{}, false
	}
	var since time.Duration
	if midnight := from.Truncate(24 * time.Hour); day.Equal(midnight) {
		since = from.Sub(midnight)
	}
	if clock, ok := c.clock(since); ok {
		return day.Add(clock), true
	}
	day, ok = c.day(day.AddDate(0, 0, 1))
	clock, _ := c.clock(0) // every day has one: no field is empty
	return day.Add(clock), ok
}

// day is the first day, from that of the wall time on, that the fields allow.
func (c *cron) day(from time.Time) (time.Time, bool) {
	start, month, day := from.Date()
	for y, ok := c.years.from(start); ok; y, ok = c.years.from(y + 1) {
		if y != start {
			month, day = 1, 1
		}
		for m, ok := c.months.from(int(month)); ok; m, ok = c.months.from(m + 1) {
			if m != int(month) {
				day = 1
			}
			if d, ok := within(c.days(y, time.Month(m)), y, time.Month(m), day); ok {
				return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC), true
			}
			day = 1
		}
	}
	return time.Time{}, false
}

// clock is the first time of day from the given one.
func (c *cron) clock(since time.Duration) (time.Duration, bool) {
	start, minute := int(since.Hours()), int(since.Minutes())%60
	for h, ok := c.hours.from(start); ok; h, ok = c.hours.from(h + 1) {
		if h != start {
			minute = 0
		}
		if m, ok := c.minutes.from(minute); ok {
			return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
		}
		minute = 0
	}
	return 0, false
}
