package aws_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/everqual/everqual"
	awshome "github.com/everqual/everqual/home/aws"
	"github.com/everqual/everqual/ledger"
)

// TestHome deploys a home with the module and sees it work from end to end.
func TestHome(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes minutes")
	}
	s := begin(t)
	for _, part := range []struct {
		name string
		tell func()
	}{
		{"who has no permission is refused", s.enforced},
		{"a change is judged and told", s.change},
		{"a report is approved, or rejected", s.qualify},
		{"resources are collected together", s.collect},
		{"many are observed in child executions", s.many},
		{"poison ends in the dead letters", s.poison},
		{"an approval times out", s.timedOut},
		{"nothing is lost and nothing twice", s.survive},
		{"what means nothing ends in SQS's dead letters", s.meaningless},
		{"the ledger is signed and verified", s.sealed},
	} {
		t.Run(part.name, func(t *testing.T) {
			defer func(whole *testing.T) { s.T = whole }(s.T)
			s.T = t
			part.tell()
		})
	}
}

// enforced: what the roles of the functions may is all that they can. A role without
// permissions is the proof that MiniStack asks.
func (s *story) enforced() {
	const name = "nobody"
	s.observer(name) // may take roles, and nothing else
	queues := sqs.NewFromConfig(s.taken(s.cfg, tooling, name, ""))
	_, err := queues.ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{QueueUrl: s.queue("prod-work")})
	if err == nil || !strings.Contains(err.Error(), "not authorized to perform: sqs:ReceiveMessage") {
		s.Fatalf("a role without permissions reads a queue: %v", err)
	}
}

// change makes a group, and opens it to the world. The event of that comes twice.
func (s *story) change() {
	s.say("prod-work", "no name") // for later: it is tried for a while
	s.specify()
	id, made := s.group("first")
	s.onBus(made)
	s.until("the new group is judged", time.Minute, func() bool { return len(s.about(everqual.KindAssessment, id)) == 1 })
	opened := s.openUp(id)
	s.onBus(opened, opened)
	failed := s.hear("a group is open", mentions(id+": 1 FAIL, 0 NOT EVALUATED"))
	if a := failed.MessageAttributes; a["severity"].Value != "critical" || a["system"].Value != "LAB" || a["account"].Value != member {
		s.Errorf("the notice is filtered by %v", a)
	}
	s.until("the second delivery is counted", time.Minute, func() bool { return s.counted().Duplicate == 1 && s.waiting() == 0 })
	var kinds []everqual.Kind
	for _, r := range s.about("", id) {
		kinds = append(kinds, r.Kind)
	}
	want := []everqual.Kind{everqual.KindChangeEvent, everqual.KindObservation, everqual.KindAssessment, everqual.KindChangeEvent, everqual.KindObservation, everqual.KindAssessment}
	if !slices.Equal(kinds, want) {
		s.Errorf("the ledger holds %v, want %v", kinds, want)
	}
	for _, r := range s.about(everqual.KindObservation, id) {
		o := got(ledger.Body[everqual.Observation](r))(s)
		s.archived(o.Evidence)
		if want := "arn:aws:sts::" + member + ":assumed-role/prod-collector/everqual"; o.Caller.ARN != want {
			s.Errorf("observed as %s, want %s", o.Caller.ARN, want)
		}
	}
	if n := len(s.listen(mentions(id))); n != 1 {
		s.Errorf("%d notices, want that of the FAIL", n)
	}
	if out := s.everqual("status"); !strings.Contains(out, "1 resources, 1 assessed") || !strings.Contains(out, "0 PASS   1 FAIL") {
		s.Errorf("status:\n%s", out)
	}
}

// counted is what all intakes counted.
func (s *story) counted() (n everqual.EventCounts) {
	for _, r := range s.records(everqual.KindIntake) {
		a := got(ledger.Body[everqual.IntakeAccount](r))(s)
		n.Duplicate += a.Events.Duplicate
		n.Unparsable += a.Events.Unparsable
	}
	return n
}

func (s *story) archived(d everqual.Digest) {
	s.Helper()
	if _, err := s.s3.HeadObject(s.Context(), &s3.HeadObjectInput{Bucket: &s.home.Bucket, Key: aws.String("archive/" + d.Hex())}); err != nil {
		s.Errorf("%s is not in the archive: %v", d, err)
	}
}

// ending is how an execution of a state machine ended.
type ending struct {
	sfntypes.ExecutionStatus
	Failed, Output string
}

// decided is the output of a qualification.
type decided struct {
	Report struct {
		Digest everqual.Digest            `json:"digest"`
		Files  map[string]everqual.Digest `json:"files"`
	} `json:"report"`
	Decision everqual.Decided `json:"decision"`
}

