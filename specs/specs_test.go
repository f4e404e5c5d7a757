package specs_test

import (
	"testing"
	"time"

	"github.com/everqual/everqual/specification"
	"github.com/everqual/everqual/specs"
)

// The shipped examples are without problems, approved, in force, and say of
// every test case why it is there.
func TestExamples(t *testing.T) {
	library, problems := specification.Load(specs.Files, "specs")
	for _, p := range problems {
		t.Error(p.Error())
	}
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	if n := len(library.InForce(now)); n < 10 || len(library.Systems()) != 1 {
		t.Errorf("%d specifications of %d systems are in force", n, len(library.Systems()))
	}
	seen := map[string]string{}
	for _, s := range library.Specifications() {
		if !s.Approval.ApprovedAt(s.Effective.From) {
			t.Errorf("%s is not approved before it is in force", s.ID)
		}
		for _, tc := range s.TestCases {
			if tc.Risk == "" || tc.Rationale == "" || len(tc.Requirements) == 0 || len(tc.Controls) == 0 {
				t.Errorf("%s lacks risk, rationale, requirement or control", tc.ID)
			}
			if other, ok := seen[tc.ID]; ok {
				t.Errorf("%s is in %s and %s", tc.ID, other, s.ID)
			}
			seen[tc.ID] = s.ID
		}
	}
}
