package awshome_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/home/hometest"
	"github.com/everqual/everqual/ledger"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const transaction = "DynamoDB_20120810.TransactWriteItems"

// TestTrouble lets calls meet what AWS answers under load and on bad lines, and then
// expects what was appended and sent to be there, once.
func TestTrouble(t *testing.T) {
	f := start(t, dynamoDBLocal(t))
	for name, trouble := range map[string]func(calls int, operation string, serve func(), w http.ResponseWriter){
		"throttled": func(calls int, _ string, serve func(), w http.ResponseWriter) {
			switch calls % 3 {
			case 0:
				serve()
			case 1:
				refuse(w, 400, "ThrottlingException", "Rate exceeded")
			default:
				refuse(w, 400, "ProvisionedThroughputExceededException", "slow down")
			}
		},
		"transactions throttled or in conflict": func(calls int, operation string, serve func(), w http.ResponseWriter) {
			if operation != transaction || calls%3 == 0 {
				serve()
				return
			}
			code := []string{"", "TransactionConflict", "ThrottlingError"}[calls%3]
			w.WriteHeader(400)
			fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"cancelled",
				"CancellationReasons":[{"Code":%q},{"Code":"None"}]}`, code)
		},
		"written, and the reply is lost": func(calls int, operation string, serve func(), w http.ResponseWriter) {
			if calls%2 == 0 || operation != transaction {
				serve()
				return
			}
			serve() // the server holds a reply back until the handler returns
			panic(http.ErrAbortHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRetryer(hasty))
			must(t, err)
			h, err := awshome.Open(context.Background(), f.deploy(t), awshome.Options{Clock: hometest.NewClock(noon), AWS: &cfg})
			must(t, err)
			var calls counter
			var repeated atomic.Bool
			end := f.meeting(func(operation string, serve func(), w http.ResponseWriter, r *http.Request) {
				if !strings.HasPrefix(operation, "DynamoDB_") {
					serve()
					return
				}
				if strings.Contains(r.Header.Get("Amz-Sdk-Request"), "attempt=2") {
					repeated.Store(true)
				}
				trouble(calls.again(t, operation, r), operation, serve, w)
			})
			useHome(t, h)
			end()
			expectUsed(t, h)
			if !repeated.Load() && !strings.HasPrefix(name, "transactions") { // those the home repeats itself
				t.Error("no call was sent again: there was no trouble")
			}
		})
	}
}

// counter counts how often the same was asked: each call meets the trouble of its own,
// also where several are under way.
type counter struct {
	mu    sync.Mutex
	calls map[string]int
}

func (c *counter) again(t *testing.T, operation string, r *http.Request) int {
	body, err := io.ReadAll(r.Body)
	must(t, err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var asked map[string]any
	must(t, json.Unmarshal(body, &asked))
	delete(asked, "ClientRequestToken") // another in each try of the home's own
	call := fmt.Sprint(operation, asked)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[call]++
	return c.calls[call]
}

// hasty tries as often as the home does, but does not wait as long.
func hasty() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 8, 20*time.Millisecond })
}

func useHome(t *testing.T, h flow.Home) {
	t.Helper()
	ctx := context.Background()
	for i := range 4 {
		e := ledger.Entry{Kind: "test", Key: fmt.Sprint("key ", i), Subjects: []string{"s", fmt.Sprint("s", i)}, Body: i}
		if _, fresh, err := h.Ledger.Append(ctx, e); err != nil || !fresh[0] {
			t.Fatalf("append %d: %v, %v", i, fresh, err)
		}
		must(t, h.Queue.Send(ctx, flow.Message{ID: fmt.Sprint("m", i), SentAt: noon}))
	}
	got, err := h.Queue.Receive(ctx, 10, time.Minute)
	if err != nil || len(got) != 4 {
		t.Fatalf("received %d messages, %v; want 4", len(got), err)
	}
	must(t, h.Queue.Delete(ctx, got[0]))
	must(t, h.Queue.Postpone(ctx, got[1], noon.Add(time.Hour)))
	must(t, h.Queue.Bury(ctx, got[2], everqual.DeadLetter{Cause: "c"}))
}

func expectUsed(t *testing.T, h flow.Home) {
	t.Helper()
	ctx := context.Background()
	must(t, h.Ledger.Check(ctx))
	if head, err := h.Ledger.Head(ctx); err != nil || head.Sequence != 4 {
		t.Errorf("the head is %d, %v; want 4", head.Sequence, err)
	}
	if n, _, err := h.Queue.Pending(ctx); err != nil || n != 2 {
		t.Errorf("%d messages wait, %v; want 2", n, err)
	}
	if letters, err := h.Queue.DeadLetters(ctx); err != nil || len(letters) != 1 || letters[0].ID != "m2" {
		t.Errorf("dead letters are %v, %v", letters, err)
	}
}

// Expired credentials are told in words; what was to be written is written when
// there are new ones.
func TestExpired(t *testing.T) {
	f := start(t, dynamoDBLocal(t))
	h := f.open(t, hometest.NewClock(noon))
	ctx := context.Background()
	end := f.meeting(func(_ string, _ func(), w http.ResponseWriter, _ *http.Request) {
		refuse(w, 400, "ExpiredTokenException", "The security token included in the request is expired")
	})
	e := ledger.Entry{Kind: "test", Key: "k", Body: 1}
	_, _, appended := h.Ledger.Append(ctx, e)
	_, received := h.Queue.Receive(ctx, 1, time.Minute)
	for what, err := range map[string]error{"append": appended, "send": h.Queue.Send(ctx, flow.Message{ID: "m"}), "receive": received} {
		if err == nil || !strings.Contains(err.Error(), "the credentials have expired: log in again") || everqual.IsPermanent(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	end()
	if _, fresh, err := h.Ledger.Append(ctx, e); err != nil || !fresh[0] {
		t.Errorf("append again: %v, %v", fresh, err)
	}
	must(t, h.Queue.Send(ctx, flow.Message{ID: "m"}))
}

// What the index does not say any more is found, whatever row it was.
func TestIndexed(t *testing.T) {
	f := start(t, dynamoDBLocal(t))
	ctx := context.Background()
	cfg, err := config.LoadDefaultConfig(ctx)
	must(t, err)
	db := dynamodb.NewFromConfig(cfg)
	for prefix, want := range map[string]string{
		"subject#": `record 1 is not found by its subject "s"`,
		"kind#":    `record 1 is not found by its kind "test"`,
		"key#":     `record 1 is not found by its key "k"`,
		"record#":  "the end is missing",
	} {
		name := f.deploy(t)
		h, err := awshome.Open(ctx, name, awshome.Options{})
		must(t, err)
		_, _, err = h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: "k", Subjects: []string{"s"}, Body: 1})
		must(t, err)
		stray(t, db, name)
		must(t, h.Ledger.Check(ctx))
		out, err := db.Scan(ctx, &dynamodb.ScanInput{
			TableName: &name, FilterExpression: aws.String("begins_with(pk, :p)"),
			ExpressionAttributeValues: map[string]dbtypes.AttributeValue{":p": &dbtypes.AttributeValueMemberS{Value: prefix}},
		})
		must(t, err)
		for _, i := range out.Items {
			_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &name, Key: map[string]dbtypes.AttributeValue{"pk": i["pk"], "sk": i["sk"]}})
			must(t, err)
		}
		if err := h.Ledger.Check(ctx); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v, want %q", prefix, err, want)
		}
		var told error
		for _, told = range h.Ledger.Records(ctx, ledger.Query{Subject: "s"}) {
		}
		if gone := prefix == "record#"; gone != (told != nil) {
			t.Errorf("without %s, reading the subject: %v", prefix, told)
		}
	}
}

// stray copies rows as an append that lost its race leaves them: nobody believes them.
func stray(t *testing.T, db *dynamodb.Client, table string) {
	t.Helper()
	ctx := context.Background()
	subject := "subject#" + everqual.DigestOf([]byte("other")).Hex()
	for pk, sk := range map[string]string{subject: "test#", "kind#other#1": ""} {
		for _, sequence := range []int{1, 2} {
			_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: map[string]dbtypes.AttributeValue{
				"pk": &dbtypes.AttributeValueMemberS{Value: pk},
				"sk": &dbtypes.AttributeValueMemberS{Value: fmt.Sprintf("%s%020d", sk, sequence)},
			}})
			must(t, err)
		}
	}
	s, err := awshome.OpenStore(ctx, table, awshome.Options{})
	must(t, err)
	for _, q := range []ledger.Query{{Subject: "other"}, {Subject: "other", Kind: "test"}, {Kind: "other"}, {Subject: "other", Descending: true, Limit: 1}} {
		if records, err := s.Range(ctx, q); err != nil || len(records) != 0 {
			t.Errorf("%+v believes a row that no record stands behind: %v, %v", q, records, err)
		}
	}
}

// While DynamoDB writes a transaction down, its head may be seen before its records:
// a reader waits for them.
func TestHeadSeenFirst(t *testing.T) {
	f := start(t, dynamoDBLocal(t))
	h := f.open(t, hometest.NewClock(noon))
	ctx := context.Background()
	for i := range 3 {
		_, _, err := h.Ledger.Append(ctx, ledger.Entry{Kind: "test", Key: fmt.Sprint(i), Subjects: []string{"s"}, Body: i})
		must(t, err)
	}
	for _, q := range []ledger.Query{{}, {Subject: "s"}, {Kind: "test", Descending: true, Limit: 1}} {
		var hidden sync.Once
		end := f.meeting(func(operation string, serve func(), w http.ResponseWriter, r *http.Request) {
			late := false
			if operation == "DynamoDB_20120810.BatchGetItem" {
				hidden.Do(func() { late = true })
			}
			if !late {
				serve()
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_ = json.NewEncoder(w).Encode(map[string]any{"Responses": map[string]any{}, "UnprocessedKeys": map[string]any{}})
		})
		n := 0
		for _, err := range h.Ledger.Records(ctx, q) {
			must(t, err)
			n++
		}
		end()
		if want := 3; n != want && q.Limit == 0 || n == 0 {
			t.Errorf("%+v: %d records, want %d", q, n, want)
		}
	}
}

// A record may name more subjects than a transaction holds items, and long bodies
// lie in the archive.
func TestLarge(t *testing.T) {
	f := start(t, dynamoDBLocal(t))
	h := f.open(t, hometest.NewClock(noon))
	ctx := context.Background()
	long := strings.Repeat("0123456789", 50_000)
	var entries []ledger.Entry
	for i := range 60 {
		e := ledger.Entry{Kind: "test", Key: fmt.Sprint("k", i), Body: long}
		for s := range 150 {
			e.Subjects = append(e.Subjects, fmt.Sprintf("arn:aws:ec2:eu-central-1:111122223333:instance/i-%d-%d", i, s))
		}
		entries = append(entries, e)
	}
	if _, _, err := h.Ledger.Append(ctx, entries...); err != nil {
		t.Fatal(err)
	}
	must(t, h.Ledger.Check(ctx))
	b, err := json.Marshal(long)
	must(t, err)
	if _, err := h.Archive.Get(ctx, everqual.DigestOf(b)); err != nil {
		t.Errorf("the body is not in the archive: %v", err)
	}
}
