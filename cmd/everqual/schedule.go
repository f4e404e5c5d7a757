package main

import (
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // zones also where the machine has none: 450 KB

	"github.com/spf13/cobra"

	"github.com/everqual/everqual/rule/schedule"
)

func (a *app) scheduleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "schedule",
		Short: "Check schedule expressions of EventBridge and list when they fire",
	}
	cmd.AddCommand(a.scheduleNext(), a.scheduleCheck())
	return cmd
}

// dialects are the names of --api and of the field api of a case.
var dialects = map[string]schedule.Dialect{
	"scheduler": schedule.Scheduler, "scheduler.CreateSchedule": schedule.Scheduler,
	"rules": schedule.Rules, "events.PutRule": schedule.Rules,
}

func (a *app) scheduleNext() *cobra.Command {
	var api, zone, from string
	var n int
	cmd := &cobra.Command{
		Use:   "next EXPRESSION",
		Short: "List the next times at which a schedule expression fires",
		Long: `Lists the next times at which an expression of EventBridge Scheduler (rate, cron, at)
or of an EventBridge rule (rate, cron) fires, strictly after --from. A rate is counted
from --from. A faulty expression is told with field, column and what to write instead.`,
		Example: `  everqual schedule next 'cron(0 8 ? * MON-FRI *)' --zone Europe/Berlin
  everqual schedule next 'cron(15 10 ? * 6L *)' --from 2030-01-01 -n 12
  everqual schedule next 'rate(12 hours)' --api rules --output json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			d, ok := dialects[api]
			if !ok {
				return usagef("--api is scheduler or rules, not %q", api)
			}
			if n < 1 || n > 10_000 {
				return usagef("-n is a number from 1 to 10000, not %d", n)
			}
			loc, err := location(d, zone)
			if err != nil {
				return usagef("--zone: %w", err)
			}
			after := wallClock{}.Now().Truncate(time.Second)
			if from != "" {
				if after, err = timeIn(from, loc); err != nil {
					return usagef("--from: %w", err)
				}
			}
			s, err := schedule.Parse(d, args[0])
			if err != nil {
				return usagef("%w", err)
			}
			return a.printTimes(cmd, stamps(s.Upcoming(after, loc, n)))
		},
	}
	cmd.Flags().StringVar(&api, "api", "scheduler", "who reads the expression: scheduler or rules")
	cmd.Flags().StringVar(&zone, "zone", "UTC", "time zone by its IANA name, as Europe/Berlin (scheduler only)")
	cmd.Flags().StringVar(&from, "from", "", "list times after this one: 2030-01-31T12:00:00+01:00, or in the zone 2030-01-31T12:00:00 or 2030-01-31 (default now)")
	cmd.Flags().IntVarP(&n, "number", "n", 5, "how many times")
	return cmd
}

func (a *app) printTimes(cmd *cobra.Command, times []string) error {
	w := cmd.OutOrStdout()
	if a.json() {
		return printJSON(w, times)
	}
	for _, t := range times {
		say(w, "%s\n", t)
	}
	if len(times) == 0 {
		say(w, "never: no such time is left up to the year 2199, or the zone skips it\n")
	}
	return nil
}

// location finds a zone. Names that mean the machine's own zone are refused:
// the answer would depend on where it is asked.
func location(d schedule.Dialect, name string) (*time.Location, error) {
	switch {
	case d == schedule.Rules && name != "UTC":
		return nil, errors.New("EventBridge rules run in UTC; only EventBridge Scheduler has zones")
	case name == "" || name == "Local" || len(name) > 50:
		return nil, fmt.Errorf("%q is no IANA name of a time zone, as Europe/Berlin is", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("%q is no IANA name of a time zone, as Europe/Berlin is", name)
	}
	return loc, nil
}

// timeIn reads a time with an offset, or one on the clock of loc.
func timeIn(s string, loc *time.Location) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2030-01-31T12:00:00+01:00, 2030-01-31T12:00:00 or 2030-01-31", s)
}

// stamps writes times with the offset of their zone.
func stamps(times []time.Time) []string {
	texts := make([]string, len(times))
	for i, t := range times {
		texts[i] = t.Format(time.RFC3339Nano)
	}
	return texts
}
