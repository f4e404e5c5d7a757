package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
)

// A ledger that moved is given nothing more but what is said of itself; what it has can
// be appended again and changes nothing. When it came to another home, it goes on.
func TestMoved(t *testing.T) {
	ctx := context.Background()
	l, store := five(t)
	now := time.Now()
	old := ledger.New(store, func() time.Time { return now }) // a worker that nobody ended
	if _, _, err := old.Append(ctx, ledger.Entry{Kind: "test", Key: "a"}, ledger.Entry{Kind: "test", Key: "before"}); err != nil {
		t.Fatal(err)
	}
	move := func(kind everqual.Kind) ledger.Entry {
		return ledger.Entry{Kind: kind, Key: string(kind), Body: everqual.Migration{To: everqual.HomeRef{Name: "aws://new"}, By: "anna", Records: 5}}
	}
	if _, _, err := l.Append(ctx, move(everqual.KindMoved)); err != nil {
		t.Fatal(err)
	}
	l = ledger.New(store, time.Now)
	append := func(kind everqual.Kind, key string) (fresh bool, err error) {
		_, f, err := l.Append(ctx, ledger.Entry{Kind: kind, Key: key})
		return err == nil && f[0], err
	}
	for range 2 {
		if _, err := append("test", "new"); err == nil || !strings.Contains(err.Error(), "moved to aws://new") || everqual.IsPermanent(err) {
			t.Errorf("an append where the ledger left: %v", err)
		}
	}
	now = now.Add(2 * time.Minute)
	if _, _, err := old.Append(ctx, ledger.Entry{Kind: "test", Key: "late"}); err == nil || !strings.Contains(err.Error(), "moved to aws://new") {
		t.Errorf("an append of who did not hear of it: %v", err)
	}
	if fresh, err := append("test", "a"); fresh || err != nil {
		t.Errorf("what was recorded before: %v, %v", fresh, err)
	}
	if fresh, err := append(everqual.KindCheckpoint, "signed"); !fresh || err != nil {
		t.Errorf("a checkpoint: %v, %v", fresh, err)
	}
	if m, left, err := l.MovedTo(ctx); err != nil || left.Sequence != 7 || m.By != "anna" {
		t.Errorf("it moved by record %d, %+v, %v", left.Sequence, m, err)
	}
	if _, _, err := l.Append(ctx, move(everqual.KindMigration)); err != nil {
		t.Fatal(err)
	}
	if fresh, err := append("test", "new"); !fresh || err != nil {
		t.Errorf("an append where the ledger came to: %v, %v", fresh, err)
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
}
