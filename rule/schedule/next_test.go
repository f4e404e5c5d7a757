package schedule_test

import (
	"slices"
	"testing"
	"time"

	"github.com/everqual/everqual/rule/schedule"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Skipf("no time zone data here: %v", err)
	}
	return loc
}

func moment(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// upcoming is what the tests compare: as many times as wanted, and one more
// when the schedule is to end there.
func upcoming(t testing.TB, d schedule.Dialect, expr, from string, loc *time.Location, n int) []string {
	t.Helper()
	s, err := schedule.Parse(d, expr)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{}
	for _, at := range s.Upcoming(moment(t, from), loc, n) {
		texts = append(texts, at.Format(time.RFC3339Nano))
	}
	return texts
}

func TestUpcoming(t *testing.T) {
	const ends = ""
	for name, c := range map[string]struct {
		expr, from string
		want       []string // ends: and no more
	}{
		"minutes":             {"cron(0/30 20-23 ? * MON-FRI *)", "2026-11-27T23:10:00Z", []string{"2026-11-27T23:30:00Z", "2026-11-30T20:00:00Z"}},
		"strictly after":      {"cron(0 12 * * ? *)", "2026-11-25T12:00:00Z", []string{"2026-11-26T12:00:00Z"}},
		"just before":         {"cron(0 12 * * ? *)", "2026-11-25T11:59:59.999Z", []string{"2026-11-25T12:00:00Z"}},
		"within the minute":   {"cron(* * * * ? *)", "2026-11-25T12:00:00.5Z", []string{"2026-11-25T12:01:00Z"}},
		"step from a start":   {"cron(1/10 0 1 1 ? *)", "2026-12-31T00:00:00Z", []string{"2027-01-01T00:01:00Z", "2027-01-01T00:11:00Z", "2027-01-01T00:21:00Z", "2027-01-01T00:31:00Z", "2027-01-01T00:41:00Z", "2027-01-01T00:51:00Z", "2028-01-01T00:01:00Z"}},
		"step over the end":   {"cron(0 22-3/2 1 1 ? *)", "2026-01-01T00:00:00Z", []string{"2026-01-01T02:00:00Z", "2026-01-01T22:00:00Z", "2027-01-01T00:00:00Z"}},
		"hours over midnight": {"cron(0 22-1 ? * MON *)", "2026-11-23T00:30:00Z", []string{"2026-11-23T01:00:00Z", "2026-11-23T22:00:00Z", "2026-11-23T23:00:00Z", "2026-11-30T00:00:00Z"}},
		"weekdays over end":   {"cron(0 0 ? * SAT-MON *)", "2026-11-27T00:00:00Z", []string{"2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z", "2026-12-05T00:00:00Z"}},
		"SUN is 1":            {"cron(0 0 ? * 1 *)", "2026-11-25T00:00:00Z", []string{"2026-11-29T00:00:00Z"}},
		"leap day":            {"cron(0 0 29 2 ? *)", "2026-01-01T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"}},
		"2100 has no leap":    {"cron(0 0 29 2 ? *)", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z"}},
		"2000 has":            {"cron(0 0 29 FEB ? *)", "1996-03-01T00:00:00Z", []string{"2000-02-29T00:00:00Z"}},
		"30 February":         {"cron(0 0 30 2 ? *)", "1970-01-01T00:00:00Z", []string{ends}},
		"31st":                {"cron(0 0 31 * ? *)", "2026-03-31T12:00:00Z", []string{"2026-05-31T00:00:00Z", "2026-07-31T00:00:00Z"}},
		"last day":            {"cron(0 0 L * ? *)", "2028-01-31T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z", "2028-04-30T00:00:00Z"}},
		"before the last":     {"cron(0 0 L-3 * ? *)", "2026-02-01T00:00:00Z", []string{"2026-02-25T00:00:00Z", "2026-03-28T00:00:00Z"}},
		"L-30":                {"cron(0 0 L-30 * ? *)", "2026-01-01T00:00:00Z", []string{"2026-03-01T00:00:00Z"}},
		"L-29 in February":    {"cron(0 0 L-29W 2 ? *)", "2026-01-01T00:00:00Z", []string{ends}},
		"last workday":        {"cron(0 0 LW * ? *)", "2026-01-01T00:00:00Z", []string{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z"}},
		"W on Saturday":       {"cron(0 0 15W 8 ? 2026)", "2026-01-01T00:00:00Z", []string{"2026-08-14T00:00:00Z", ends}},
		"W on Sunday":         {"cron(0 0 15W 11 ? 2026)", "2026-01-01T00:00:00Z", []string{"2026-11-16T00:00:00Z", ends}},
		"1W on Saturday":      {"cron(0 0 1W 8 ? 2026)", "2026-01-01T00:00:00Z", []string{"2026-08-03T00:00:00Z", ends}},
		"31W on Sunday":       {"cron(0 0 31W 5 ? 2026)", "2026-01-01T00:00:00Z", []string{"2026-05-29T00:00:00Z", ends}},
		"31W in April":        {"cron(0 0 31W 4 ? *)", "2026-01-01T00:00:00Z", []string{ends}},
		"last Friday":         {"cron(15 10 ? * 6L 2019-2022)", "2022-11-01T00:00:00Z", []string{"2022-11-25T10:15:00Z", "2022-12-30T10:15:00Z", ends}},
		"last Friday by name": {"cron(0 0 ? * fril *)", "2026-10-30T00:00:00Z", []string{"2026-11-27T00:00:00Z"}},
		"L is Saturday":       {"cron(0 0 ? * L *)", "2026-11-25T00:00:00Z", []string{"2026-11-28T00:00:00Z", "2026-12-05T00:00:00Z"}},
		"second Tuesday":      {"cron(0 0 ? * 3#2 *)", "2026-11-01T00:00:00Z", []string{"2026-11-10T00:00:00Z", "2026-12-08T00:00:00Z"}},
		"third Saturday":      {"cron(0 2 ? * SAT#3 *)", "2026-11-01T00:00:00Z", []string{"2026-11-21T02:00:00Z"}},
		"fifth Monday":        {"cron(0 0 ? * MON#5 *)", "2026-04-01T00:00:00Z", []string{"2026-06-29T00:00:00Z", "2026-08-31T00:00:00Z"}},
		"year steps":          {"cron(0 0 1 1 ? 2030/7)", "2026-01-01T00:00:00Z", []string{"2030-01-01T00:00:00Z", "2037-01-01T00:00:00Z"}},
		"all years in steps":  {"cron(0 0 1 1 ? */100)", "1960-01-01T00:00:00Z", []string{"1970-01-01T00:00:00Z", "2070-01-01T00:00:00Z", "2170-01-01T00:00:00Z", ends}},
		"the last minute":     {"cron(* * * * ? *)", "2199-12-31T23:58:00Z", []string{"2199-12-31T23:59:00Z", ends}},
		"past years":          {"cron(0 0 1 1 ? 2020)", "2026-01-01T00:00:00Z", []string{ends}},
		"rate":                {"rate(90 minutes)", "2026-11-25T12:00:30.25Z", []string{"2026-11-25T13:30:30.25Z", "2026-11-25T15:00:30.25Z"}},
		"rate to the end":     {"rate(1 day)", "2199-12-30T00:00:00Z", []string{"2199-12-31T00:00:00Z", ends}},
		"rate of ages":        {"rate(99999999999999999999 days)", "2026-11-25T12:00:00Z", []string{ends}},
		"rate of long ages":   {"rate(106751991167301 days)", "2026-11-25T12:00:00Z", []string{ends}},
	} {
		t.Run(name, func(t *testing.T) {
			want, n := c.want, len(c.want)
			if want[n-1] == ends {
				want = want[:n-1]
			}
			if got := upcoming(t, rules, c.expr, c.from, nil, n); !slices.Equal(got, want) {
				t.Errorf("%s after %s:\n got %v\nwant %v", c.expr, c.from, got, want)
			}
		})
	}
}

// EventBridge rules run in UTC, whatever zone the caller lives in.
func TestRulesRunInUTC(t *testing.T) {
	got := upcoming(t, rules, "cron(0 12 * * ? *)", "2026-07-01T00:00:00+02:00", zone(t, "Europe/Berlin"), 1)
	if want := "2026-07-01T12:00:00Z"; got[0] != want {
		t.Errorf("got %s, want %s", got[0], want)
	}
}

// A schedule that never fires is told quickly, whatever it is.
func TestNeverIsQuick(t *testing.T) {
	s, err := schedule.Parse(scheduler, "cron(* * 31 FEB,APR,JUN,SEP,NOV ? *)")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 20 {
		if at, ok := s.Next(time.Unix(0, 0), nil); ok {
			t.Fatalf("fires at %s", at)
		}
	}
	if took := time.Since(began); took > time.Second { // minute by minute it would be many
		t.Errorf("20 looks took %s", took)
	}
}