func (s *story) start(machine, name, input string) {
	s.Helper()
	arn := s.home.Machines[machine]
	got(sfn.NewFromConfig(s.cfg).StartExecution(s.Context(), &sfn.StartExecutionInput{StateMachineArn: &arn, Name: &name, Input: &input}))(s)
}

func (s *story) ended(machine, execution string) (e ending) {
	s.Helper()
	name := strings.Replace(s.home.Machines[machine], ":stateMachine:", ":execution:", 1) + ":" + execution
	s.until(execution+" ends", 2*time.Minute, func() bool {
		out := got(sfn.NewFromConfig(s.cfg).DescribeExecution(s.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &name}))(s)
		e = ending{out.Status, aws.ToString(out.Error), aws.ToString(out.Output)}
		return out.Status != sfntypes.ExecutionStatusRunning
	})
	return e
}

// answer answers the n-th question about a report.
func (s *story) answer(number string, n int, decision string) {
	s.Helper()
	var asked struct{ Token string }
	s.until("a question about "+number, time.Minute, func() bool {
		all := s.listen(func(n notice) bool { return n.Subject == "INFO: approve report "+number+" of LAB" })
		if len(all) < n {
			return false
		}
		check(s, json.Unmarshal([]byte(all[n-1].Message), &asked))
		return true
	})
	got(sfn.NewFromConfig(s.cfg).SendTaskSuccess(s.Context(), &sfn.SendTaskSuccessInput{TaskToken: &asked.Token, Output: &decision}))(s)
}

// qualify has four reports written: one is approved, one rejected after answers that
// are none, one decided about before its answer comes, and about one nobody decides.
func (s *story) qualify() {
	for _, number := range []string{"IQ-3", "IQ-1", "IQ-2", "IQ-4"} {
		s.start("qualify", number, fmt.Sprintf(`{"system":"LAB","number":%q,"by":"A. Person","reason":"release"}`, number))
	}
	s.answer("IQ-1", 1, `{"decision": "approved", "by": "B. Person", "reason": "as expected"}`)
	s.everqual("report", "reject", "IQ-4", "--by", "C. Person", "--reason", "the wrong scope")
	s.answer("IQ-4", 1, `{"decision": "approved", "by": "B. Person", "reason": "as expected"}`)
	none := map[string]string{
		`{"decision": "rejected", "by": "B. Person"}`: "the reason is missing", `"yes"`: "it is no object", `null`: "the full name of who decides is missing",
		`{"decision": "aproved", "by": "B. Person", "reason": "as expected"}`:                        "aproved",
		`{"decision": "approved", "by": "B. Person", "reason": "as expected", "report": "sha256:0"}`: "it is about the report sha256:0",
	}
	n := 1
	for answer, why := range none {
		s.answer("IQ-2", n, answer)
		n++
		s.hear("why "+answer+" is refused", func(n notice) bool { return mentions("The answer was refused: ")(n) && mentions(why)(n) })
	}
	s.answer("IQ-2", n, `{"decision": "rejected", "by": "B. Person", "reason": "it is open"}`)
	s.hear("an answer came too late", mentions("this one was rejected by C. Person"))
	for number, want := range map[string][2]string{"IQ-1": {"approved", "B. Person"}, "IQ-2": {"rejected", "B. Person"}, "IQ-4": {"rejected", "C. Person"}} {
		e, out := s.ended("qualify", number), decided{}
		if e.ExecutionStatus != sfntypes.ExecutionStatusSucceeded {
			s.Fatalf("%s: %+v", number, e)
		}
		check(s, json.Unmarshal([]byte(e.Output), &out))
		if d := out.Decision; string(d.Decision) != want[0] || d.By != want[1] || d.Report != out.Report.Digest || len(out.Report.Files) < 2 {
			s.Errorf("%s: %+v", number, out)
		}
		if d, asked := out.Decision, number != "IQ-4"; asked != strings.HasSuffix(d.Execution, ":"+number) || asked == d.Asked.IsZero() || asked == strings.HasPrefix(d.Principal, "arn:") {
			s.Errorf("%s was answered by %+v", number, d.ReportDecided)
		}
		for _, d := range out.Report.Files {
			s.archived(d)
		}
		if n, m := len(s.about(everqual.KindReport, string(out.Report.Digest))), len(s.about(everqual.KindApproval, string(out.Report.Digest))); n != 1 || m != 1 {
			s.Errorf("%s is recorded %d times, and its decision %d times", number, n, m)
		}
		s.hear(number+" is decided", mentions("LAB report "+number+" was "+want[0]))
	}
}

