// Package estate is the sample estate of the demonstration: a small LIMS in
// one account, as CloudTrail events and as recorded API replies, phase by
// phase. The replies were recorded by the ordinary collectors from an
// AWS-compatible server that was driven with the AWS SDK; record_test.go makes
// them anew.
package estate

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/everqual/everqual"
)

//go:embed data
var data embed.FS

// Account and Region are where the estate stands.
const (
	Account = "111122223333"
	Region  = "eu-central-1"
)

// Phase is one chapter of the story.
type Phase struct {
	Name  string
	Title string
	// Events is a CloudTrail log file: {"Records":[...]}.
	Events []byte
	// Resources is the whole estate.
	Resources []everqual.Resource
	// Exchanges hold the API traffic of observing every resource of the estate
	// after the phase's events.
	Exchanges []everqual.Exchange
	// End is when they were observed, a few minutes after the last event.
	End time.Time
}

// phases lists the chapters in order.
var phases = []struct{ name, title string }{
	{"deploy", "The LIMS is deployed by the pipeline"},
	{"instance-type", "An engineer changes the instance type of an application server"},
	{"deletion-protection", "The database loses its deletion protection"},
	{"security-group", "The database port is opened to the internet"},
	{"tag-removal", "An application server loses its Role tag"},
	{"access-denied", "A new key policy locks the collector out"},
}

// file is a recording as it is stored, compressed.
type file struct {
	End       time.Time           `json:"end"`
	Resources []everqual.Resource `json:"resources"`
	Exchanges []everqual.Exchange `json:"exchanges"`
}

// Phases returns the whole story.
func Phases() ([]Phase, error) {
	var all []Phase
	for i, p := range phases {
		base := fmt.Sprintf("data/%d-%s", i+1, p.name)
		events, err := data.ReadFile(base + ".events.json")
		if err != nil {
			return nil, fmt.Errorf("read the sample estate: %w", err)
		}
		recording, err := read(base + ".exchanges.json.gz")
		if err != nil {
			return nil, fmt.Errorf("read the sample estate: %s: %w", base, err)
		}
		all = append(all, Phase{
			Name: p.name, Title: p.title, Events: events,
			Resources: recording.Resources, Exchanges: recording.Exchanges, End: recording.End,
		})
	}
	return all, nil
}

func read(name string) (file, error) {
	var f file
	packed, err := data.ReadFile(name)
	if err != nil {
		return f, err
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return f, err
	}
	return f, json.NewDecoder(unpacked).Decode(&f)
}
