package everqual

import (
	"encoding/json"
	"time"
)

// System is a qualified system and the scope that names its resources.
type System struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	// Scope selects the system's resources, whether or not a specification
	// applies to them.
	Scope Selector `json:"scope"`
	// Report says when its IQ report is issued, besides on demand.
	Report Reporting `json:"report,omitzero"`
}

// Reporting says when a report is issued that nobody asked for: On is "change",
// after a change of a record or a verdict, or "", never.
type Reporting struct {
	On string `json:"on,omitempty"`
}

// OnChange tells whether every change is reported.
func (r Reporting) OnChange() bool { return r.On == "change" }

// Selector chooses resources. Every part that is set must hold; within a part
// one value is enough.
type Selector struct {
	Types    Values            `json:"type,omitempty"`
	Tags     map[string]Values `json:"tags,omitempty"` // the value "*" means any
	Accounts Values            `json:"account,omitempty"`
	Regions  Values            `json:"region,omitempty"`
}

// Values is written in JSON as one string or a list of strings.
type Values []string

// UnmarshalJSON accepts a string or a list of strings.
func (v *Values) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*v = Values{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(v))
}

// Selects tells whether the selector chooses the observed resource.
func (s Selector) Selects(o Observation) bool {
	if !s.Types.has(o.Resource.Type) || !s.Accounts.has(o.Resource.Account) || !s.Regions.has(o.Resource.Region) {
		return false
	}
	return len(s.MissingTags(o)) == 0
}

// MissingTags returns the tag keys of the selector that the resource does not
// carry with a wanted value.
func (s Selector) MissingTags(o Observation) []string {
	var missing []string
	for key, want := range s.Tags {
		if got, ok := o.Tags[key]; !ok || !want.has(got) {
			missing = append(missing, key)
		}
	}
	return missing
}

// has tells whether s is one of the values; no values allow all.
func (v Values) has(s string) bool {
	for _, x := range v {
		if x == s || x == "*" {
			return true
		}
	}
	return len(v) == 0
}

// Specification is the expected configuration of the resources it applies to:
// versioned and approved before it is executed (GAMP 5, Annex 11 §4).
type Specification struct {
	ID          string     `json:"id"`
	Version     string     `json:"version"`
	Title       string     `json:"title"`
	System      string     `json:"system"`
	Description string     `json:"description,omitempty"`
	Effective   Period     `json:"effective,omitzero"`
	Approval    Approval   `json:"approval,omitzero"`
	Applies     Selector   `json:"applies"`
	TestCases   []TestCase `json:"test_cases"`
	// Digest is over the bytes of the file as approved.
	Digest Digest `json:"-"`
	// Source is those bytes, and Path where they were read.
	Source []byte `json:"-"`
	Path   string `json:"-"`
}

// Period is half-open: From included, Until not. Zero times are unbounded.
type Period struct {
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Contains tells whether t lies in the period.
func (p Period) Contains(t time.Time) bool {
	return !t.Before(p.From) && (p.Until.IsZero() || t.Before(p.Until))
}

// Approval says who released the specification for use, and when.
type Approval struct {
	By   string    `json:"by,omitempty"`
	Role string    `json:"role,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// ApprovedAt tells whether the approval was given at or before t.
func (a Approval) ApprovedAt(t time.Time) bool {
	return a.By != "" && !a.At.IsZero() && !a.At.After(t)
}

// SpecificationRef names one version of a specification beyond doubt.
type SpecificationRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Digest  Digest `json:"digest"`
}

// Ref returns the reference to s.
func (s Specification) Ref() SpecificationRef {
	return SpecificationRef{ID: s.ID, Version: s.Version, Digest: s.Digest}
}

// TestCase is one expectation in a specification.
type TestCase struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Attribute is a JMESPath expression over the observed attributes, as in
	// `aws --query`.
	Attribute string      `json:"attribute"`
	Expect    Expectation `json:"expect"`
	// Quantifier says how many of a selected list's elements must satisfy the
	// expectation.
	Quantifier Quantifier `json:"quantifier,omitzero"`
	// Empty is the outcome when the expression selects an empty list; NOT
	// EVALUATED when unset.
	Empty        Outcome  `json:"empty,omitempty"`
	Risk         string   `json:"risk,omitempty"`
	Rationale    string   `json:"rationale,omitempty"`
	Requirements []string `json:"requirements,omitempty"`
	Controls     []string `json:"controls,omitempty"`
}
