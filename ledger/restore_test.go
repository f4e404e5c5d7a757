package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/ledger"
	"github.com/everqual/everqual/ledger/ledgertest"
)

// TestRestore puts the records of one ledger into another one that may hold some.
func TestRestore(t *testing.T) {
	ctx := context.Background()
	from, _ := five(t)
	var all []everqual.Record
	for r, err := range from.Records(ctx, ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	other, _, err := ledger.New(&ledgertest.Memory{}, time.Now).Append(ctx, ledger.Entry{Kind: "test", Key: "other"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		there, then []everqual.Record
		head        uint64
		want        string
	}{
		"all at once":          {nil, all, 5, ""},
		"after it was cut off": {all[:3], all, 5, ""},
		"part by part":         {all[:3], all[3:], 5, ""},
		"again":                {all, all, 5, ""},
		"again, in part":       {all, all[1:3], 5, ""},
		"with a gap":           {all[:2], all[3:], 2, "record 4 follows record 2"},
		"into another ledger":  {other, all, 1, "record 1 is there already and is another one"},
	} {
		t.Run(name, func(t *testing.T) {
			l := ledger.New(&ledgertest.Memory{Most: 2}, time.Now)
			if err := l.Restore(ctx, test.there); err != nil {
				t.Fatal(err)
			}
			err := l.Restore(ctx, test.then)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if err := l.Check(ctx); err != nil {
				t.Error(err)
			}
			head, err := l.Head(ctx)
			if err != nil || head.Sequence != test.head || l.Appended() {
				t.Errorf("head %d, appended %v: %v", head.Sequence, l.Appended(), err)
			}
			if test.want != "" {
				return
			}
			want, err := from.Root(ctx, 5)
			if got, err2 := l.Root(ctx, 5); got != want || err != nil || err2 != nil {
				t.Errorf("root %s, not %s: %v %v", got, want, err, err2)
			}
		})
	}
}
