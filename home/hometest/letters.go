package hometest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/flow"
)

// anEventOfTheFuture is looked at now: its own time would let it wait for decades.
func anEventOfTheFuture(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	far := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	account, err := s.TakeDelivered(t.Context(), "future", flow.Delivered{Name: "queue", Reader: strings.NewReader(string(modify("e1", far).Envelope))})
	if err != nil || account.AheadCount != 1 || len(account.Ahead) != 1 || !strings.Contains(account.Ahead[0].Message, "2099-01-01T00:00:00Z") || account.ProblemCount != 0 {
		t.Fatalf("the account is %+v, %v", account, err)
	}
	_, due, err := s.Queue.Pending(t.Context())
	if wait := due.Sub(s.clock.Now()); err != nil || wait > s.Settings.Settle+time.Second {
		t.Fatalf("it waits for %v, %v", wait, err)
	}
	s.work()
	s.expect("v1 APP-01 PASS")
	record, _, err := s.Ledger.Find(t.Context(), "event:e1")
	var kept everqual.ReceivedEvent
	if err := errors.Join(err, json.Unmarshal(record.Body, &kept)); err != nil || !kept.Time.Equal(far) {
		t.Errorf("its time is recorded as %v, %v", kept.Time, err)
	}
	if r, err := s.Reconcile(t.Context(), modify("e1", far)); err != nil || r.Fate != flow.FateObserved {
		t.Errorf("what became of it is %+v, %v", r, err)
	}
}

// whatWaitsForeverIsReleased: what an earlier program queued for such a time.
func whatWaitsForeverIsReleased(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.accept(modify("e1", morning))
	s.clock.Advance(time.Hour)
	held, err := s.Queue.Receive(t.Context(), 1, time.Minute)
	if err != nil || len(held) != 1 {
		t.Fatalf("received %v, %v", held, err)
	}
	at := s.clock.Now()
	if err := s.Queue.Postpone(t.Context(), held[0], at.AddDate(70, 0, 0)); err != nil {
		t.Fatal(err)
	}
	if n := s.work(); n.Done != 1 || s.clock.Now().Sub(at) > time.Minute {
		t.Errorf("work is %+v, after %v", n, s.clock.Now().Sub(at))
	}
	s.expect("v1 APP-01 PASS")
}

// damagedMessagesAreDeadLetters: each by itself, and the rest is done.
func damagedMessagesAreDeadLetters(t *testing.T, s *scene) {
	bodies := map[string]string{
		"no JSON": `{}}`, "no text": "\xff\xfe\x00", "nothing": ``, "null": `null`, "a list": `[]`, "no request": `{}`,
		"long":    strings.Repeat("x", 1<<20>>3),
		"no type": `{"resource":{"id":"arn:aws:ec2:eu-central-1:1:instance/i-1"},"not_before":"2026-03-01T12:00:00Z"}`,
		"no time": `{"resource":{"id":"arn:aws:ec2:eu-central-1:1:instance/i-1","type":"AWS::EC2::Instance"}}`,
	}
	for name, body := range bodies {
		s.send(flow.Message{ID: name, Kind: "observe", Subject: "arn:" + name, Body: []byte(body)})
	}
	s.send(flow.Message{ID: "empty notice", Kind: "notify", Subject: "a", Body: []byte(`{}`)}, flow.Message{ID: "empty report", Kind: "report", Subject: "b", Body: []byte(`{}`)})
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.expect("v1 APP-01 PASS")
	letters, err := s.Letters(t.Context())
	if err != nil || len(letters) != len(bodies)+2 {
		t.Fatalf("%d dead letters of %d, %v", len(letters), len(bodies)+2, err)
	}
	for _, l := range letters {
		if l.Strange != "" || l.Entry == 0 || !json.Valid(l.Body) || len(l.Body) > 8<<10 {
			t.Errorf("%s: entry %d, strange %q, body %.80s", l.ID, l.Entry, l.Strange, l.Body)
		}
		if !strings.Contains(l.Cause, "cannot be read") && !strings.Contains(l.Cause, "must have") {
			t.Errorf("%s: its cause is %q", l.ID, l.Cause)
		}
	}
	if s.aws.calls != 1 {
		t.Errorf("%d resources were asked for, want 1", s.aws.calls)
	}
}

func (s *scene) send(m ...flow.Message) {
	s.t.Helper()
	if err := s.Queue.Send(s.t.Context(), m...); err != nil {
		s.t.Fatal(err)
	}
}

