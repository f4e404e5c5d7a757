package awshome

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

const (
	// shards spread the rows of a kind, which every append of that kind writes,
	// and of the queue, over partitions.
	shards = 4
	// page is how many records are read at a time.
	page = 500
)

// row leads to a record. It is an item that consists of its place.
type row struct{ pk, prefix string }

func (r row) at(sequence uint64) string { return fmt.Sprintf("%s%020d", r.prefix, sequence) }

func kindRow(kind everqual.Kind, sequence uint64) row {
	return row{fmt.Sprintf("kind#%s#%d", kind, sequence%shards), ""}
}

func subjectRow(name string, kind everqual.Kind) row {
	return row{"subject#" + digest(name), string(kind) + "#"}
}

func rowsOf(r everqual.Record) []item {
	rows := []item{place(kindRow(r.Kind, r.Sequence).pk, kindRow(r.Kind, r.Sequence).at(r.Sequence))}
	names := slices.Clone(r.Subjects)
	slices.Sort(names)
	for _, name := range slices.Compact(names) { // a record may name a subject twice
		row := subjectRow(name, r.Kind)
		rows = append(rows, place(row.pk, row.at(r.Sequence)))
	}
	return rows
}

// Range returns records in the order of their sequence.
func (s *store) Range(ctx context.Context, q ledger.Query) (records []everqual.Record, err error) {
	head, err := s.Head(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx, q)
	if err != nil {
		return nil, err
	}
	low, high := bounds(q, head.Sequence)
	for low <= high && (q.Limit <= 0 || len(records) < q.Limit) {
		n := page
		if q.Limit > 0 {
			n = min(n, q.Limit-len(records))
		}
		sequences, err := s.sequences(ctx, rows, low, high, n, q.Descending)
		if err != nil || len(sequences) == 0 {
			return records, err
		}
		some, err := s.fetch(ctx, sequences)
		if err == nil && rows != nil && len(some) < len(sequences) { // decisions rest on what is found by rows
			err = fmt.Errorf("read records: %d that lie before the head are missing: see what 'everqual verify' says", len(sequences)-len(some))
		}
		if err != nil {
			return nil, err
		}
		records = append(records, slices.DeleteFunc(some, func(r everqual.Record) bool { return !selects(q, r) })...)
		if last := sequences[len(sequences)-1]; q.Descending {
			high = last - 1
		} else {
			low = last + 1
		}
	}
	return records, nil
}

// bounds are the first and the last sequence that a query can select.
func bounds(q ledger.Query, head uint64) (low, high uint64) {
	switch {
	case q.Descending && q.After > 0:
		return 1, min(q.After-1, head)
	case q.Descending:
		return 1, head
	case q.After >= head:
		return 1, 0
	}
	return q.After + 1, head
}

func selects(q ledger.Query, r everqual.Record) bool {
	return (q.Kind == "" || r.Kind == q.Kind) && (q.Subject == "" || slices.Contains(r.Subjects, q.Subject))
}

// rows are those that lead to what a query selects; nil: every sequence does.
func (s *store) rows(ctx context.Context, q ledger.Query) (rows []row, err error) {
	switch {
	case q.Subject != "" && q.Kind != "":
		return []row{subjectRow(q.Subject, q.Kind)}, nil
	case q.Subject != "":
		kinds, err := s.kindsOf(ctx, q.Subject)
		rows = []row{}
		for _, k := range kinds {
			rows = append(rows, subjectRow(q.Subject, k))
		}
		return rows, err
	case q.Kind != "":
		for i := range uint64(shards) {
			rows = append(rows, kindRow(q.Kind, i))
		}
	}
	return rows, nil
}

// kindsOf leaps from one kind of a subject's rows to the next: they are few, where
// the rows may be many.
func (s *store) kindsOf(ctx context.Context, subject string) (kinds []everqual.Kind, err error) {
	pk := subjectRow(subject, "").pk
	for from := " "; ; {
		found, err := s.table.query(ctx, pk, from, "\U0010FFFF", false, 1)
		if err != nil || len(found) == 0 {
			return kinds, err
		}
		sk := textOf(found[0], "sk")
		kind := everqual.Kind(sk[:max(strings.LastIndexByte(sk, '#'), 0)])
		kinds = append(kinds, kind)
		from = string(kind) + "#:" // ':' follows the digits
	}
}

// sequences are the next n that the rows lead to, between low and high.
func (s *store) sequences(ctx context.Context, rows []row, low, high uint64, n int, descending bool) ([]uint64, error) {
	if rows == nil {
		return run(low, high, n, descending), nil
	}
	found := make([][]item, len(rows))
	err := together(ctx, len(rows), func(ctx context.Context, i int) (err error) {
		found[i], err = s.table.query(ctx, rows[i].pk, rows[i].at(low), rows[i].at(high), descending, n)
		return err
	})
	var all []uint64
	for _, i := range slices.Concat(found...) {
		sk := textOf(i, "sk")
		sequence, _ := strconv.ParseUint(sk[strings.LastIndexByte(sk, '#')+1:], 10, 64)
		all = append(all, sequence)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if descending {
		slices.Reverse(all)
	}
	return all[:min(n, len(all))], err
}

// run counts from low up, or from high down.
func run(low, high uint64, n int, descending bool) []uint64 {
	sequences := make([]uint64, min(uint64(n), high-low+1))
	for i := range sequences {
		if sequences[i] = low + uint64(i); descending {
			sequences[i] = high - uint64(i)
		}
	}
	return sequences
}

// Indexed looks for the rows and the key of every record. A row that no record
// stands behind shows nothing: Range does not believe it.
func (s *store) Indexed(ctx context.Context) error {
	q := ledger.Query{Limit: page}
	for {
		records, err := s.Range(ctx, q)
		if err != nil {
			return fmt.Errorf("check the index: %w", err)
		}
		if len(records) == 0 {
			return nil
		}
		if err := s.indexed(ctx, records); err != nil {
			return err
		}
		q.After = records[len(records)-1].Sequence
	}
}

func (s *store) indexed(ctx context.Context, records []everqual.Record) error {
	var places []item
	for _, r := range records {
		places = append(append(places, rowsOf(r)...), keyPlace(r.Key))
	}
	items, err := s.table.getAll(ctx, places)
	if err != nil {
		return fmt.Errorf("check the index: %w", err)
	}
	there := map[string]int64{}
	for _, i := range items {
		there[textOf(i, "pk")+" "+textOf(i, "sk")] = numberOf(i, "sequence")
	}
	for _, r := range records {
		for _, i := range rowsOf(r) {
			if _, ok := there[textOf(i, "pk")+" "+textOf(i, "sk")]; !ok {
				return hidden(r, i)
			}
		}
		if there[textOf(keyPlace(r.Key), "pk")+" -"] != int64(r.Sequence) {
			return everqual.Permanent(fmt.Errorf("record %d is not found by its key %q: the index was changed", r.Sequence, r.Key))
		}
	}
	return nil
}

func hidden(r everqual.Record, row item) error {
	for _, name := range r.Subjects {
		if subjectRow(name, r.Kind).pk == textOf(row, "pk") {
			return everqual.Permanent(fmt.Errorf("record %d is not found by its subject %q: the index of subjects was changed", r.Sequence, name))
		}
	}
	return everqual.Permanent(fmt.Errorf("record %d is not found by its kind %q: the index of kinds was changed", r.Sequence, r.Kind))
}
