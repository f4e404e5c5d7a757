package estate_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/cmd/everqual/estate"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/collect/awsresource"
)

// observed are the estate's resources after a phase, by type and name.
func observed(t *testing.T, p estate.Phase) map[string]everqual.Observation {
	t.Helper()
	c := collect.New(awsresource.OpenReplay(p.Exchanges), func() time.Time { return p.End })
	all := map[string]everqual.Observation{}
	for _, r := range p.Resources {
		o, _, raw, err := c.Observe(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(raw), "not-the-real-one") {
			t.Errorf("%s: a secret survived in %s", r.ID, p.Name)
		}
		all[strings.TrimPrefix(r.Type, "AWS::")+" "+o.Name] = o
	}
	return all
}

func phases(t *testing.T) []estate.Phase {
	t.Helper()
	all, err := estate.Phases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Each phase changes what it says, and nothing else.
func TestPhasesTellTheStory(t *testing.T) {
	changed := map[string]map[string]bool{
		"instance-type":       {"EC2::Instance lims-app-1": true},
		"deletion-protection": {"RDS::DBInstance lims-db": true},
		"security-group":      {"EC2::SecurityGroup lims-db": true},
		"tag-removal":         {"EC2::Instance lims-app-2": true},
	}
	var before map[string]everqual.Observation
	for _, p := range phases(t) {
		now := observed(t, p)
		for name, o := range now {
			if o.State != everqual.Present || o.Tags["System"] != "LIMS" && p.Name != "access-denied" {
				t.Errorf("%s: %s is %s with tags %v", p.Name, name, o.State, o.Tags)
			}
			denied := p.Name == "access-denied" && strings.HasPrefix(name, "KMS::Key")
			if denied != (len(o.Unread) > 0) {
				t.Errorf("%s: unread of %s is %+v", p.Name, name, o.Unread)
			}
			old, known := before[name]
			if before != nil && !denied && (!known || (old.Digest != o.Digest) != changed[p.Name][name]) {
				t.Errorf("%s: %s: changed is %v", p.Name, name, old.Digest != o.Digest)
			}
		}
		before = now
	}
}

func TestTheChangesAreThere(t *testing.T) {
	all := phases(t)
	at := func(phase int, name string) everqual.Attributes { return observed(t, all[phase])[name].Attributes }
	for _, c := range []struct {
		phase      int
		name, path string
		want       any
	}{
		{0, "EC2::Instance lims-app-1", "InstanceType", "m5.large"},
		{1, "EC2::Instance lims-app-1", "InstanceType", "m5.xlarge"},
		{0, "RDS::DBInstance lims-db", "DeletionProtection", true},
		{2, "RDS::DBInstance lims-db", "DeletionProtection", false},
	} {
		if got := at(c.phase, c.name)[c.path]; got != c.want {
			t.Errorf("%s of %s after %s is %v, want %v", c.path, c.name, all[c.phase].Name, got, c.want)
		}
	}
	opened, err := json.Marshal(at(3, "EC2::SecurityGroup lims-db")["IpPermissions"])
	if err != nil || !strings.Contains(string(opened), "0.0.0.0/0") {
		t.Errorf("the group is %s, %v", opened, err)
	}
	if _, still := observed(t, all[4])["EC2::Instance lims-app-2"].Tags["Role"]; still {
		t.Error("the tag is still there")
	}
	for name, o := range observed(t, all[5]) {
		if strings.HasPrefix(name, "KMS") && (o.Unread[0].Reason != everqual.Denied || o.Unread[0].Path != "") {
			t.Errorf("%s: unread is %+v", name, o.Unread)
		}
	}
}

// The events are what CloudTrail writes: readable, in order, before the
// observation, and with ids of their own but for the one delivered twice.
func TestEvents(t *testing.T) {
	ids, repeated := map[string]bool{}, 0
	last := time.Time{}
	for _, p := range phases(t) {
		var log struct {
			Records []struct {
				EventID, EventName, EventSource, AwsRegion, RecipientAccountID string
				EventTime                                                      time.Time
				UserIdentity                                                   struct{ Type, Arn string }
			}
		}
		if err := json.Unmarshal(p.Events, &log); err != nil || len(log.Records) == 0 {
			t.Fatalf("%s: %v", p.Name, err)
		}
		for _, r := range log.Records {
			if r.EventTime.Before(last) || !r.EventTime.Before(p.End) {
				t.Errorf("%s: %s at %s is out of order", p.Name, r.EventName, r.EventTime)
			}
			if r.RecipientAccountID != estate.Account || r.UserIdentity.Arn == "" || r.AwsRegion == "" || !strings.HasSuffix(r.EventSource, ".amazonaws.com") {
				t.Errorf("%s: %+v", p.Name, r)
			}
			if last = r.EventTime; ids[r.EventID] {
				repeated++
			}
			ids[r.EventID] = true
		}
		if strings.Contains(string(p.Events), "not-the-real-one") {
			t.Errorf("%s: the events hold a secret", p.Name)
		}
	}
	if repeated != 1 {
		t.Errorf("%d events are delivered twice, want 1", repeated)
	}
}
