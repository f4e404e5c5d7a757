package aws_test

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/scale.md's table and the generated policies anew")

// What one account does in a day, and how large things are: assumptions that
// docs/scale.md names. Change them to yours.
const (
	days = 30.0

	forwarded    = 1000.0 // events that an account forwards
	delivered    = 400.0  // of them that a rule of the central bus sends to intake
	observed     = 280.0  // observations that they lead to: many events of one change are one observation
	swept        = 400.0  // resources that the daily sweep observes
	changed      = 110.0  // observations that are a new version; the others are confirmations
	assessed     = 80.0   // assessments that differ from the last
	notices      = 4.0
	eventKB      = 3.0
	versionKB    = 8.0
	confirmKB    = 1.0
	assessKB     = 6.0
	blobs        = 3.0 // exchanges archived for an observation by event; a sweep shares its pages
	blobKB       = 4.0
	together     = 3.0 // events of one append
	readsPerWork = 20.0
)

// capacity is what a record costs to write: a transaction writes its item, its key
// and its share of the head at twice the price, and the rows by kind and subject
// come before it.
func capacity(kb, subjects, perAppend float64) float64 {
	return 2*math.Ceil(kb) + 2 + 2/perAppend + 1 + subjects
}

// perMessage is the queue: counting, keeping with its row, taking (message, new and
// old row), ending.
const perMessage = 1 + 4 + 6 + 4

// row is a line of the table.
type row struct {
	what, formula string
	value         func(accounts float64) float64
	dollars       bool
}

func monthly(n float64) func(float64) float64 {
	return func(accounts float64) float64 { return n * days * accounts }
}

// rounds are the calls of intake: its batches take five seconds or a hundred events.
func rounds(accounts float64) float64 {
	return min(delivered*accounts*days, max(days*86400/5, delivered*accounts*days/100))
}

func writes(accounts float64) float64 {
	perDay := delivered*capacity(eventKB, 2.2, together) +
		changed*capacity(versionKB, 3, 1) +
		(observed+swept-changed)*capacity(confirmKB, 3, 1) +
		assessed*capacity(assessKB, 2, 1) +
		(observed+swept+notices)*perMessage
	return perDay*days*accounts + rounds(accounts)*capacity(1, 1, 1)
}

func gigabytes(accounts float64) float64 {
	kb := delivered*(eventKB+1) + changed*(versionKB+1) + (observed+swept-changed)*(confirmKB+1) + assessed*(assessKB+1)
	return kb * days * accounts / 1e6
}

func archived(accounts float64) float64 {
	return (observed*blobs + swept*0.1) * days * accounts
}

func gbSeconds(accounts float64) float64 {
	work := (observed + swept*0.3 + notices) * 1.5 * 1.0
	judge := changed * 0.3 * 1.0
	return (work+judge)*days*accounts + rounds(accounts)*0.3*0.5 + 12*24*days*1 + 48*days*20
}

func invocations(accounts float64) float64 {
	return (observed+swept+notices+changed)*days*accounts + rounds(accounts)
}

func queueRequests(accounts float64) float64 {
	idle := 2 * 5 * 3 * 60 * 24 * days // two mappings, five pollers each, twenty seconds
	return idle + 3*(observed+swept+notices)*days*accounts + 2*delivered*days*accounts + rounds(accounts)
}

