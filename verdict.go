package everqual

import "time"

// Outcome is the result of one test case on one record.
type Outcome string

const (
	Pass          Outcome = "PASS"
	Fail          Outcome = "FAIL"
	NotEvaluated  Outcome = "NOT EVALUATED" // could not be read or compared: never PASS
	NotApplicable Outcome = "NOT APPLICABLE"
)

// Verdict is one test case on one record. It always carries expected and
// actual, also when it passes.
type Verdict struct {
	TestCase     string   `json:"test_case"`
	Title        string   `json:"title"`
	Risk         string   `json:"risk,omitempty"`
	Rationale    string   `json:"rationale,omitempty"`
	Requirements []string `json:"requirements,omitempty"`
	Controls     []string `json:"controls,omitempty"`
	Attribute    string   `json:"attribute"`
	Expected     string   `json:"expected"` // in words: "at least 7", `one of "a", "b"`
	Actual       string   `json:"actual"`   // the value as compact JSON, "" when none could be read
	Outcome      Outcome  `json:"outcome"`
	// Reason is the typed reason of NOT EVALUATED; Detail says it in words,
	// and names the element that failed in a list.
	Reason Reason `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// Assessment is all verdicts for one record and one specification version.
type Assessment struct {
	System        string           `json:"system"`
	Resource      Resource         `json:"resource"`
	Version       int              `json:"version"`     // of the observation
	Observation   Digest           `json:"observation"` // digest of the observed state
	Evidence      Digest           `json:"evidence"`
	CollectedAt   time.Time        `json:"collected_at"`
	Specification SpecificationRef `json:"specification"`
	Verdicts      []Verdict        `json:"verdicts"`
	AssessedAt    time.Time        `json:"assessed_at"`
}

// Counts counts verdicts by outcome. Total is the sum of the others.
type Counts struct {
	Total         int `json:"total"`
	Pass          int `json:"pass"`
	Fail          int `json:"fail"`
	NotEvaluated  int `json:"not_evaluated"`
	NotApplicable int `json:"not_applicable"`
}

// Add counts one outcome. An outcome that is none of the four counts as not
// evaluated.
func (c *Counts) Add(o Outcome) {
	c.Total++
	switch o {
	case Pass:
		c.Pass++
	case Fail:
		c.Fail++
	case NotApplicable:
		c.NotApplicable++
	default:
		c.NotEvaluated++
	}
}

// Counts counts the assessment's verdicts.
func (a Assessment) Counts() (c Counts) {
	for _, v := range a.Verdicts {
		c.Add(v.Outcome)
	}
	return c
}
