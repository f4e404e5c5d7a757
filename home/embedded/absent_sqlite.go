package embedded

import (
	"context"
	"fmt"
)

// absent knows the keys in the table, as far as to say of most others that they are not
// there: asking the table costs a page of the file for each. It is a list of Bloom
// filters, a further one where the last is full; the zero absent knows nothing.
type absent struct {
	filters [][]uint64
	room    int // for how many keys there is in the last
}

// place is which word of a filter stands for a name, and with which bits: a name is a
// hash already.
func place(filter []uint64, name int64) (word *uint64, bits uint64) {
	h := uint64(name)
	return &filter[h>>32%uint64(len(filter))], 1<<(h&63) | 1<<(h>>6&63) | 1<<(h>>12&63) | 1<<(h>>18&63)
}

func (a *absent) add(name int64) {
	if a.room == 0 {
		a.grow(1 << 17 << len(a.filters))
	}
	a.room--
	word, bits := place(a.filters[len(a.filters)-1], name)
	*word |= bits
}

// grow makes room for so many keys, in 12 bits each.
func (a *absent) grow(keys int) {
	a.filters, a.room = append(a.filters, make([]uint64, keys*12/64)), keys
}

// says tells whether a key is certainly not in the table.
func (a *absent) says(name int64) bool {
	for _, f := range a.filters {
		if word, bits := place(f, name); *word&bits == bits {
			return false
		}
	}
	return len(a.filters) > 0
}

// learn reads which keys there are, when as many were asked for as make it worth it.
func (s *store) learn(ctx context.Context) error {
	if !s.tail.worth() {
		return nil
	}
	tx, m, err := s.snapshot(ctx)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, `SELECT name FROM mention WHERE kind = 0`)
	if err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	defer rows.Close()
	var a absent
	a.grow(int(min(m.indexed, 1<<24)) + 1<<17) // a damaged number does not ask for more
	for rows.Next() {
		var name int64
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("read the index: %w", err)
		}
		a.add(name)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	s.tail.learned(a, m.indexed)
	return nil
}
