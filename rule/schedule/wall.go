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
func instant(wall time.Time, loc *time.Location) (first time.Time, ok bool) {
	near := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, loc)
	start, end := near.ZoneBounds()
	probes := []time.Time{near} // one moment under each offset that is in question
	if !start.IsZero() {
		probes = append(probes, start.Add(-time.Second))
	}
	if !end.IsZero() {
		probes = append(probes, end)
	}
	for _, probe := range probes {
		_, offset := probe.In(loc).Zone()
		t := time.Unix(wall.Unix()-int64(offset), 0).In(loc)
		if _, real := t.Zone(); real == offset && (!ok || t.Before(first)) {
			first, ok = t, true
		}
	}
	return first, ok
}
