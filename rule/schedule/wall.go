package schedule

import "time"

// A wall time is what a clock on the wall shows, held as a time.Time in UTC so
// that it can be counted on without the jumps of a zone.

// wallOf is what the clock in loc shows at t, in whole minutes.
func wallOf(t time.Time, loc *time.Location) time.Time {
	t = t.In(loc)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)
}

// instant is the first moment at which the clock in loc shows the wall time. It
// is false for a time that the clock skips. So a schedule leaves out a time
// that spring skips, and fires once, at the first, where autumn shows a time
// twice (Scheduler user guide, "Daylight savings time").
func instant(wall time.Time, loc *time.Location) (time.Time, bool) {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, loc)
	if !shows(t, wall) { // Date moves a skipped time
		return time.Time{}, false
	}
	// Of two showings Date gives either. The first is under the offset that
	// was in force before.
	if start, _ := t.ZoneBounds(); !start.IsZero() {
		_, offset := start.Add(-time.Second).Zone()
		if before := time.Unix(wall.Unix()-int64(offset), 0).In(loc); before.Before(t) && shows(before, wall) {
			return before, true
		}
	}
	return t, true
}

// shows tells whether the clock shows the wall time at t.
func shows(t, wall time.Time) bool {
	_, offset := t.Zone()
	return t.Unix()+int64(offset) == wall.Unix()
}
