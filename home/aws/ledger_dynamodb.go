package awshome

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// store keeps the ledger's records.
//
// An append is one transaction: it moves the head, and writes each record and its
// key. The rows by which records are found by kind and subject are written before
// it, and mean nothing until the head has passed them: a reader goes by the head,
// and believes a row only if the record says the same. So what a crash or a lost
// race leaves behind is harmless, and stays.
type store struct {
	table *table
	blobs flow.Archive // of bodies that are too long for an item
}

// maxInline is how long a record may be, with its body, in a transaction of 4 MB.
const maxInline = 64 << 10

// AtOnce is what fits a transaction: the head, and two items for each record.
func (s *store) AtOnce() int { return (mostInTurn - 1) / 2 }

// Head returns what the head item says.
func (s *store) Head(ctx context.Context) (ledger.Head, error) {
	i, err := s.table.get(ctx, "head", "-")
	return ledger.Head{Sequence: uint64(numberOf(i, "sequence")), Hash: everqual.Digest(textOf(i, "hash"))}, err
}

// Append writes long bodies, then rows, then the rest in one transaction.
func (s *store) Append(ctx context.Context, after ledger.Head, records []everqual.Record) error {
	if len(records) == 0 {
		return nil
	}
	if sameKey(records) { // DynamoDB would call it no transaction at all
		return ledger.ErrConflict
	}
	items := make([]item, len(records))
	err := together(ctx, len(records), func(ctx context.Context, i int) (err error) {
		items[i], err = s.itemOf(ctx, records[i])
		return err
	})
	if err != nil {
		return err
	}
	var rows []item
	operations := []operation{s.moveHead(after, records[len(records)-1])}
	for i, r := range records {
		rows = append(rows, rowsOf(r)...)
		operations = append(operations, s.table.put(items[i]), s.table.put(keyItem(r)))
	}
	if err := s.table.putAll(ctx, rows); err != nil {
		return err
	}
	err = s.table.transact(ctx, operations...)
	var no *refused
	if errors.As(err, &no) {
		return conflict(no, records)
	}
	return err
}

func sameKey(records []everqual.Record) bool {
	keys := map[string]bool{}
	for _, r := range records {
		keys[r.Key] = true
	}
	return len(keys) < len(records)
}

func (s *store) moveHead(after ledger.Head, last everqual.Record) operation {
	head := place("head", "-")
	head["sequence"], head["hash"] = count(last.Sequence), text(string(last.Hash))
	move := s.table.put(head)
	if after != (ledger.Head{}) {
		move.Put.ConditionExpression = aws.String("#sequence = :sequence AND #hash = :hash")
		move.Put.ExpressionAttributeNames = map[string]string{"#sequence": "sequence", "#hash": "hash"}
		move.Put.ExpressionAttributeValues = item{":sequence": count(after.Sequence), ":hash": text(string(after.Hash))}
	}
	return move
}

// conflict tells a head that moved or a key that is taken from a record beyond
// the head, which no append of ours can have left.
func conflict(no *refused, records []everqual.Record) error {
	for _, at := range no.at {
		if at == 0 || at%2 == 0 {
			return ledger.ErrConflict
		}
	}
	return everqual.Permanent(fmt.Errorf("record %d is there already, beyond the head: restore the table from a backup", records[no.at[0]/2].Sequence))
}

func recordPlace(sequence uint64) item { return place(fmt.Sprintf("record#%d", sequence), "-") }

func keyPlace(key string) item { return place("key#"+digest(key), "-") }

// keyItem makes a key unique, and finds its record.
func keyItem(r everqual.Record) item {
	i := keyPlace(r.Key)
	i["sequence"] = count(r.Sequence)
	return i
}

// itemOf keeps the body in the item, as text where it is some, or in the archive.
func (s *store) itemOf(ctx context.Context, r everqual.Record) (item, error) {
	i := recordPlace(r.Sequence)
	size := len(r.Key) + len(r.Tree) + len(r.Body)
	subjects := []types.AttributeValue{}
	for _, name := range r.Subjects {
		size, subjects = size+len(name), append(subjects, text(name))
	}
	i["sequence"], i["kind"], i["key"] = count(r.Sequence), text(string(r.Kind)), text(r.Key)
	i["subjects"], i["time"] = &types.AttributeValueMemberL{Value: subjects}, text(r.Time.UTC().Format(time.RFC3339Nano))
	i["previous"], i["hash"] = text(string(r.Previous)), text(string(r.Hash))
	if len(r.Tree) > 0 {
		i["tree"] = binary(r.Tree)
	}
	if size <= maxInline {
		i["body"] = body(r.Body)
		return i, nil
	}
	d := everqual.DigestOf(r.Body)
	i["blob"] = text(string(d))
	return i, s.blobs.Put(ctx, d, r.Body)
}

