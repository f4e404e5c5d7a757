package report

import (
	"time"

	"github.com/everqual/everqual"
)

// stamp writes a time so that nobody can misread it: 2026-11-02 08:15:03 UTC.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "not recorded"
	}
	return t.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

// span writes a half-open period.
func span(p everqual.Period) string {
	from, until := "without beginning", "open-ended"
	if !p.From.IsZero() {
		from = "from " + stamp(p.From)
	}
	if !p.Until.IsZero() {
		until = "until before " + stamp(p.Until)
	}
	return from + ", " + until
}
