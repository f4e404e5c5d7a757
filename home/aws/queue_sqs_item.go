package awshome

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// kept is a message as the table keeps it. Its number is never given twice, so
// number and receive count name one delivery for ever: a receipt from before the
// message was deleted and sent anew cannot touch its successor.
type kept struct {
	flow.Message
	n        int64
	receives int64
	flight   bool  // it was received and not given back
	due      int64 // when it may be delivered: nanoseconds since 1970
}

func messagePlace(id string) item { return place("message#"+digest(id), "-") }

func (m *kept) place() item { return messagePlace(m.ID) }

func (m *kept) receipt() string { return fmt.Sprintf("%d-%d", m.n, m.receives) }

// names tells whether a receipt is the last one, and was not given back.
func (m *kept) names(d flow.Delivery) bool { return m.flight && m.receipt() == d.Receipt }

func (m *kept) delivery() flow.Delivery {
	if m == nil {
		return flow.Delivery{}
	}
	return flow.Delivery{Message: m.Message, Attempt: int(m.receives), Receipt: m.receipt()}
}

// maxMessage is below what an item can hold.
const maxMessage = 300 << 10

func (m *kept) item() (item, error) {
	if n := len(m.ID) + len(m.Subject) + len(m.Body); n > maxMessage {
		return nil, everqual.Permanent(fmt.Errorf("send %s: %d bytes are more than the %d of a message", m.ID, n, maxMessage))
	}
	i := m.place()
	i["id"], i["kind"], i["subject"], i["body"] = text(m.ID), text(m.Kind), text(m.Subject), body(m.Body)
	i["sent_at"], i["not_before"], i["due"] = number(nanos(m.SentAt)), number(nanos(m.NotBefore)), number(m.due)
	i["n"], i["receives"], i["flight"] = number(m.n), number(m.receives), boolean(m.flight)
	return i, nil
}

func (q *queue) find(ctx context.Context, id string) (*kept, error) {
	i, err := q.table.get(ctx, textOf(messagePlace(id), "pk"), "-")
	if err != nil || i == nil {
		return nil, err
	}
	flight, _ := i["flight"].(*types.AttributeValueMemberBOOL)
	return &kept{
		Message: flow.Message{
			ID: id, Kind: textOf(i, "kind"), Subject: textOf(i, "subject"), Body: bodyOf(i), // of a damaged item, what there is
			SentAt: moment(numberOf(i, "sent_at")), NotBefore: moment(numberOf(i, "not_before")),
		},
		n: numberOf(i, "n"), receives: numberOf(i, "receives"), due: numberOf(i, "due"),
		flight: flight != nil && flight.Value,
	}, nil
}

// current is the condition that a message is in this state.
func (m *kept) current() (string, item) {
	return "n = :n AND receives = :receives AND flight = :flight AND due = :due", item{
		":n": number(m.n), ":receives": number(m.receives), ":flight": boolean(m.flight), ":due": number(m.due),
	}
}

// row is the message's due row.
func (m *kept) row() item {
	h := fnv.New32a()
	h.Write([]byte(m.ID))
	i := place(duePartition(int(h.Sum32()%shards)), fmt.Sprintf("%s#%020d", fromTime(m.due), m.n))
	i["id"], i["n"], i["not_before"], i["due"] = text(m.ID), number(m.n), number(nanos(m.NotBefore)), number(m.due)
	return i
}

type dueRow struct {
	id                string
	n, notBefore, due int64
}

func dueRowOf(i item) dueRow {
	return dueRow{textOf(i, "id"), numberOf(i, "n"), numberOf(i, "not_before"), numberOf(i, "due")}
}

func earlier(a, b dueRow) int {
	return cmp.Or(cmp.Compare(a.notBefore, b.notBefore), cmp.Compare(a.n, b.n))
}

func duePartition(shard int) string { return fmt.Sprintf("due#%d", shard) }

// fromTime is a time as text in the order of times, also before 1970.
func fromTime(nanos int64) string { return fmt.Sprintf("%020d", uint64(nanos)^1<<63) }

func letterItem(m *kept, l everqual.DeadLetter, n int64, failed time.Time) item {
	i := place(letters, digest(m.ID))
	i["id"], i["kind"], i["subject"], i["body"] = text(m.ID), text(m.Kind), text(m.Subject), body(m.Body)
	i["cause"], i["attempts"], i["n"] = text(l.Cause), number(int64(l.Attempts)), number(n)
	i["sent_at"], i["failed_at"] = number(nanos(m.SentAt)), number(nanos(failed))
	return i
}

func letterOf(i item) everqual.DeadLetter {
	return everqual.DeadLetter{
		ID: textOf(i, "id"), Kind: textOf(i, "kind"), Subject: textOf(i, "subject"), Body: bodyOf(i), Cause: textOf(i, "cause"),
		Attempts: int(numberOf(i, "attempts")), SentAt: moment(numberOf(i, "sent_at")), FailedAt: moment(numberOf(i, "failed_at")),
	}
}

// redriving makes a message of a letter, unless one waits: then it goes on as it is.
func (q *queue) redriving(letter item, n int64, waiting *kept, now time.Time) []operation {
	remove := q.table.remove(placeOf(letter), "n = :n", item{":n": letter["n"]})
	if waiting != nil {
		condition, values := waiting.current()
		return []operation{remove, {ConditionCheck: &types.ConditionCheck{
			TableName: &q.table.name, Key: waiting.place(), ConditionExpression: aws.String(condition), ExpressionAttributeValues: values,
		}}}
	}
	l := letterOf(letter)
	m := &kept{
		Message: flow.Message{ID: l.ID, Kind: l.Kind, Subject: l.Subject, Body: l.Body, SentAt: l.SentAt, NotBefore: now},
		n:       n, due: nanos(now),
	}
	i, _ := m.item() // it was one before, and no longer
	return []operation{remove, q.table.put(i), q.table.put(m.row())}
}

var farthest = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// nanos returns t as nanoseconds since 1970, held to the years 1678 to 2261
// that these can tell: "never" stays in the future.
func nanos(t time.Time) int64 {
	switch year := t.Year(); {
	case year > 2261:
		return math.MaxInt64
	case year < 1678:
		return math.MinInt64
	}
	return t.UnixNano()
}

func moment(nanos int64) time.Time { return time.Unix(0, nanos).UTC() }
