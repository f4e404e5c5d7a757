package schedule_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/schedule"
)

const (
	rules     = schedule.Rules
	scheduler = schedule.Scheduler
)

func TestValidInBoth(t *testing.T) {
	for name, expr := range map[string]string{
		"every minute":            "cron(* * * * ? *)",
		"any weekday":             "cron(0 0 ? * * *)",
		"two digits":              "cron(00 09 01 01 ? 2030)",
		"several blanks":          "cron(0  12\t* * ? *)",
		"minutes listed":          "cron(5,35 14 * * ? *)",
		"steps from a start":      "cron(1/10 0/6 1/5 1/3 ? 2030/2)",
		"steps from all":          "cron(*/59 */23 */31 */12 ? */10)",
		"steps in a range":        "cron(0-15/1 8-8 1-31/30 1-12/3 ? 2030-2040/5)",
		"weekday steps":           "cron(0 0 ? * 1/7 *)",
		"names":                   "cron(0 0 ? JAN-MAR,DEC MON-FRI *)",
		"names and numbers mixed": "cron(0 0 ? JAN-3 MON-6 *)",
		"names in any case":       "cron(0 0 ? jan Wed-Fri *)",
		"ranges over the end":     "cron(50-10 20-2 28-3 NOV-FEB ? *)",
		"weekdays over the end":   "cron(0 0 ? * FRI-MON *)",
		"last day":                "cron(0 0 L * ? *)",
		"three days before last":  "cron(0 0 L-3 * ? *)",
		"last workday":            "cron(0 0 LW * ? *)",
		"workday near the 15th":   "cron(0 0 15W * ? *)",
		"Saturday as last":        "cron(0 0 ? * L *)",
		"last Friday by number":   "cron(0 0 ? * 6L *)",
		"last Friday by name":     "cron(0 0 ? * FRIL *)",
		"second Tuesday":          "cron(0 0 ? * 3#2 *)",
		"third Saturday by name":  "cron(0 2 ? * SAT#3 *)",
		"30 February":             "cron(0 0 30 2 ? *)",
		"years out of order":      "cron(0 0 1 1 ? 2199,1970)",
		"one minute":              "rate(1 minute)",
		"five minutes":            "rate(5 minutes)",
		"one hour":                "rate(1 hour)",
		"one day":                 "rate(1 day)",
		"many days":               "rate(99999999999999999999999999 days)",
		"as long as it may be":    "cron(0" + strings.Repeat(",0", 119) + " 0 * * ? *)",
	} {
		t.Run(name, func(t *testing.T) {
			for _, d := range []schedule.Dialect{rules, scheduler} {
				if _, err := schedule.Parse(d, expr); err != nil {
					t.Errorf("dialect %d: %s: %v", d, expr, err)
				}
			}
		})
	}
}

func TestDialectsDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		expr             string
		rules, scheduler bool
	}{
		"plural of one":      {"rate(1 minutes)", false, true},
		"plural of one day":  {"rate(1 days)", false, true},
		"singular of ten":    {"rate(10 hour)", false, true},
		"zero padded one":    {"rate(01 minute)", true, true},
		"one-time":           {"at(2030-01-31T12:00:00)", false, true},
		"no year":            {"cron(0 12 * * ?)", false, true},
		"no year, both days": {"cron(0 12 * * *)", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			for d, want := range map[schedule.Dialect]bool{rules: c.rules, scheduler: c.scheduler} {
				if _, err := schedule.Parse(d, c.expr); (err == nil) != want {
					t.Errorf("dialect %d: %s: %v, want valid %v", d, c.expr, err, want)
				}
			}
		})
	}
}

