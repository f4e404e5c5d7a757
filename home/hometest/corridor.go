package hometest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/collect"
	"github.com/everqual/everqual/flow"
	"github.com/everqual/everqual/ledger"
)

// corridor runs the whole corridor in the home.
func corridor(t *testing.T, open func(t *testing.T, clock flow.Clock) flow.Home) {
	for name, test := range map[string]func(*testing.T, *scene){
		"change becomes verdict":                    changeBecomesVerdict,
		"settles before observing":                  settlesBeforeObserving,
		"one observation answers a burst":           oneObservationAnswersABurst,
		"every event is counted once":               everyEventIsCountedOnce,
		"losing a tag does not hide a resource":     losingATagDoesNotHideAResource,
		"unread is not evaluated":                   unreadIsNotEvaluated,
		"deletion is recorded":                      deletionIsRecorded,
		"throttled is retried then recorded":        throttledIsRetriedThenRecorded,
		"event without resource is a dead letter":   eventWithoutResourceIsADeadLetter,
		"a panic is a dead letter":                  aPanicIsADeadLetter,
		"what kills its worker is a dead letter":    whatKillsItsWorkerIsADeadLetter,
		"redrive works again":                       redriveWorksAgain,
		"drift names who and when":                  driftNamesWhoAndWhen,
		"changed specification needs a new version": changedSpecificationNeedsANewVersion,
		"a part changes what it is nested in":       aPartChangesWhatItIsNestedIn,
		"what only its containers show":             whatOnlyItsContainersShow,
		"stops and goes on":                         stopsAndGoesOn,
		"new version judges what is there":          newVersionJudgesWhatIsThere,
		"what nobody judged is judged":              whatNobodyJudgedIsJudged,
		"what nobody judged lets nothing go":        whatNobodyJudgedLetsNothingGo,
		"changes that nobody looked at":             changesThatNobodyLookedAt,
		"finishes what it holds":                    finishesWhatItHolds,
		"works on what it is given":                 worksOnWhatItIsGiven,
		"delivered events are accounted for":        deliveredEventsAreAccountedFor,
		"changes are reported together":             changesAreReportedTogether,
		"no report is lost or made twice":           noReportIsLostOrMadeTwice,
		"a report is decided about once":            aReportIsDecidedAboutOnce,
		"nobody decides in time":                    nobodyDecidesInTime,
		"an event of the future":                    anEventOfTheFuture,
		"what waits forever is released":            whatWaitsForeverIsReleased,
		"damaged messages are dead letters":         damagedMessagesAreDeadLetters,
		"a lost letter is open":                     aLostLetterIsOpen,
		"an unrecorded letter is recorded":          anUnrecordedLetterIsRecorded,
		"a death is final":                          aDeathIsFinal,
	} {
		t.Run(name, func(t *testing.T) {
			clock := NewClock(morning)
			test(t, newScene(t, open(t, clock), clock))
		})
	}
}

