package assess

import (
	"regexp"
	"strconv"
	"time"

	"github.com/everqual/everqual"
)

// maxSkew is how far AWS's clock may be ahead of ours.
const maxSkew = 5 * time.Minute

// age compares how long a time lies before the collection. It is measured to
// the collection and not to now, so that the same record always gives the same
// verdict.
func age(name string) operator {
	return func(c checker, operand, value any) finding {
		s, _ := operand.(string)
		limit, ok := parseDuration(s)
		if !ok {
			return badOperand(name, operand)
		}
		t, ok := timeOf(value)
		if !ok {
			return mistyped("a time (RFC 3339)", value)
		}
		if c.collectedAt.IsZero() {
			return unsure(everqual.Invalid, "the observation does not say when it was collected")
		}
		old := c.collectedAt.Sub(t)
		if old < -maxSkew {
			return unsure(everqual.Invalid, "the time lies after the collection (%s)", c.collectedAt.UTC().Format(time.RFC3339))
		}
		f := answer(old > limit)
		if name == "younger_than" {
			f = answer(old < limit)
		}
		if f.is == no {
			f.detail = "at the collection (" + c.collectedAt.UTC().Format(time.RFC3339) + ") it was " + spell(old) + " old"
		}
		return f
	}
}

// timeOf reads RFC 3339, with or without a time.
func timeOf(v any) (time.Time, bool) {
	s, _ := v.(string)
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil
}

// parseDuration reads numbers with the units w, d, h, m and s; a day has 24
// hours.
func parseDuration(s string) (time.Duration, bool) {
	const form = `([0-9]{1,6})([wdhms])`
	if !regexp.MustCompile(`\A(?:` + form + `){1,5}\z`).MatchString(s) {
		return 0, false
	}
	var sum float64
	for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(s, -1) {
		n, _ := strconv.Atoi(m[1])
		unit := map[string]time.Duration{
			"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second,
		}[m[2]]
		sum += float64(n) * float64(unit)
	}
	return time.Duration(min(sum, float64(1<<62))), true
}

func spell(d time.Duration) string {
	if days := int(d / (24 * time.Hour)); days > 0 {
		return strconv.Itoa(days) + " days"
	}
	return max(d, 0).Truncate(time.Second).String()
}