// Prices of us-east-1: docs/scale.md names the pages.
var table = []row{
	{"events forwarded", "1,000 a day", monthly(forwarded), false},
	{"events taken in", "400 a day", monthly(delivered), false},
	{"observations", "280 by events + 400 by the sweep, a day", monthly(observed + swept), false},
	{"records", "events + observations + assessments + batches", func(a float64) float64 {
		return monthly(delivered+observed+swept+assessed)(a) + rounds(a)
	}, false},
	{"table items written", "records x (2 + 1 + subjects) + appends", func(a float64) float64 {
		return monthly(delivered*5.2+(observed+swept)*6+assessed*5)(a) + rounds(a)*4 + monthly(delivered/together+observed+swept+assessed)(a)
	}, false},
	{"table writes (WRU)", "see the formula below", writes, false},
	{"table reads (RRU)", "20 a message", monthly((observed + swept) * readsPerWork), false},
	{"objects archived", "3 an observation, 0.1 when swept", archived, false},
	{"function calls", "messages + versions + batches", invocations, false},
	{"SQS requests", "3 a message, 2 an event, and polling", queueRequests, false},
	{"EventBridge", "$1.00 per million forwarded to another account", func(a float64) float64 { return monthly(forwarded)(a) / 1e6 }, true},
	{"DynamoDB writes", "$0.625 per million", func(a float64) float64 { return writes(a) * 0.625 / 1e6 }, true},
	{"DynamoDB reads", "$0.125 per million", func(a float64) float64 { return monthly((observed+swept)*readsPerWork)(a) * 0.125 / 1e6 }, true},
	{"DynamoDB storage after a year", "$0.25 + $0.20 for recovery, per GB", func(a float64) float64 { return gigabytes(a) * 12 * 0.45 }, true},
	{"S3 requests", "$5.00 per million written", func(a float64) float64 { return archived(a) * 5 / 1e6 }, true},
	{"S3 storage after a year", "$0.023 per GB", func(a float64) float64 { return archived(a) * blobKB / 1e6 * 12 * 0.023 }, true},
	{"Lambda time, arm64", "$13.33 per million GB s", func(a float64) float64 { return gbSeconds(a) * 13.3334 / 1e6 }, true},
	{"Lambda calls", "$0.20 per million", func(a float64) float64 { return invocations(a) * 0.20 / 1e6 }, true},
	{"SQS", "$0.40 per million", func(a float64) float64 { return queueRequests(a) * 0.40 / 1e6 }, true},
	{"KMS", "2 keys at $1; $3 per million, a tenth of the requests", func(a float64) float64 { return 2 + (archived(a)+queueRequests(a))*0.1*3/1e6 }, true},
	{"CloudWatch logs", "1 KB a call at $0.50 per GB", func(a float64) float64 { return invocations(a) / 1e6 * 0.50 }, true},
	{"CloudWatch alarms, metrics, dashboard", "25 x $0.10, 40 x $0.30, $3", func(float64) float64 { return 25*0.10 + 40*0.30 + 3 }, true},
}

func number(v float64, dollars bool) string {
	if dollars {
		return fmt.Sprintf("%.2f", v)
	}
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func render() string {
	var b strings.Builder
	sizes := []float64{1, 50, 1000}
	sums := make([]float64, len(sizes))
	line := func(what, formula string, value func(float64) float64, dollars bool) {
		fmt.Fprintf(&b, "| %s | %s |", what, formula)
		for i, a := range sizes {
			v := value(a)
			if dollars {
				sums[i] += v
			}
			fmt.Fprintf(&b, " %s |", number(v, dollars))
		}
		b.WriteString("\n")
	}
	b.WriteString("| a month | for one account | 1 account | 50 accounts | 1,000 accounts |\n|---|---|--:|--:|--:|\n")
	for _, r := range table {
		if r.dollars {
			r.what = "$ " + r.what
		}
		line(r.what, r.formula, r.value, r.dollars)
	}
	fmt.Fprintf(&b, "| **$ in all** | | **%.0f** | **%.0f** | **%.0f** |\n", sums[0], sums[1], sums[2])
	return b.String()
}

// TestScaleTable keeps the table of docs/scale.md what the formulas say.
func TestScaleTable(t *testing.T) {
	const file, begin, end = "../../docs/scale.md", "<!-- table -->\n", "<!-- end of table -->\n"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := bytes.Cut(b, []byte(begin))
	old, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", file)
	}
	want := render()
	if *update {
		if err := os.WriteFile(file, []byte(string(head)+begin+want+end+string(tail)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(old) != want {
		t.Errorf("the table of %s is not what the formulas say; -update writes it anew:\n%s", file, want)
	}
}
