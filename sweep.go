package everqual

import "time"

// Found is a resource in the scope of a sweep, or a place where none could be
// looked for.
type Found struct {
	Resource Resource
	// Unlisted is set instead of Resource.
	Unlisted *Unlisted
}

// Unlisted says where resources could not be listed, and why: how many there
// are is not known.
type Unlisted struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Type    string `json:"type,omitempty"`   // "" means any type
	Source  string `json:"source,omitempty"` // of the listing, where it is none of types: a stack, a state file
	Unread
}

// SweepAccount accounts for one sweep: every resource in scope is in exactly one
// column of exactly one row.
type SweepAccount struct {
	Scope   string     `json:"scope"`
	Started time.Time  `json:"started"`
	Ended   time.Time  `json:"ended,omitzero"` // zero while it goes on
	Rows    []Coverage `json:"rows,omitempty"` // sorted by account, region, type
	// Unlisted places are part of no row.
	Unlisted []Unlisted `json:"unlisted,omitempty"`
}

// Coverage is a row of a sweep's account. Expected is the sum of the columns
// from Collected to Unsupported.
type Coverage struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	Type    string `json:"type"`

	Expected    int `json:"expected"`
	Collected   int `json:"collected"` // read, at least in part
	Gone        int `json:"gone"`      // deleted between the listing and the reading
	Denied      int `json:"denied"`
	Failed      int `json:"failed"`
	Unsupported int `json:"unsupported"` // there is no collector

	Partly int `json:"partly"` // of the collected, those with something unread
}

// Add puts the columns of another row to this one.
func (c *Coverage) Add(o Coverage) {
	c.Expected += o.Expected
	c.Collected += o.Collected
	c.Gone += o.Gone
	c.Denied += o.Denied
	c.Failed += o.Failed
	c.Unsupported += o.Unsupported
	c.Partly += o.Partly
}
