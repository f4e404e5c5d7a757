package verify

import (
	"fmt"

	"github.com/everqual/everqual"
)

// moves are what records say of the ledger's moves from home to home, by how many
// records had moved.
type moves struct {
	*Result
	said map[uint64][]move
}

type move struct {
	place Finding
	everqual.Migration
}

func newMoves(r *Result) *moves { return &moves{r, map[uint64][]move{}} }

// take reads a record of a move, which can only speak of records before it.
func (m *moves) take(place Finding, sequence uint64, kind everqual.Kind, body []byte) {
	if kind != everqual.KindMigration && kind != everqual.KindMoved {
		return
	}
	var said everqual.Migration
	if err := decode(body, &said); err != nil {
		m.wrong(place, "it is no migration: %v", err)
		return
	}
	if said.Records == 0 || said.Records >= sequence {
		m.wrong(place, "it speaks of %d records that moved, and is record %d itself", said.Records, sequence)
		return
	}
	m.said[said.Records] = append(m.said[said.Records], move{place, said})
}

func (m *moves) wrong(place Finding, format string, args ...any) {
	place.Message = fmt.Sprintf(format, args...)
	m.Find(place)
}

// at compares what moved with the first size records; head is the hash of the last of
// them, "" where it is not known.
func (m *moves) at(size uint64, t *tree, head everqual.Digest) error {
	if len(m.said[size]) == 0 {
		return nil
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	for _, s := range m.said[size] {
		if s.Root != root || head != "" && s.Head != head {
			m.wrong(s.place, "the %d records that moved from %s to %s are others than the first %[1]d that are here", size, s.From.Name, s.To.Name)
		}
	}
	return nil
}