// collect has a group observed, and what is no resource of any known type. The one
// does not stop the other.
func (s *story) collect() {
	id, _ := s.group("collected")
	s.start("collect", "known", fmt.Sprintf(`{"resources":[{"resource":{"id":%q}}]}`, arn(id)))
	s.start("collect", "unknown", fmt.Sprintf(`{"resources":[{"resource":{"id":"arn:aws:none:::none"}},{"resource":{"id":%q}}]}`, arn(id)))
	if e := s.ended("collect", "known"); e.ExecutionStatus != sfntypes.ExecutionStatusSucceeded {
		s.Errorf("known: %+v", e)
	}
	if e := s.ended("collect", "unknown"); e.ExecutionStatus != sfntypes.ExecutionStatusFailed || e.Failed != "NotObserved" {
		s.Errorf("unknown: %+v", e)
	}
	if n := len(s.about(everqual.KindAssessment, id)); n != 1 {
		s.Errorf("%d assessments, want 1", n)
	}
	s.hear("one was not observed", mentions("A resource could not be observed"))
	if n := s.held("prod-collect-dlq"); n != 1 {
		s.Errorf("the dead letters of the state machine are %d, want 1", n)
	}
}

func (s *story) timedOut() {
	e := s.ended("qualify", "IQ-3")
	if e.ExecutionStatus != sfntypes.ExecutionStatusFailed || e.Failed != "NotDecided" {
		s.Errorf("IQ-3: %+v", e)
	}
	s.hear("nobody decided", mentions("nobody decided about a report in time"))
	if n, m := len(s.records(everqual.KindReport)), len(s.about(everqual.KindApproval, "unanswered")); n != 5 || m != 1 {
		s.Errorf("%d reports are recorded, want 5, and %d unanswered, want 1", n, m)
	}
	s.everqual("report", "approve", "IQ-3", "--by", "B. Person", "--reason", "late, and as expected")
	if out := s.everqual("report", "list", "--output", "json"); strings.Count(out, `"decision": "approved"`) != 3 {
		s.Errorf("the decisions:\n%s", out)
	}
}

// poison is what cannot be read, what names no resource, and a notice that the topic
// refuses until somebody mends it.
func (s *story) poison() {
	heal := s.front.meeting(func(c *call) bool {
		if c.operation != "SNS.Publish" || !strings.Contains(string(c.body), "Open+to+the+world") && !strings.Contains(string(c.body), "1+FAIL") {
			return false
		}
		c.refuse(http.StatusBadRequest, "InvalidParameter")
		return true
	})
	defer heal()
	s.say("prod-intake", "no event {")
	s.onBus(s.event("CreateTags", `{"resourcesSet":{"items":[]}}`, "null"))
	id, made := s.group("second")
	opened := s.openUp(id)
	s.onBus(made, opened)
	s.hear("an event names no resource", mentions("A message failed for good: event event-"))
	letter := func(kind string) (ids []string) {
		for _, l := range s.letters() {
			if l.Kind == kind {
				ids = append(ids, l.ID)
			}
		}
		return ids
	}
	s.until("both are dead letters", time.Minute, func() bool { return len(letter("observe")) == 1 && len(letter("notify")) == 1 })
	s.until("what cannot be read is counted", time.Minute, func() bool { return s.counted().Unparsable == 1 })
	observe, notify := letter("observe")[0], letter("notify")[0]

	heal()
	s.everqual("deadletter", "redrive", notify, "--by", "A. Person", "--reason", "the topic is mended")
	s.hear("the notice comes after all", mentions(id+": 1 FAIL"))
	s.everqual("deadletter", "redrive", observe, "--by", "A. Person", "--reason", "to see it fail again")
	s.until("it fails again", time.Minute, func() bool { return len(s.about(everqual.KindDeadLetter, observe)) == 2 && len(letter("observe")) == 1 })
	s.everqual("deadletter", "dispose", observe, "--by", "A. Person", "--reason", "it names nothing")
	s.until("nothing is left", time.Minute, func() bool { return len(s.letters()) == 0 && s.waiting() == 0 })
	var actions []string
	for _, r := range s.records(everqual.KindDisposition) {
		actions = append(actions, got(ledger.Body[everqual.Disposition](r))(s).Action)
	}
	if want := []string{"redrive", "redrive", "dispose"}; !slices.Equal(actions, want) {
		s.Errorf("decided %v, want %v", actions, want)
	}
}

