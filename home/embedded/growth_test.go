package embedded_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/home/embedded"
	"github.com/everqual/everqual/ledger"
)

// growing is a home whose ledger grows as in life: of ten records four are events,
// two are versions, three are confirmations and one is an assessment. A hundred
// resources are a system, and each has a hundred records.
type growing struct {
	*testing.B
	*flow.Corridor
	records int
	blocks  int // of a system each
	asked   int
}

// BenchmarkGrowth asks the same of a ledger when it has ten thousand records and ten
// times as many, up to a million, or EVERQUAL_GROWTH.
func BenchmarkGrowth(b *testing.B) {
	h := open(b, b.TempDir(), embedded.Options{})
	g := &growing{B: b, Corridor: &flow.Corridor{Home: h}}
	most := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("EVERQUAL_GROWTH")); err == nil {
		most = n
	}
	for size := 10_000; size <= most; size *= 10 {
		g.grow(size)
		for _, ask := range []struct {
			name string
			do   func(g *growing) error
		}{
			{"append an event", (*growing).event}, {"observe a version", (*growing).observe},
			{"members", (*growing).members}, {"as-of", (*growing).asOf}, {"history", (*growing).history},
		} {
			b.Run(fmt.Sprintf("records=%d/%s", size, ask.name), func(b *testing.B) {
				for b.Loop() {
					if err := ask.do(g); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

const aSystem = 100 // resources

func (g *growing) resource(n int) everqual.Resource {
	return everqual.Resource{
		ID:   everqual.ResourceID(fmt.Sprintf("arn:aws:ec2:eu-central-1:111122223333:instance/i-%016x", n)),
		Type: "AWS::EC2::Instance", Account: "111122223333", Region: "eu-central-1",
	}
}

// block is another one each time, so that not always the same pages are at hand.
func (g *growing) block() int {
	g.asked++
	return g.asked * 7919 % g.blocks
}

func (g *growing) system() everqual.System {
	id := fmt.Sprint("S", g.block())
	return everqual.System{ID: id, Scope: everqual.Selector{Tags: map[string]everqual.Values{"System": {id}, "Stage": {"production"}}}}
}

func (g *growing) observation(resource, version int) everqual.Observation {
	return everqual.Observation{
		Resource: g.resource(resource), Version: version, State: everqual.Present, Name: fmt.Sprint("host ", resource),
		Tags:       map[string]string{"System": fmt.Sprint("S", resource/aSystem), "Stage": "production", "Name": fmt.Sprint("host ", resource)},
		Attributes: everqual.Attributes{"Text": strings.Repeat("0123456789", 100)},
		Digest:     everqual.DigestOf([]byte(fmt.Sprint(resource, version))), CollectedAt: grown.Add(time.Duration(g.records) * time.Second),
	}
}

// grow appends until there are as many records, and then little, so that no work is
// left that much appending put off.
func (g *growing) grow(size int) {
	g.Helper()
	for g.blocks = size / (100 * aSystem); g.records < size; {
		var batch []ledger.Entry
		for range 1_000 {
			batch = append(batch, g.next())
			g.records++
		}
		if _, _, err := g.Ledger.Append(g.Context(), batch...); err != nil {
			g.Fatal(err)
		}
	}
	for range 10 {
		if err := g.event(); err != nil {
			g.Fatal(err)
		}
	}
}

// next is the record that follows: block by block of a hundred resources, each of
// which gets ten of each ten turns.
func (g *growing) next() ledger.Entry {
	block, within := g.records/(100*aSystem), g.records%(100*aSystem)
	resource, turn := block*aSystem+within/10%aSystem, within/(10*aSystem)
	id := string(g.resource(resource).ID)
	switch kind := within % 10; kind {
	case 0, 5:
		o := g.observation(resource, 2*turn+1+kind/5)
		subjects := []string{id}
		if o.Version == 1 {
			for k, v := range o.Tags {
				subjects = append(subjects, ledger.TagSubject(k, v))
			}
		}
		return ledger.Entry{Kind: everqual.KindObservation, Key: fmt.Sprintf("observation:%s:v%d", id, o.Version), Subjects: subjects, Body: o}
	case 1, 3, 7:
		o := g.observation(resource, 2*turn+1+kind/5)
		return ledger.Entry{Kind: everqual.KindConfirmation, Key: fmt.Sprint("confirmation:", id, g.records), Subjects: []string{id},
			Body: everqual.Confirmation{Resource: o.Resource, Version: o.Version, Observation: o.Digest, CollectedAt: o.CollectedAt}}
	case 9:
		a := everqual.Assessment{Resource: g.resource(resource), Version: 2*turn + 2, System: fmt.Sprint("S", resource/aSystem), Specification: everqual.SpecificationRef{ID: "APP", Version: "1"}}
		subjects := []string{id, ledger.AssessmentSubject(a.Resource.ID, "APP")}
		if turn == 0 {
			subjects = append(subjects, ledger.AssessedSubject(a.System))
		}
		return ledger.Entry{Kind: everqual.KindAssessment, Key: fmt.Sprint("assessment:", id, turn), Subjects: subjects, Body: a}
	}
	return g.received(g.records, id)
}

func (g *growing) received(n int, id string) ledger.Entry {
	e := everqual.ReceivedEvent{ChangeEvent: everqual.ChangeEvent{
		ID: string(everqual.DigestOf([]byte(fmt.Sprint(id, n))))[7:43], Source: "cloudtrail", Service: "ec2.amazonaws.com", Name: "ModifyInstanceAttribute",
		Time: grown.Add(time.Duration(g.records) * time.Second), Envelope: []byte(`{"text":"` + strings.Repeat("0123456789", 100) + `"}`),
	}}
	return ledger.Entry{Kind: everqual.KindChangeEvent, Key: "event:" + e.ID, Subjects: []string{id, e.ID}, Body: e}
}

var grown = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func (g *growing) event() error {
	g.asked++
	_, _, err := g.Ledger.Append(g.Context(), g.received(g.asked, "new"))
	return err
}

func (g *growing) observe() error {
	g.asked++
	_, err := g.Ledger.Observe(g.Context(), g.observation(1_000_000_000+g.asked%97, g.asked))
	return err
}

func (g *growing) members() error {
	m, err := g.Members(g.Context(), g.system())
	if err == nil && len(m) != aSystem {
		err = fmt.Errorf("the system has %d members", len(m))
	}
	return err
}

func (g *growing) asOf() error {
	a, err := g.AsOf(g.Context(), g.system(), time.Now(), time.Time{})
	if err == nil && len(a.Resources) != aSystem {
		err = fmt.Errorf("the system had %d resources", len(a.Resources))
	}
	return err
}

func (g *growing) history() error {
	n := 0
	for _, err := range g.Ledger.Records(g.Context(), ledger.Query{Subject: string(g.resource(g.block() * aSystem).ID)}) {
		if err != nil {
			return err
		}
		n++
	}
	if n != 100 {
		return fmt.Errorf("%d records", n)
	}
	return nil
}