func body(b []byte) types.AttributeValue {
	if utf8.Valid(b) {
		return text(string(b))
	}
	return binary(b)
}

func bodyOf(i item) json.RawMessage {
	if b, ok := i["body"].(*types.AttributeValueMemberB); ok {
		return b.Value
	}
	return json.RawMessage(textOf(i, "body"))
}

// recordOf reads an item back. One that no append wrote is an error, with its
// sequence.
func (s *store) recordOf(ctx context.Context, i item) (r everqual.Record, err error) {
	r = everqual.Record{
		Sequence: uint64(numberOf(i, "sequence")), Kind: everqual.Kind(textOf(i, "kind")), Key: textOf(i, "key"),
		Previous: everqual.Digest(textOf(i, "previous")), Hash: everqual.Digest(textOf(i, "hash")), Body: bodyOf(i),
	}
	if list, ok := i["subjects"].(*types.AttributeValueMemberL); ok {
		for _, v := range list.Value {
			name, _ := v.(*types.AttributeValueMemberS)
			if name == nil {
				return r, everqual.Permanent(fmt.Errorf("record %d: read its subjects: one is no text", r.Sequence))
			}
			r.Subjects = append(r.Subjects, name.Value)
		}
	}
	if tree, ok := i["tree"].(*types.AttributeValueMemberB); ok {
		r.Tree = tree.Value
	}
	if r.Time, err = time.Parse(time.RFC3339Nano, textOf(i, "time")); err != nil {
		return r, everqual.Permanent(fmt.Errorf("record %d: read its time: %w", r.Sequence, err))
	}
	if blob := textOf(i, "blob"); blob != "" {
		if r.Body, err = s.blobs.Get(ctx, everqual.Digest(blob)); err != nil {
			return r, fmt.Errorf("record %d: read its body: %w", r.Sequence, err)
		}
	}
	return r, nil
}

// Find returns the record with the key.
func (s *store) Find(ctx context.Context, key string) (everqual.Record, bool, error) {
	i, err := s.table.get(ctx, textOf(keyPlace(key), "pk"), "-")
	if err != nil || i == nil {
		return everqual.Record{}, false, err
	}
	sequence := uint64(numberOf(i, "sequence"))
	found, err := s.fetch(ctx, []uint64{sequence})
	switch {
	case err != nil:
		return everqual.Record{}, false, err
	case len(found) == 0 || found[0].Key != key:
		return everqual.Record{}, false, everqual.Permanent(fmt.Errorf("record %d is not the one with the key %q: the table was changed", sequence, key))
	}
	return found[0], true, nil
}

// fetch reads the records with the sequences, none of them beyond the head, in
// their order. One that cannot be seen yet, while DynamoDB is still writing down the
// transaction that moved the head, is waited for; one that is gone is left out.
func (s *store) fetch(ctx context.Context, sequences []uint64) ([]everqual.Record, error) {
	found := map[uint64]item{}
	for try := 0; ; try++ {
		var places []item
		for _, n := range sequences {
			if found[n] == nil {
				places = append(places, recordPlace(n))
			}
		}
		items, err := s.table.getAll(ctx, places)
		if err != nil {
			return nil, err
		}
		for _, i := range items {
			found[uint64(numberOf(i, "sequence"))] = i
		}
		if len(items) == len(places) || try == patience {
			break
		}
		if err := wait(ctx, try, "read records", errThrottled); err != nil {
			return nil, err
		}
	}
	sequences = slices.DeleteFunc(slices.Clone(sequences), func(n uint64) bool { return found[n] == nil })
	records := make([]everqual.Record, len(sequences))
	return records, together(ctx, len(sequences), func(ctx context.Context, i int) (err error) {
		records[i], err = s.recordOf(ctx, found[sequences[i]])
		return err
	})
}

// patience is how often a record is looked for that should be there.
const patience = 4
