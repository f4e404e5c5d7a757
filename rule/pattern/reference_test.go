package pattern_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/everqual/everqual/rule/pattern"
	"github.com/everqual/everqual/rule/syntax"
)

func TestPatternReference(t *testing.T) {
	for _, c := range patternCases(t, "conformance.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			p, err := pattern.Parse([]byte(c.Pattern))
			if err != nil {
				t.Fatalf("parse %s: %v", c.Pattern, err)
			}
			got, err := p.Match([]byte(c.Event))
			if err != nil {
				t.Fatalf("match %s: %v", c.Event, err)
			}
			if got != c.Match {
				t.Errorf("pattern %s\nevent %s\ngot %v, want %v", c.Pattern, c.Event, got, c.Match)
			}
		})
	}
}

func TestPatternReferenceInvalid(t *testing.T) {
	for _, c := range patternCases(t, "invalid.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			_, err := pattern.Parse([]byte(c.Pattern))
			var e *syntax.Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Problem == "" {
				t.Errorf("pattern %s\n(%s)\ngot error %v", c.Pattern, c.Why, err)
			}
		})
	}
}

// likeAWS are quirks where a saner result would make a pattern select other
// events here than in AWS, and where the reference cases ask for AWS's result:
// a number that a 64-bit float does not hold is opaque, and only the case of
// the pattern's own character counts.
const likeAWS = " numeric-overprecise numeric-2p53+1 exact-1e400-vs-1E400 eic-kelvin "

func TestPatternReferenceQuirks(t *testing.T) {
	for _, c := range patternCases(t, "quirks.jsonl") {
		t.Run(c.ID, func(t *testing.T) {
			p, err := pattern.Parse([]byte(c.Pattern))
			if strings.HasPrefix(c.ID, "pattern-trailing") {
				if err == nil {
					t.Error("text after the pattern was accepted")
				}
				return
			}
			if err != nil {
				t.Fatalf("parse %s: %v", c.Pattern, err)
			}
			got, err := p.Match([]byte(c.Event))
			if strings.HasPrefix(c.ID, "event-trailing") {
				if err == nil {
					t.Error("text after the event was accepted")
				}
				return
			}
			if err != nil {
				t.Fatalf("match %s: %v", c.Event, err)
			}
			want := true // duplicate keys of an event all count
			if c.Sensible != nil {
				want = *c.Sensible != strings.Contains(likeAWS, " "+c.ID+" ")
			}
			if got != want {
				t.Errorf("pattern %s\nevent %s\ngot %v, want %v", c.Pattern, c.Event, got, want)
			}
		})
	}
}