// survive has groups made, each opened to the world, while functions are killed and
// calls fail, and every event comes twice.
func (s *story) survive() {
	const groups = 12
	ids, events := map[string]bool{}, []string{}
	for i := range groups {
		id, made := s.group(fmt.Sprintf("many-%d", i))
		ids[id] = true
		events = append(events, made, s.openUp(id))
	}
	before := len(s.records(everqual.KindChangeEvent))
	all := append(slices.Clone(events), events...)
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	b := &trouble{kill: s.kill}
	heal := s.front.meeting(b.meet)
	defer heal()
	for some := range slices.Chunk(all, 12) {
		s.onBus(some...)
		time.Sleep(4 * time.Second)
	}
	for end := time.Now().Add(45 * time.Second); time.Now().Before(end) && (!b.enough() || s.judged(ids) < groups/2); {
		time.Sleep(time.Second)
	}
	heal()
	s.Logf("%s; %d of %d groups judged", b, s.judged(ids), groups)
	if !b.enough() {
		s.Error("the trouble was too small to show anything")
	}
	// The schedule does so every minute: it finds what the lost doorbells were for.
	got(lambda.NewFromConfig(s.cfg).Invoke(s.Context(), &lambda.InvokeInput{
		FunctionName: aws.String("prod-schedule"), InvocationType: "Event", Payload: []byte(`{"do":"work"}`),
	}))(s)
	s.until("all groups are judged", 2*time.Minute, func() bool {
		return s.judged(ids) >= groups && s.waiting() == 0 && s.held("prod-intake") == 0
	})
	s.exactlyOnce(ids, before+2*groups)
}

// judged is how many of the groups are.
func (s *story) judged(ids map[string]bool) (n int) {
	s.Helper()
	for _, r := range s.records(everqual.KindAssessment) {
		if ids[group(got(ledger.Body[everqual.Assessment](r))(s).Resource.ID)] {
			n++
		}
	}
	return n
}

func group(id everqual.ResourceID) string { return string(id[strings.LastIndex(string(id), "/")+1:]) }

// exactlyOnce is what the ledger must hold: each event once, each group observed and
// judged once, and no dead letter.
func (s *story) exactlyOnce(ids map[string]bool, events int) {
	s.Helper()
	seen := map[string]int{}
	for _, r := range s.records("") {
		switch r.Kind {
		case everqual.KindChangeEvent:
			seen["events"]++
			seen[r.Key]++
		case everqual.KindObservation, everqual.KindAssessment:
			var about struct{ Resource everqual.Resource }
			check(s, json.Unmarshal(r.Body, &about))
			if id := group(about.Resource.ID); ids[id] {
				seen[string(r.Kind)]++
				seen[string(r.Kind)+" of "+id]++
			}
		}
	}
	for what, n := range seen {
		want := 1
		switch what {
		case "events":
			want = events
		case "observation", "assessment":
			want = len(ids)
		}
		if n != want {
			s.Errorf("%s: %d records, want %d", what, n, want)
		}
	}
	if seen["observation"] == 0 || seen["assessment"] == 0 {
		s.Error("nothing was observed")
	}
	if letters := s.letters(); len(letters) > 0 {
		s.Errorf("dead letters: %+v", letters)
	}
	for _, queue := range []string{"prod-intake-dlq", "prod-judge-dlq", "prod-schedule-dlq"} {
		if n := s.held(queue); n != 0 {
			s.Errorf("%s holds %d", queue, n)
		}
	}
	told := map[string]bool{}
	for id := range ids {
		s.hear(id+" is open", mentions(id+": 1 FAIL"))
	}
	again := 0
	for _, n := range s.told {
		if told[n.id()] && strings.HasPrefix(n.id(), "assessment:") {
			again++
		}
		told[n.id()] = true
	}
	s.Logf("%d notices came again, which SNS does not exclude", again)
}

// meaningless is the body from the beginning, which no function made sense of.
func (s *story) meaningless() {
	s.until("it is given up", time.Minute, func() bool {
		out := got(s.queues.ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{QueueUrl: s.queue("prod-work-dlq"), MaxNumberOfMessages: 10}))(s)
		return slices.ContainsFunc(out.Messages, func(m sqstypes.Message) bool { return *m.Body == "no name" })
	})
}

// sealed has the ledger signed, and everything verified and made again by the key
// that KMS tells.
func (s *story) sealed() {
	out := got(lambda.NewFromConfig(s.cfg).Invoke(s.Context(), &lambda.InvokeInput{FunctionName: aws.String("prod-schedule"), Payload: []byte(`{"do":"seal"}`)}))(s)
	if out.FunctionError != nil || !strings.Contains(string(out.Payload), `"root"`) {
		s.Fatalf("seal: %s %s", aws.ToString(out.FunctionError), out.Payload)
	}
	h := got(awshome.Open(s.Context(), "prod", awshome.Options{}))(s)
	_, key, err := h.Signer(s.Context())
	check(s, err)
	file := filepath.Join(s.TempDir(), "key.pub")
	check(s, os.WriteFile(file, []byte(key), 0o600))
	text := s.everqual("verify", "--recompute", "--key", file)
	s.Log(text)
	if want := fmt.Sprintf("Verified: %d records", len(s.records(""))); !strings.Contains(text, want) {
		s.Errorf("want %q", want)
	}
}