// one is the only open dead letter.
func (s *scene) oneLetter() flow.Letter {
	s.t.Helper()
	letters, err := s.Letters(s.t.Context())
	if err != nil || len(letters) != 1 {
		s.t.Fatalf("open dead letters are %+v, %v; want one", letters, err)
	}
	return letters[0]
}

func (s *scene) noLetter() {
	s.t.Helper()
	letters, err := s.Letters(s.t.Context())
	if err != nil || len(letters) > 0 {
		s.t.Fatalf("open dead letters are %+v, %v; want none", letters, err)
	}
}

// aLostLetterIsOpen: the ledger holds it, so it is shown, and decided about.
func aLostLetterIsOpen(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.aws.onCall = func() { panic("nobody thought of this") }
	s.run(modify("e1", morning))
	id := s.oneLetter().ID
	if err := s.Queue.Discard(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	s.work()
	l := s.oneLetter()
	if l.ID != id || !strings.Contains(l.Strange, "gone from the queue") || l.Heals {
		t.Fatalf("the letter is %+v", l)
	}
	s.aws.onCall = nil
	if err := s.Redrive(t.Context(), id, "ops", "it is mended"); err != nil {
		t.Fatal(err)
	}
	s.noLetter()
	s.work()
	s.expect("v1 APP-01 PASS")
	s.noLetter()
}

// anUnrecordedLetterIsRecorded by the next run, and one whose end was cut off is ended.
func anUnrecordedLetterIsRecorded(t *testing.T, s *scene) {
	s.send(flow.Message{ID: "a", Kind: "observe", Subject: "arn:a", Body: []byte(`{}`)})
	bury := func(cause string) {
		t.Helper()
		held, err := s.Queue.Receive(t.Context(), 1, time.Minute)
		if err != nil || len(held) != 1 {
			t.Fatalf("received %v, %v", held, err)
		}
		if err := s.Queue.Bury(t.Context(), held[0], everqual.DeadLetter{Cause: cause, Attempts: 1, FailedAt: s.clock.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	bury("first")
	if l := s.oneLetter(); l.Entry != 0 || !strings.Contains(l.Strange, "does not hold it") {
		t.Fatalf("the letter is %+v", l)
	}
	s.work()
	l := s.oneLetter()
	if l.Entry == 0 || l.Strange != "" || l.Cause != "first" {
		t.Fatalf("after the next run the letter is %+v", l)
	}
	whole := s.Home.Queue
	s.Home.Queue = faultyQueueOfLetters{whole}
	if err := s.Dispose(t.Context(), "a", "ops", "not needed"); !errors.Is(err, errFault) {
		t.Fatalf("the disposal that was to be cut off gave %v", err)
	}
	s.Home.Queue = whole
	if l := s.oneLetter(); !l.Heals || !strings.Contains(l.Strange, "ops decided to dispose it") {
		t.Fatalf("the letter is %+v", l)
	}
	s.clock.Advance(time.Hour)
	s.work()
	s.noLetter()
	if rows, err := s.Queue.DeadLetters(t.Context()); err != nil || len(rows) > 0 {
		t.Errorf("the queue still has %+v, %v", rows, err)
	}
}

// faultyQueueOfLetters is cut off where a letter is to go.
type faultyQueueOfLetters struct{ flow.Queue }

func (faultyQueueOfLetters) Discard(context.Context, string) error { return errFault }

// aDeathIsFinal: once it is recorded the message is not tried again, though it could
// be done now: the ledger would say of it what is not so.
func aDeathIsFinal(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.aws.onCall = func() { panic("nobody thought of this") }
	s.accept(modify("e1", morning))
	s.clock.Advance(time.Hour)
	whole := s.Home.Queue
	s.Home.Queue = faultyBurial{whole}
	if _, err := s.Work(t.Context()); !errors.Is(err, errFault) {
		t.Fatalf("the burial that was to be cut off gave %v", err)
	}
	s.Home.Queue = whole
	if l := s.oneLetter(); !l.Heals || !strings.Contains(l.Strange, "cut off") {
		t.Fatalf("the letter is %+v", l)
	}
	s.aws.onCall = nil
	s.clock.Advance(s.Settings.Visibility)
	if n := s.work(); n.DeadLetters != 1 {
		t.Errorf("work is %+v", n)
	}
	if l := s.oneLetter(); l.Strange != "" {
		t.Errorf("the letter is %+v", l)
	}
	if n := s.count(everqual.KindDeadLetter); n != 1 {
		t.Errorf("%d deaths are recorded", n)
	}
}

type faultyBurial struct{ flow.Queue }

func (faultyBurial) Bury(context.Context, flow.Delivery, everqual.DeadLetter) error { return errFault }