// Every error names the field, the column and what to write instead.
func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		dialect schedule.Dialect
		expr    string
		field   string
		column  int
		says    string
	}{
		"empty":                {scheduler, "", "expression", 1, `"" is none of rate(...), cron(...) and at(...)`},
		"plain words":          {rules, "every day", "expression", 1, `"every day" is neither rate(...) nor cron(...)`},
		"bare fields":          {rules, "0 12 * * ? *", "expression", 1, "neither"},
		"capitals":             {rules, "RATE(5 minutes)", "expression", 1, `"RATE" is not rate; write it in lower case`},
		"leading blank":        {rules, " rate(5 minutes)", "expression", 1, `" rate" is not rate`},
		"trailing blank":       {rules, "rate(5 minutes) ", "expression", 17, "closing parenthesis"},
		"open":                 {rules, "cron(0 12 * * ? *", "expression", 18, "closing parenthesis"},
		"too long":             {rules, "cron(0" + strings.Repeat(",0", 120) + " 0 * * ? *)", "expression", 258, "257 characters are too many; write at most 256"},
		"one-time rule":        {rules, "at(2030-01-31T12:00:00)", "expression", 1, "EventBridge rules have no one-time schedules"},
		"rate of nothing":      {scheduler, "rate()", "value", 6, `"" is not a value and a unit`},
		"rate without a unit":  {scheduler, "rate(10)", "value", 6, `"10" is not a value and a unit`},
		"rate of a word":       {scheduler, "rate(foo minutes)", "value", 6, `"foo" is no whole number`},
		"rate below zero":      {rules, "rate(-10 minutes)", "value", 6, `"-10" is no whole number`},
		"rate with a sign":     {rules, "rate(+10 minutes)", "value", 6, `"+10" is no whole number`},
		"rate with a fraction": {rules, "rate(1.5 hours)", "value", 6, `"1.5" is no whole number`},
		"rate of zero":         {scheduler, "rate(0 minutes)", "value", 6, "a rate of 0 is none"},
		"rate with blanks":     {rules, "rate( 10 minutes )", "value", 6, `"" is no whole number`},
		"rate with two blanks": {rules, "rate(10  minutes)", "unit", 9, "more than one blank before the unit; write a whole number"},
		"rate, blank at end":   {scheduler, "rate(10 minutes )", "unit", 9, `"minutes " is no unit`},
		"unit in capitals":     {rules, "rate(10 MINUTES)", "unit", 9, `"MINUTES" is no unit; write minutes, hours or days`},
		"unit of years":        {scheduler, "rate(10 years)", "unit", 9, `"years" is no unit`},
		"unit of seconds":      {scheduler, "rate(10 seconds)", "unit", 9, `"seconds" is no unit`},
		"unit twice plural":    {scheduler, "rate(10 minutess)", "unit", 9, `"minutess" is no unit`},
		"unit missing":         {scheduler, "rate(10 )", "unit", 9, `"" is no unit`},
		"plural of one":        {rules, "rate(1 minutes)", "unit", 8, "write rate(1 minute)"},
		"singular of ten":      {rules, "rate(10 day)", "unit", 9, "write rate(10 days)"},
		"time with a zone":     {scheduler, "at(2021-12-31T23:59:59Z)", "date and time", 4, "give the zone beside the expression"},
		"date only":            {scheduler, "at(2021-12-31)", "date and time", 4, `"2021-12-31" is no date and time`},
		"no such day":          {scheduler, "at(2021-02-29T00:00:00)", "date and time", 4, `there is no "2021-02-29T00:00:00"`},
		"fraction of a second": {scheduler, "at(2021-12-31T23:59:59.5)", "date and time", 4, "is no date and time"},
		"one word":             {scheduler, "cron(INVALID)", "expression", 6, "1 of 5 or 6 fields"},
		"no fields":            {rules, "cron()", "expression", 6, "0 of 6 fields"},
		"five fields":          {rules, "cron(0 12 * * ?)", "expression", 6, "5 of 6 fields"},
		"seven fields":         {scheduler, "cron(0 0 12 * * ? *)", "expression", 6, "7 of 5 or 6 fields"},
		"blank before fields":  {rules, "cron( 0 12 * * ? *)", "expression", 6, "a blank before the first field"},
		"blank after fields":   {rules, "cron(0 12 * * ? * )", "expression", 18, "a blank after the last field"},
		"minute 71":            {rules, "cron(71 8 1 * ? *)", "minutes", 6, `"71" is no number from 0 to 59; write 0-59`},
		"second item":          {rules, "cron(0,5,60 8 1 * ? *)", "minutes", 10, `"60" is no number from 0 to 59`},
		"end of a range":       {rules, "cron(0 8-24 1 * ? *)", "hours", 10, `"24" is no number from 0 to 23`},
		"word as hour":         {rules, "cron(0 dummy ? * MON-FRI *)", "hours", 8, `"dummy" is no number from 0 to 23`},
		"step of an hour":      {rules, "cron(*/60 * * * ? *)", "minutes", 8, `the step "60" is no number from 1 to 59`},
		"step of zero":         {rules, "cron(0/0 * * * ? *)", "minutes", 8, `the step "0" is no number from 1`},
		"step missing":         {rules, "cron(0/ * * * ? *)", "minutes", 8, `the step "" is no number`},
		"two steps":            {rules, "cron(0/5/5 * * * ? *)", "minutes", 8, `the step "5/5" is no number`},
		"start missing":        {rules, "cron(/5 * * * ? *)", "minutes", 6, "a value is missing"},
		"item missing":         {rules, "cron(0,,5 * * * ? *)", "minutes", 8, "a value is missing"},
		"comma at the end":     {rules, "cron(0/5, 9 * * ? *)", "minutes", 10, "a value is missing"},
		"range without an end": {rules, "cron(5- * * * ? *)", "minutes", 8, "a value is missing"},
		"range of three":       {rules, "cron(1-2-3 * * * ? *)", "minutes", 8, `"2-3" is no number`},
		"question as minute":   {rules, "cron(? * * * ? *)", "minutes", 6, "? stands alone, and only in day-of-month or day-of-week"},
		"question with a step": {rules, "cron(0 0 ?/2 * ? *)", "day-of-month", 10, "? stands alone"},
		"question as year":     {rules, "cron(0 0 * * ? ?)", "year", 16, "? stands alone"},
		"number beyond ints":   {rules, "cron(99999999999999999999 0 * * ? *)", "minutes", 6, "is no number from 0 to 59"},
		"other digits":         {rules, "cron(٣ 0 * * ? *)", "minutes", 6, `"٣" is no number`},
		"column in characters": {rules, "cron(5,٣,61 0 * * ? *)", "minutes", 8, `"٣" is no number`},
		"day 0":                {rules, "cron(0 0 0 * ? *)", "day-of-month", 10, `"0" is no number from 1 to 31`},
		"day by name":          {rules, "cron(0 0 MON-WED * ? *)", "day-of-month", 10, `"MON" is no number from 1 to 31`},
		"L in a list":          {rules, "cron(0 0 1,L * ? *)", "day-of-month", 10, "L and W cannot stand in a list"},
		"W in a list":          {rules, "cron(0 0 1W,15W * ? *)", "day-of-month", 10, "L and W cannot stand in a list"},
		"W of a range":         {rules, "cron(0 0 1-5W * ? *)", "day-of-month", 10, `W stands after one day of the month: "1-5"`},
		"W alone":              {rules, "cron(0 0 W * ? *)", "day-of-month", 10, "W stands after one day of the month"},
		"32W":                  {rules, "cron(0 0 32W * ? *)", "day-of-month", 10, `"32" is no number from 1 to 31`},
		"L-31":                 {rules, "cron(0 0 L-31 * ? *)", "day-of-month", 12, `"31" is no number of days from 0 to 30`},
		"L with a step":        {rules, "cron(0 0 L/2 * ? *)", "day-of-month", 10, `"L/2" is not L or L-n`},
		"# in day-of-month":    {rules, "cron(0 0 1#2 * ? *)", "day-of-month", 10, `"1#2" is no number`},
		"month 13":             {rules, "cron(0 0 1 13 ? *)", "month", 12, `"13" is no number from 1 to 12; write 1-12 or JAN-DEC`},
		"month by full name":   {rules, "cron(0 0 1 MARCH ? *)", "month", 12, `"MARCH" is no number from 1 to 12 and no name; write 1-12 or JAN-DEC`},
		"L as month":           {rules, "cron(0 0 1 L ? *)", "month", 12, `"L" is no number`},
		"both days any":        {rules, "cron(0 1 * * * *)", "day-of-week", 14, "both given; write ? in the one that does not matter"},
		"both days given":      {rules, "cron(7 20 * * NOT *)", "day-of-week", 15, "both given"},
		"both days ?":          {rules, "cron(0 1 ? * ? *)", "day-of-week", 14, "both ?; write * in one"},
		"weekday 0":            {rules, "cron(0 0 ? * 0 *)", "day-of-week", 14, `"0" is no number from 1 to 7; write 1-7 or SUN-SAT (1 is Sunday)`},
		"weekday 8":            {rules, "cron(0 0 ? * 8 *)", "day-of-week", 14, `"8" is no number from 1 to 7`},
		"no such weekday":      {rules, "cron(0 0 ? * NOT *)", "day-of-week", 14, `"NOT" is no number from 1 to 7 and no name`},
		"W in day-of-week":     {rules, "cron(0 0 ? * 3W *)", "day-of-week", 14, `"3W" is no number`},
		"two nth weekdays":     {rules, "cron(0 0 ? * 3#1,6#3 *)", "day-of-week", 14, "# and L cannot stand in a list"},
		"L in a weekday list":  {rules, "cron(0 0 ? * FRIL,MON *)", "day-of-week", 14, "# and L cannot stand in a list"},
		"L of a weekday range": {rules, "cron(0 0 ? * 2-6L *)", "day-of-week", 14, `"2-6" is no number`},
		"sixth Tuesday":        {rules, "cron(0 0 ? * TUE#6 *)", "day-of-week", 18, `"6" is no number from 1 to 5`},
		"zeroth Tuesday":       {rules, "cron(0 0 ? * TUE#0 *)", "day-of-week", 18, `"0" is no number from 1 to 5`},
		"# without a number":   {rules, "cron(0 0 ? * 3# *)", "day-of-week", 16, `"" is no number from 1 to 5`},
		"weekday step 8":       {rules, "cron(0 0 ? * 1/8 *)", "day-of-week", 16, `the step "8" is no number from 1 to 7`},
		"year 1969":            {rules, "cron(0 0 1 1 ? 1969)", "year", 16, `"1969" is no number from 1970 to 2199`},
		"year 2200":            {rules, "cron(0 0 1 1 ? 2200)", "year", 16, `"2200" is no number from 1970 to 2199`},
		"years backwards":      {rules, "cron(0 0 1 1 ? 2030-2020)", "year", 16, `the range "2030-2020" ends before it begins`},
		"first fault is told":  {rules, "cron(0 24 32 13 ? 1)", "hours", 8, `"24"`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := schedule.Parse(c.dialect, c.expr)
			var e *schedule.Error
			if s != nil || !errors.As(err, &e) {
				t.Fatalf("%s: accepted (%v)", c.expr, err)
			}
			if e.Field != c.field || e.Column != c.column || !strings.Contains(e.Error(), c.says) || e.Hint == "" {
				t.Errorf("%s: %v\nwant %s, column %d: ...%s...", c.expr, e, c.field, c.column, c.says)
			}
		})
	}
}
