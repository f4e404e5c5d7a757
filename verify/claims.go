package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// claims are the roots that a ledger is said to have, by size: each is compared with
// the tree. By says who or what says it.
type claims struct {
	*Result
	said map[uint64][]claim
}

type claim struct {
	place Finding
	root  everqual.Digest
	by    string
}

// newClaims begins with the checkpoints that whoever verifies kept from earlier.
func newClaims(r *Result, t Trust) *claims {
	c := &claims{r, map[uint64][]claim{}}
	for _, k := range t.Kept {
		c.add(k.size, claim{root: k.root, by: fmt.Sprintf("the checkpoint of %d records that was kept", k.size)})
	}
	return c
}

func (c *claims) add(size uint64, by claim) { c.said[size] = append(c.said[size], by) }

// at compares what was said of the first size records.
func (c *claims) at(size uint64, t *tree) error {
	if len(c.said[size]) == 0 {
		return nil
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	for _, said := range c.said[size] {
		if said.root != root {
			c.wrong(said, "the first %d records do not give the root of %s: the ledger was changed after that, or has two faces", size, said.by)
		}
	}
	delete(c.said, size)
	return nil
}

// end tells what was said of more records than there are.
func (c *claims) end(size uint64) {
	for _, more := range slices.Sorted(maps.Keys(c.said)) {
		for _, said := range c.said[more] {
			if more == 0 {
				continue // of nothing there is nothing to compare
			}
			c.wrong(said, "there are %d records, fewer than in %s: the end is missing, or this is an older copy", size, said.by)
		}
	}
}

func (c *claims) wrong(said claim, format string, args ...any) {
	said.place.Message = fmt.Sprintf(format, args...)
	c.Find(said.place)
}

// Keep has a checkpoint compared that was kept from earlier: its signed note, with or
// without the lines of those who cosigned it. Who kept it saw it: it need not be signed
// by a key that is trusted, only not by another of the same name.
func (t *Trust) Keep(text string) error {
	if at := strings.Index(text, "\n\n"); at >= 0 {
		first, _, _ := strings.Cut(text[at+2:], "\n")
		text = text[:at+2] + first + "\n"
	}
	c, _, err := t.underlying(text)
	if err == nil {
		t.Kept = append(t.Kept, c)
	}
	return err
}
