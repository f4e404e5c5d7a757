package aws_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Bounds of DynamoDB. A partition takes 1,000 write units a second:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
const (
	mostWrites = 1000.0
	shards     = 4 // of the rows by kind and of the queue, as in home/aws
)

// traffic writes what the home on AWS writes, and counts the units by partition key.
type traffic struct {
	rand    *rand.Rand
	units   map[string]float64
	records int
}

func (w *traffic) write(key string, units float64) { w.units[key] += units }

// record is one record of an append that holds so many. Its keys are those of
// docs/decisions/0013-the-aws-home.md: no two records share a partition.
func (w *traffic) record(kind string, kb float64, perAppend int, subjects ...string) {
	w.records++
	w.write(fmt.Sprintf("record#%d", w.records), 2*kb)
	w.write(fmt.Sprintf("key#%d", w.records), 2)
	w.write(fmt.Sprintf("kind#%s#%d", kind, w.records%shards), 1)
	for _, s := range subjects {
		w.write("subject#"+s, 1)
	}
	if w.records%perAppend == 0 {
		w.write("head", 2)
	}
}

func (w *traffic) message(id string) {
	due := fmt.Sprintf("due#%d", w.rand.IntN(shards))
	w.write("queue", 1)
	w.write("message#"+id, 2+2+2)
	w.write(due, 2+4+2)
}

// change is an event and what follows from it. Resources are unlike: few of them
// change often, and everything in a network names the same few security groups.
func (w *traffic) change(accounts int, favourites *rand.Zipf) {
	account := w.rand.IntN(accounts)
	resource := fmt.Sprintf("%d/%d", account, favourites.Uint64())
	w.record("event", 3, 3, "event:"+resource+fmt.Sprint(w.records), resource)
	w.message(resource)
	w.record("observation", 8, 1, resource, fmt.Sprintf("part:%d/sg", account))
	w.record("assessment", 6, 1, resource, resource+"/specification")
	if w.records%30 == 0 {
		w.record("intake", 1, 1, "intake")
	}
}

// TestPartitions runs bursts of a thousand changes a second, forty times what
// a thousand accounts do in a busy hour, and looks for partitions that could
// not take it. The head is the one that everything passes; after it comes the queue.
func TestPartitions(t *testing.T) {
	const seconds, perSecond = 20, 1000
	for _, accounts := range []int{1, 50, 1000} {
		t.Run(fmt.Sprint(accounts), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(accounts)))
			w := &traffic{rand: r, units: map[string]float64{}}
			favourites := rand.NewZipf(r, 1.3, 8, 400)
			for range seconds * perSecond {
				w.change(accounts, favourites)
			}
			keys := slices.SortedFunc(maps.Keys(w.units), func(a, b string) int { return cmp.Or(cmp.Compare(w.units[b], w.units[a]), strings.Compare(a, b)) })
			for _, k := range keys[:12] {
				t.Logf("%-22s %7.1f units/s for 1,000 changes/s", k, w.units[k]/seconds)
			}
			if keys[0] != "head" {
				t.Errorf("the hottest partition is %s, not the head", keys[0])
			}
			for _, k := range keys[1:] {
				// The single partitions and the sharded ones may be hot, each as far as
				// docs/scale.md says; nothing else may.
				named := k == "queue" || strings.HasPrefix(k, "due#") || strings.HasPrefix(k, "kind#")
				if got := w.units[k] / seconds; got > mostWrites && !named {
					t.Errorf("%s takes %.0f units a second of the %.0f that it can", k, got, mostWrites)
				}
				if ratio := w.units["head"] / w.units[k]; ratio < 1.9 {
					t.Errorf("%s has %.1f times fewer units than the head: it is a bound of its own", k, ratio)
				}
			}
		})
	}
}
