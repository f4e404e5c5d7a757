package schedule_test

import (
	"slices"
	"testing"
)

// A time that the clock skips is left out; a time that it shows twice counts
// at the first showing (Scheduler user guide, "Daylight savings time").
func TestDaylightSaving(t *testing.T) {
	for name, c := range map[string]struct {
		zone, expr, from string
		want             []string
	}{
		"Berlin skips 02:30": {"Europe/Berlin", "cron(30 2 * * ? *)", "2026-03-28T00:00:00Z",
			[]string{"2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00"}},
		"Berlin has 03:00": {"Europe/Berlin", "cron(0 3 * * ? *)", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T03:00:00+02:00"}},
		"Berlin, quarters over the gap": {"Europe/Berlin", "cron(*/15 * * * ? *)", "2026-03-29T01:40:00+01:00",
			[]string{"2026-03-29T01:45:00+01:00", "2026-03-29T03:00:00+02:00"}},
		"Berlin shows 02:30 twice": {"Europe/Berlin", "cron(30 2 * * ? *)", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		"Berlin, from the second showing": {"Europe/Berlin", "cron(30 2 * * ? *)", "2026-10-25T02:10:00+01:00",
			[]string{"2026-10-26T02:30:00+01:00"}},
		"Berlin, quarters in the double hour": {"Europe/Berlin", "cron(*/15 2-3 * * ? *)", "2026-10-25T02:40:00+02:00",
			[]string{"2026-10-25T02:45:00+02:00", "2026-10-25T03:00:00+01:00"}},
		"Berlin keeps the hour of the day": {"Europe/Berlin", "cron(0 8 ? * SUN *)", "2026-03-20T00:00:00Z",
			[]string{"2026-03-22T08:00:00+01:00", "2026-03-29T08:00:00+02:00"}},
		"New York skips 02:00": {"America/New_York", "cron(0 2 ? * SUN *)", "2026-03-02T00:00:00Z",
			[]string{"2026-03-15T02:00:00-04:00"}},
		"New York shows 01:00 twice": {"America/New_York", "cron(0 1,2 1 NOV ? *)", "2026-10-01T00:00:00Z",
			[]string{"2026-11-01T01:00:00-04:00", "2026-11-01T02:00:00-05:00", "2027-11-01T01:00:00-04:00"}},
		"Lord Howe skips half an hour": {"Australia/Lord_Howe", "cron(0,29,30 2 * * ? *)", "2026-10-03T02:29:00+10:30",
			[]string{"2026-10-03T02:30:00+10:30", "2026-10-04T02:30:00+11:00", "2026-10-05T02:00:00+11:00"}},
		"Lord Howe shows half an hour twice": {"Australia/Lord_Howe", "cron(29,30 1 * * ? *)", "2026-04-04T15:00:00+11:00",
			[]string{"2026-04-05T01:29:00+11:00", "2026-04-05T01:30:00+11:00", "2026-04-06T01:29:00+10:30"}},
		"Moscow shows 01:30 twice, then never changes again": {"Europe/Moscow", "cron(30 1 * * ? *)", "2014-10-25T12:00:00+04:00",
			[]string{"2014-10-26T01:30:00+04:00", "2014-10-27T01:30:00+03:00"}},
		"Apia had no 30 December 2011": {"Pacific/Apia", "cron(0 12 29-31 12 ? 2011)", "2011-12-01T00:00:00Z",
			[]string{"2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"}},
		"Cairo's midnight does not come": {"Africa/Cairo", "cron(0 0 ? * FRI *)", "2026-04-18T00:00:00Z",
			[]string{"2026-05-01T00:00:00+03:00"}},
		"Kolkata's half hour": {"Asia/Kolkata", "cron(0 9 * * ? *)", "2026-11-25T00:00:00Z",
			[]string{"2026-11-25T09:00:00+05:30"}},
		"no zone is UTC": {"UTC", "cron(30 2 29 3 ? *)", "2026-01-01T00:00:00Z", []string{"2026-03-29T02:30:00Z"}},
		"a day of a rate is 24 hours, short day": {"Europe/Berlin", "rate(1 day)", "2026-03-28T12:00:00+01:00",
			[]string{"2026-03-29T13:00:00+02:00", "2026-03-30T13:00:00+02:00"}},
		"a day of a rate is 24 hours, long day": {"Europe/Berlin", "rate(1 day)", "2026-10-24T12:00:00+02:00",
			[]string{"2026-10-25T11:00:00+01:00"}},
		"once": {"Europe/Berlin", "at(2026-07-01T08:30:15)", "2026-01-01T00:00:00Z",
			[]string{"2026-07-01T08:30:15+02:00"}},
		"once, at a skipped time": {"Europe/Berlin", "at(2026-03-29T02:30:00)", "2026-01-01T00:00:00Z", nil},
		"once, at a double time": {"Europe/Berlin", "at(2026-10-25T02:30:00)", "2026-01-01T00:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00"}},
		"once, and it is past": {"Europe/Berlin", "at(2026-07-01T08:30:15)", "2026-07-01T08:30:15+02:00", nil},
	} {
		t.Run(name, func(t *testing.T) {
			n := max(len(c.want), 1)
			if got := upcoming(t, scheduler, c.expr, c.from, zone(t, c.zone), n); !slices.Equal(got, c.want) {
				t.Errorf("%s in %s after %s:\n got %v\nwant %v", c.expr, c.zone, c.from, got, c.want)
			}
		})
	}
}
