package awshome

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/everqual/everqual"
)

// table is the one table of a home. docs/aws-home.md tells what is in it.
type table struct {
	db   *dynamodb.Client
	name string
}

type item = map[string]types.AttributeValue

// operation is one part of a transaction.
type operation = types.TransactWriteItem

const (
	atOnce     = 10 // calls that are made at the same time
	tries      = 8  // how often a call is made that met another one or a limit
	mostPuts   = 25
	mostGets   = 100
	mostInTurn = 100 // operations of a transaction
)

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
func count(n uint64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatUint(n, 10)}
}
func boolean(b bool) types.AttributeValue  { return &types.AttributeValueMemberBOOL{Value: b} }
func binary(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

func textOf(i item, name string) string {
	s, _ := i[name].(*types.AttributeValueMemberS)
	if s == nil {
		return ""
	}
	return s.Value
}

func numberOf(i item, name string) int64 {
	n, _ := i[name].(*types.AttributeValueMemberN)
	if n == nil {
		return 0
	}
	v, _ := strconv.ParseInt(n.Value, 10, 64)
	return v
}

// place is the key of an item.
func place(pk, sk string) item { return item{"pk": text(pk), "sk": text(sk)} }

func placeOf(i item) item { return item{"pk": i["pk"], "sk": i["sk"]} }

// digest stands for a name that may be longer than a key can be.
func digest(name string) string { return everqual.DigestOf([]byte(name)).Hex() }

// get reads an item; nil where there is none.
func (t *table) get(ctx context.Context, pk, sk string) (item, error) {
	out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: place(pk, sk), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, said("read "+t.name, err)
	}
	return out.Item, nil
}

// getAll reads the items at the places, in no order; what is not there is left out.
func (t *table) getAll(ctx context.Context, places []item) ([]item, error) {
	chunks := slices.Collect(slices.Chunk(places, mostGets))
	found := make([][]item, len(chunks))
	err := together(ctx, len(chunks), func(ctx context.Context, i int) (err error) {
		found[i], err = t.getSome(ctx, chunks[i])
		return err
	})
	return slices.Concat(found...), err
}

func (t *table) getSome(ctx context.Context, places []item) (found []item, err error) {
	ask := map[string]types.KeysAndAttributes{t.name: {Keys: places, ConsistentRead: aws.Bool(true)}}
	for try := 0; ; try++ {
		out, err := t.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
		if err != nil {
			return nil, said("read "+t.name, err)
		}
		if ask = out.UnprocessedKeys; len(out.Responses[t.name]) > 0 {
			try = 0 // a reply holds 16 MB, and the next one the rest
		}
		found = append(found, out.Responses[t.name]...)
		if len(ask) == 0 {
			return found, nil
		}
		if err := wait(ctx, try, "read "+t.name, errThrottled); err != nil {
			return nil, err
		}
	}
}

// putAll writes items that nothing is conditional on, in no order.
func (t *table) putAll(ctx context.Context, items []item) error {
	var puts []types.WriteRequest
	for _, i := range items {
		puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: i}})
	}
	chunks := slices.Collect(slices.Chunk(puts, mostPuts))
	return together(ctx, len(chunks), func(ctx context.Context, i int) error {
		ask := map[string][]types.WriteRequest{t.name: chunks[i]}
		for try := 0; ; try++ {
			out, err := t.db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: ask})
			if err != nil {
				return said("write "+t.name, err)
			}
			if ask = out.UnprocessedItems; len(ask) == 0 {
				return nil
			}
			if err := wait(ctx, try, "write "+t.name, errThrottled); err != nil {
				return err
			}
		}
	})
}

// query reads up to limit items (0: all) of a partition, from one sort key to
// another, both included.
func (t *table) query(ctx context.Context, pk, from, to string, descending bool, limit int) (found []item, err error) {
	in := &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!descending),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :from AND :to"),
		ExpressionAttributeValues: item{":pk": text(pk), ":from": text(from), ":to": text(to)},
	}
	for {
		if limit > 0 {
			in.Limit = aws.Int32(int32(limit - len(found)))
		}
		out, err := t.db.Query(ctx, in)
		if err != nil {
			return nil, said("read "+t.name, err)
		}
		found = append(found, out.Items...)
		if in.ExclusiveStartKey = out.LastEvaluatedKey; len(out.LastEvaluatedKey) == 0 || limit > 0 && len(found) >= limit {
			return found, nil
		}
	}
}

// put writes an item where there is none.
func (t *table) put(i item) operation {
	return operation{Put: &types.Put{TableName: &t.name, Item: i, ConditionExpression: aws.String("attribute_not_exists(pk)")}}
}

// set writes an item whatever was there.
func (t *table) set(i item) operation {
	return operation{Put: &types.Put{TableName: &t.name, Item: i}}
}

func (t *table) remove(key item, condition string, values item) operation {
	d := &types.Delete{TableName: &t.name, Key: key}
	if condition != "" {
		d.ConditionExpression, d.ExpressionAttributeValues = &condition, values
	}
	return operation{Delete: d}
}

// refused is a transaction of which the conditions at these places did not hold.
type refused struct{ at []int }

func (r *refused) Error() string { return "a condition of the transaction did not hold" }

// transact does all operations or none. The SDK gives every call a token of its
// own, so that one that is sent again after its reply was lost is not done twice.
func (t *table) transact(ctx context.Context, operations ...operation) error {
	for try := 0; ; try++ {
		_, err := t.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: operations})
		if err == nil {
			return nil
		}
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			return said("write "+t.name, err)
		}
		if at := conditions(cancelled); len(at) > 0 {
			return &refused{at}
		}
		if !passes(cancelled) {
			return said("write "+t.name, err)
		}
		if err := wait(ctx, try, "write "+t.name, err); err != nil {
			return err
		}
	}
}

func conditions(c *types.TransactionCanceledException) (at []int) {
	for i, r := range c.CancellationReasons {
		if aws.ToString(r.Code) == "ConditionalCheckFailed" {
			at = append(at, i)
		}
	}
	return at
}

// passes tells whether a cancelled transaction met nothing but others and limits.
func passes(c *types.TransactionCanceledException) bool {
	for _, r := range c.CancellationReasons {
		switch aws.ToString(r.Code) {
		case "", "None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
		default:
			return false
		}
	}
	return len(c.CancellationReasons) > 0
}

var errThrottled = errors.New("the table is throttled")

// wait lets a while pass before another try, or says that there were enough. It
// is the time outside, not the home's clock: the service lives in that.
func wait(ctx context.Context, try int, action string, cause error) error {
	if try+1 >= tries {
		return fmt.Errorf("%s: tried %d times: %w", action, tries, cause)
	}
	pause, err := retry.NewExponentialJitterBackoff(2*time.Second).BackoffDelay(try, cause)
	if err != nil {
		return err
	}
	timer := time.NewTimer(min(pause, 50*time.Millisecond<<try))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// together does n things, some at a time, and returns the first error.
func together(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	if n == 1 {
		return do(ctx, 0)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(atOnce)
	for i := range n {
		g.Go(func() error { return do(ctx, i) })
	}
	return g.Wait()
}
