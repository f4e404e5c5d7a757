package verify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/verify"
)

// What a record says of a move is held against the ledger, in a home and in a bundle.
func TestMoves(t *testing.T) {
	for name, c := range map[string]struct {
		change func(m *everqual.Migration)
		home   string // what is found
		bundle string
	}{
		"right":        {func(*everqual.Migration) {}, "", ""},
		"another root": {func(m *everqual.Migration) { m.Root = everqual.DigestOf(nil) }, "the 8 records that moved from a to b are others", "are others than the first 8"},
		"another head": {func(m *everqual.Migration) { m.Head = everqual.DigestOf(nil) }, "are others than the first 8", "are others than the first 8"},
		"another size": {func(m *everqual.Migration) { m.Records = 7 }, "are others than the first 7", "are others than the first 7"},
		"itself":       {func(m *everqual.Migration) { m.Records = 9 }, "it speaks of 9 records that moved, and is record 9", "it speaks of 9 records"},
		"nothing":      {func(m *everqual.Migration) { m.Records = 0 }, "it speaks of 0 records", "it speaks of 0 records"},
	} {
		for _, kind := range []everqual.Kind{everqual.KindMigration, everqual.KindMoved} {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				s := newScene(t)
				head, err := s.ledger.Head(t.Context())
				s.ok(err)
				root, err := s.ledger.Root(t.Context(), head.Sequence)
				s.ok(err)
				m := everqual.Migration{From: everqual.HomeRef{Name: "a"}, To: everqual.HomeRef{Name: "b"}, Records: head.Sequence, Head: head.Hash, Root: root}
				c.change(&m)
				_, _, err = s.ledger.Append(t.Context(), ledger.Entry{Kind: kind, Key: "moved", Body: m})
				s.ok(err)
				s.sign()
				for want, r := range map[*string]*verify.Result{&c.home: s.home(s.trust()), &c.bundle: s.bundle(false, s.trust())} {
					if *want == "" && !r.OK() || *want != "" && !slices.ContainsFunc(r.Findings, func(f verify.Finding) bool { return f.Record == 9 && strings.Contains(f.Message, *want) }) {
						t.Errorf("found %v, want %q of record 9", r.Findings, *want)
					}
				}
			})
		}
	}
}
