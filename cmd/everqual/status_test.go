package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
)

// A version that was recorded and not judged, as when the program was killed in between,
// is not what was said of the one before.
func TestStatusOfWhatNobodyJudged(t *testing.T) {
	dir := t.TempDir()
	if out, err := program("demo", "--out", filepath.Join(dir, "out")); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	a := &app{home: filepath.Join(dir, "out", "home")}
	c, err := a.reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := c.Library.Systems()[0]
	before, err := statusOf(t.Context(), c, s)
	if err != nil {
		t.Fatal(err)
	}
	members, err := c.Members(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	unjudged := 0
	for _, m := range members {
		if len(m.Assessments) == 0 || m.State != everqual.Present || len(m.Unread) > 0 || strings.Contains(string(m.Resource.ID), "instance/") {
			continue
		}
		o := m.Observation
		o.Digest, o.CollectedAt = everqual.DigestOf([]byte(o.Resource.ID)), o.CollectedAt.Add(240*time.Hour)
		if _, err := c.Ledger.Observe(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		unjudged++
		break
	}
	now, err := statusOf(t.Context(), c, s)
	if err != nil || unjudged != 1 || now.Assessed != before.Assessed-1 || now.Verdicts.NotEvaluated <= before.Verdicts.NotEvaluated || now.Verdicts.Total != before.Verdicts.Total {
		t.Fatalf("%+v becomes %+v, %v", before.Verdicts, now.Verdicts, err)
	}
	said := 0
	for _, r := range now.Open {
		for _, v := range r.Verdicts {
			if strings.HasPrefix(v.Detail, "observed, not yet assessed") {
				said++
			}
		}
	}
	if said == 0 {
		t.Errorf("nothing says why: %+v", now.Open)
	}
	if err := c.Rejudge(t.Context()); err != nil {
		t.Fatal(err)
	}
	if now, err = statusOf(t.Context(), c, s); err != nil || now.Assessed != before.Assessed || now.Verdicts != before.Verdicts {
		t.Errorf("judged again, %+v becomes %+v, %v", before.Verdicts, now.Verdicts, err)
	}
}
