package intake_test

import (
	"cmp"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/everqual/everqual/intake"
)

// reference returns a folder of the reference data, which is not part of the
// project, and skips the test where it is absent.
func reference(t *testing.T, name string) string {
	t.Helper()
	root, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil || filepath.Dir(root) == root {
			break
		}
		root = filepath.Dir(root)
	}
	dir := filepath.Join(cmp.Or(os.Getenv("EVERQUAL_SHARED"), filepath.Join(root, "..", "shared")), name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no reference data at %s: set EVERQUAL_SHARED to the folder that holds them", dir)
	}
	return dir
}

// TestRealTrail reads the log files of a real account.
func TestRealTrail(t *testing.T) {
	var r intake.Reader
	ids := map[string]bool{}
	mutating, failed := 0, 0
	for item := range r.Walk(context.Background(), reference(t, "data/cloudtrail/invictus"), nil) {
		e := item.Event
		if item.Err != nil {
			t.Errorf("%+v: %v", item.Place, item.Err)
			continue
		}
		ids[e.ID] = true
		if !e.ReadOnly {
			mutating++
			if e.ErrorCode != "" {
				failed++
			}
		}
		if e.Actor.Name == "" || e.Account == "" || e.Region == "" || !json.Valid(e.Envelope) {
			t.Errorf("%+v: incomplete: %+v", item.Place, e)
		}
	}
	if len(ids) != 2900 || mutating != 574 || failed != 94 || r.Files().Read != 55 {
		t.Errorf("%d events, %d mutating, %d of them failed, in %d files; want 2900, 574, 94, 55",
			len(ids), mutating, failed, r.Files().Read)
	}
}

// TestRealEnvelopes reads events as they were delivered; six of the files hold
// a bare CloudTrail record.
func TestRealEnvelopes(t *testing.T) {
	var r intake.Reader
	sources, names := map[string]int{}, map[string]int{}
	for item := range r.Walk(context.Background(), reference(t, "data/events"), nil) {
		if item.Err != nil {
			t.Errorf("%+v: %v", item.Place, item.Err)
		}
		sources[item.Event.Source]++
		names[item.Event.Name]++
	}
	if sources["eventbridge"] != 10 || sources["cloudtrail"] != 6 {
		t.Errorf("events by source: %v", sources)
	}
	for _, name := range []string{"RunInstances", "Scheduled Event", "AWS Health Event", "Config Configuration Item Change", "Security Hub Insight Results"} {
		if names[name] != 1 {
			t.Errorf("%d events %s", names[name], name)
		}
	}
}