func changeBecomesVerdict(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.expect("v1 APP-01 PASS")
	if len(s.post.notices) != 0 {
		t.Errorf("a PASS was announced: %v", s.post.notices)
	}

	s.aws.set(instance, "m5.xlarge", appTags)
	s.clock.Advance(time.Hour)
	s.run(modify("e2", s.clock.Now()))
	s.expect("v2 APP-01 FAIL")
	if len(s.post.notices) != 1 || s.post.notices[0].Severity != "critical" {
		t.Errorf("notices are %+v, want one critical", s.post.notices)
	}
	if err := s.Ledger.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func settlesBeforeObserving(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	o, err := s.Ledger.Latest(t.Context(), instance)
	if err != nil {
		t.Fatal(err)
	}
	if wait := o.CollectedAt.Sub(morning); wait < s.Settings.Settle {
		t.Errorf("observed %v after the event, before it settled", wait)
	}
}

func oneObservationAnswersABurst(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	var burst []everqual.ChangeEvent
	for i := range 20 {
		burst = append(burst, modify(fmt.Sprint("e", i), morning.Add(time.Duration(i)*100*time.Millisecond)))
	}
	s.accept(burst...)
	if n := s.work(); n.Left != 0 || n.Done != 20 {
		t.Errorf("work is %+v, want 20 done", n)
	}
	if s.aws.calls > 3 {
		t.Errorf("20 events within two seconds cost %d observations", s.aws.calls)
	}
}

func everyEventIsCountedOnce(t *testing.T, s *scene) {
	readOnly := event("r1", "DescribeInstances", morning, "{}")
	readOnly.ReadOnly = true
	failed := modify("f1", morning)
	failed.ErrorCode = "Client.UnauthorizedOperation"
	correction := modify("e1/addendum/1", morning)
	correction.Corrects = "e1"
	a := s.Accept()
	for _, e := range []everqual.ChangeEvent{
		readOnly, readOnly, failed, modify("e1", morning), modify("e1", morning), correction,
		event("u1", "SomethingNew", morning, `{"thing":"t"}`),
	} {
		if err := a.Event(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	a.Unparsable()
	if err := a.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := everqual.EventCounts{Total: 8, Duplicate: 2, ReadOnly: 1, Failed: 1, Matched: 2, Unmatched: 1, Unparsable: 1}
	if a.Counts != want {
		t.Errorf("counts are %+v, want %+v", a.Counts, want)
	}
	if again := s.accept(modify("e1", morning)); again.Duplicate != 1 {
		t.Errorf("a known event was counted %+v", again)
	}
}

func losingATagDoesNotHideAResource(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.aws.set(instance, "m5.large", map[string]string{"Other": "tag"})
	s.clock.Advance(time.Hour)
	s.run(untag("e2", s.clock.Now()))
	s.expect("v2 APP-01 PASS", "v2 SELECTION FAIL")
	// and it stays so with the next version
	s.aws.set(instance, "m5.xlarge", nil)
	s.clock.Advance(time.Hour)
	s.run(modify("e3", s.clock.Now()))
	s.expect("v3 APP-01 FAIL", "v3 SELECTION FAIL")
}

func unreadIsNotEvaluated(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.aws.put(instance, collect.Description{State: everqual.Present, Collector: "test/1",
		Unread: []everqual.Unread{{Reason: everqual.Denied, Call: "ec2:DescribeInstances", Message: "not authorized"}}})
	s.clock.Advance(time.Hour)
	s.run(modify("e2", s.clock.Now()))
	s.expect("v2 APP-01 NOT EVALUATED")
}

func deletionIsRecorded(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.aws.mu.Lock()
	delete(s.aws.resources, instance)
	s.aws.mu.Unlock()
	s.clock.Advance(time.Hour)
	s.run(event("e2", "TerminateInstances", s.clock.Now(), `{"instancesSet":{"items":[{"instanceId":"i-0123456789abcdef0"}]}}`))
	s.expect("v2 APP-01 NOT APPLICABLE")
}

func throttledIsRetriedThenRecorded(t *testing.T, s *scene) {
	s.aws.put(instance, collect.Description{State: everqual.Present, Collector: "test/1",
		Unread: []everqual.Unread{{Reason: everqual.Throttled, Message: "slow down"}}})
	s.accept(modify("e1", morning))
	n := s.work()
	if n.Retried != s.Settings.MaxAttempts-1 || n.Done != 1 {
		t.Errorf("work is %+v", n)
	}
	o, err := s.Ledger.Latest(t.Context(), instance)
	if err != nil || len(o.Unread) != 1 || o.Unread[0].Reason != everqual.Throttled {
		t.Errorf("recorded %+v, %v", o.Unread, err)
	}
}

func eventWithoutResourceIsADeadLetter(t *testing.T, s *scene) {
	if n := s.accept(event("e1", "ModifyInstanceAttribute", morning, "null")); n.Matched != 1 {
		t.Fatalf("counts are %+v", n)
	}
	if n := s.work(); n.DeadLetters != 1 {
		t.Errorf("work is %+v", n)
	}
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Cause, "e1") {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	if len(s.post.notices) != 1 {
		t.Errorf("notices are %+v", s.post.notices)
	}
	if err := s.Dispose(t.Context(), letters[0].ID, "q.unit", "the event was cut; resource checked by hand"); err != nil {
		t.Fatal(err)
	}
	for d, err := range ledger.Bodies[everqual.Disposition](t.Context(), s.Ledger, ledger.Query{Kind: everqual.KindDisposition}) {
		if err != nil || d.Body.By != "q.unit" || d.Body.Action != "dispose" {
			t.Errorf("disposition is %+v, %v", d.Body, err)
		}
	}
	if letters, _ := s.Queue.DeadLetters(t.Context()); len(letters) != 0 {
		t.Errorf("dead letters are still %+v", letters)
	}
}

// aPanicIsADeadLetter: what the program cannot stand does not end it, and is given up
// with its cause.
func aPanicIsADeadLetter(t *testing.T, s *scene) {
	s.aws.onCall = func() { panic("no such shape") }
	s.accept(modify("e1", morning))
	if n := s.work(); n.DeadLetters != 1 || n.Retried != s.Settings.MaxAttempts-1 {
		t.Errorf("work is %+v", n)
	}
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Cause, "no such shape") || !strings.Contains(letters[0].Cause, "Describe") {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	if len(s.post.notices) != 1 {
		t.Errorf("notices are %+v", s.post.notices)
	}
	s.aws.onCall = nil
	s.aws.set(instance, "m5.large", appTags)
	if err := s.Redrive(t.Context(), letters[0].ID, "ops", "it is mended"); err != nil {
		t.Fatal(err)
	}
	s.work()
	s.expect("v1 APP-01 PASS")
}

// whatKillsItsWorkerIsADeadLetter: a worker that is killed can give no cause. What
// is received again and again and never ends is not begun once more.
func whatKillsItsWorkerIsADeadLetter(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.accept(modify("e1", morning))
	s.clock.Advance(time.Minute)
	for i := range 3 * s.Settings.MaxAttempts {
		if got, err := s.Queue.Receive(t.Context(), 1, s.Settings.Visibility); err != nil || len(got) != 1 {
			t.Fatalf("the worker that is killed as number %d received %v, %v", i+1, got, err)
		}
		s.clock.Advance(s.Settings.Visibility)
	}
	if n := s.work(); n.DeadLetters != 1 || s.aws.calls != 0 {
		t.Errorf("work is %+v, with %d calls", n, s.aws.calls)
	}
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Cause, "begun 18 times and never ended") {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	if err := s.Redrive(t.Context(), letters[0].ID, "ops", "it has more memory now"); err != nil {
		t.Fatal(err)
	}
	s.work()
	s.expect("v1 APP-01 PASS")
}

func redriveWorksAgain(t *testing.T, s *scene) {
	s.post.err = everqual.Permanent(errors.New("no such channel"))
	s.aws.set(instance, "m5.xlarge", appTags)
	s.run(modify("e1", morning))
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 {
		t.Fatalf("dead letters are %+v, %v", letters, err)
	}
	s.post.err = nil
	if err := s.Redrive(t.Context(), letters[0].ID, "ops", "the channel is back"); err != nil {
		t.Fatal(err)
	}
	s.work()
	if len(s.post.notices) != 1 {
		t.Errorf("notices are %+v", s.post.notices)
	}
}

func driftNamesWhoAndWhen(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	lims := s.Library.Systems()[0]
	baseline, err := s.SetBaseline(t.Context(), lims, "release manager", "release 1")
	if err != nil {
		t.Fatal(err)
	}
	s.aws.set(instance, "m5.xlarge", map[string]string{"System": "LIMS"})
	s.clock.Advance(time.Hour)
	s.accept(modify("e2", s.clock.Now()), untag("e3", s.clock.Now().Add(time.Second)))
	s.work()
	drift, err := s.Drift(t.Context(), lims, baseline)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, d := range drift.Differences {
		if len(d.Events) == 0 {
			t.Fatalf("nobody is named for %+v", d)
		}
		got[d.Change.Path] = d.Events[0].ID
	}
	want := map[string]string{"InstanceType": "e2", "Tags[Role]": "e3"}
	if !maps.Equal(got, want) {
		t.Errorf("drift is explained by %v, want %v", got, want)
	}
}

func changedSpecificationNeedsANewVersion(t *testing.T, s *scene) {
	changed := strings.Replace(specFile, "m5.large", "m5.4xlarge", 1)
	s.Library = library(t, changed)
	if err := s.Register(t.Context()); err == nil || !strings.Contains(err.Error(), "new version") {
		t.Errorf("the changed specification was taken: %v", err)
	}
}

func newVersionJudgesWhatIsThere(t *testing.T, s *scene) {
	if err := s.Rejudge(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.aws.set(instance, "m5.large", appTags)
	s.run(modify("e1", morning))
	s.expect("v1 APP-01 PASS")
	s.Library = library(t, strings.NewReplacer("m5.large", "m6i.large", `"version": "1.0"`, `"version": "1.1"`).Replace(specFile))
	for range 2 {
		if err := s.Rejudge(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.expect("v1 APP-01 FAIL")
	if n := s.count(everqual.KindInForce); n != 2 {
		t.Errorf("%d sets of specifications are recorded, want 2", n)
	}
	if n := s.count(everqual.KindSystem); n != 1 {
		t.Errorf("the system is defined by %d records, want 1", n)
	}
	if s.work(); len(s.post.notices) != 1 {
		t.Errorf("people were told of %d verdicts, want 1", len(s.post.notices))
	}
}

func stopsAndGoesOn(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.accept(modify("e1", morning))
	s.clock.Advance(time.Hour)
	ctx, stop := context.WithCancel(t.Context())
	s.aws.onCall = stop
	if _, err := s.Work(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("stopped work returned %v", err)
	}
	s.aws.onCall = nil
	at := s.clock.Now()
	s.work()
	s.expect("v1 APP-01 PASS")
	if waited := s.clock.Now().Sub(at); waited > time.Second {
		t.Errorf("the message came back only after %v", waited)
	}
}

// finishesWhatItHolds: told to take no more, one worker ends both messages that it
// has received, and leaves the third as it is.
func finishesWhatItHolds(t *testing.T, s *scene) {
	s.Settings.Workers = 1
	for i := range 3 {
		s.accept(event(fmt.Sprint("e", i), "ModifyInstanceAttribute", morning, fmt.Sprintf(`{"instanceId":"i-0123456789abcdef%d"}`, i)))
	}
	s.clock.Advance(time.Hour)
	until, stop := context.WithCancel(t.Context())
	s.aws.onCall = stop
	if n, err := s.WorkUntil(t.Context(), until); err != nil || n != (flow.WorkCounts{Done: 2, Left: 1}) {
		t.Errorf("work is %+v, %v; want 2 done and 1 left", n, err)
	}
	if n, err := s.WorkUntil(t.Context(), until); err != nil || n != (flow.WorkCounts{Left: 1}) {
		t.Errorf("work after the end is %+v, %v", n, err)
	}
	if n := s.work(); n.Done != 1 {
		t.Errorf("work on what was left is %+v", n)
	}
}

func worksOnWhatItIsGiven(t *testing.T, s *scene) {
	s.aws.set(instance, "m5.large", appTags)
	s.accept(modify("e1", morning), modify("e2", morning), event("e3", "ModifyInstanceAttribute", morning, "null"))
	s.clock.Advance(time.Hour)
	held, err := s.Queue.Receive(t.Context(), 10, s.Settings.Visibility)
	if err != nil || len(held) != 3 {
		t.Fatalf("received %d messages, %v", len(held), err)
	}
	n, failed := s.WorkOn(t.Context(), held...)
	if want := (flow.WorkCounts{Done: 2, DeadLetters: 1}); n != want || len(failed) > 0 || s.aws.calls != 1 {
		t.Errorf("work is %+v with %d calls, failed %v; want %+v with 1", n, s.aws.calls, failed, want)
	}
	s.expect("v1 APP-01 PASS")
}

func deliveredEventsAreAccountedFor(t *testing.T, s *scene) {
	take := func(from string, bodies ...string) everqual.IntakeAccount {
		t.Helper()
		var in []flow.Delivered
		for i, b := range bodies {
			in = append(in, flow.Delivered{Name: fmt.Sprint("message ", i), Reader: strings.NewReader(b)})
		}
		account, err := s.TakeDelivered(t.Context(), from, in...)
		if err != nil {
			t.Fatal(err)
		}
		return account
	}
	one := string(modify("e1", morning).Envelope)
	a := take("batch 1", one, one, "nonsense")
	if want := (everqual.EventCounts{Total: 3, Duplicate: 1, Matched: 1, Unparsable: 1}); a.Events != want || a.ProblemCount != 1 || a.Problems[0].Place.Input != "message 2" {
		t.Errorf("the account is %+v, want %+v", a, want)
	}
	if a := take("batch 2", one); a.Events.Duplicate != 1 {
		t.Errorf("delivered again, the account is %+v", a)
	}
	broken := flow.Delivered{Name: "log", Reader: iotest.ErrReader(errors.New("connection reset"))}
	if _, err := s.TakeDelivered(t.Context(), "batch 3", broken); err == nil || everqual.IsPermanent(err) {
		t.Errorf("an input that broke off gave %v, want an error that is tried again", err)
	}
	if n := s.count(everqual.KindIntake); n != 2 {
		t.Errorf("%d accounts are recorded, want 2", n)
	}
}

// aPartChangesWhatItIsNestedIn: an event of a security group is an event of the
// instance that shows its rules, and explains what changed there.
func aPartChangesWhatItIsNestedIn(t *testing.T, s *scene) {
	const group = everqual.ResourceID("arn:aws:ec2:eu-central-1:111122223333:security-group/sg-0123456789abcdef0")
	s.showWith("m5.large", group)
	s.run(modify("e1", morning))
	lims := s.Library.Systems()[0]
	baseline, err := s.SetBaseline(t.Context(), lims, "release manager", "release 1")
	if err != nil {
		t.Fatal(err)
	}
	s.showWith("m5.xlarge", group)
	s.clock.Advance(time.Hour)
	s.run(event("e2", "AuthorizeSecurityGroupIngress", s.clock.Now(), `{"groupId":"sg-0123456789abcdef0"}`))
	s.expect("v2 APP-01 FAIL")
	drift, err := s.Drift(t.Context(), lims, baseline)
	if err != nil || len(drift.Differences) != 1 || len(drift.Differences[0].Events) != 1 || drift.Differences[0].Events[0].ID != "e2" {
		t.Errorf("drift is %+v, %v, want one difference explained by e2", drift.Differences, err)
	}
}

// whatOnlyItsContainersShow: an event that names an association, which exists in
// a route table only, is an event of the table that was last seen with it. One
// that was never seen needs a person.
func whatOnlyItsContainersShow(t *testing.T, s *scene) {
	const association = everqual.ResourceID("arn:aws:ec2:eu-central-1:111122223333:route-table-association/rtbassoc-0123456789abcdef0")
	s.showWith("m5.large", association)
	s.run(modify("e1", morning))
	s.showWith("m5.xlarge", association)
	s.clock.Advance(time.Hour)
	s.run(event("e2", "DisassociateRouteTable", s.clock.Now(), `{"associationId":"rtbassoc-0123456789abcdef0"}`))
	s.expect("v2 APP-01 FAIL")
	s.run(event("e3", "DisassociateRouteTable", s.clock.Now(), `{"associationId":"rtbassoc-0aaaaaaaaaaaaaaa0"}`))
	letters, err := s.Queue.DeadLetters(t.Context())
	if err != nil || len(letters) != 1 || !strings.Contains(letters[0].Cause, "rtbassoc-0aaaaaaaaaaaaaaa0 is in no resource that was observed") {
		t.Errorf("dead letters are %+v, %v", letters, err)
	}
}

// showWith lets the instance be of a kind, with another resource nested in it.
func (s *scene) showWith(kind string, part everqual.ResourceID) {
	s.aws.set(instance, kind, appTags)
	d := s.aws.resources[instance]
	d.Parts = []everqual.ResourceID{part}
	s.aws.put(instance, d)
}
