package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/everqual/everqual"
	awshome "github.com/everqual/everqual/home/aws"
)

// unseen are the statements that no call of the program shows, and why.
var unseen = map[string]string{
	"Logs":        "Lambda writes what the function prints",
	"TakeEvents":  "Lambda polls the queue",
	"TakeNames":   "Lambda polls the queue",
	"ReadStream":  "Lambda polls the stream",
	"Bury":        "Lambda sends what the function failed at too often",
	"ReadAtRest":  "DynamoDB, S3, SNS and SQS decrypt for the caller, and Lambda the variables; moto encrypts nothing",
	"WriteAtRest": "S3, SNS and SQS make data keys for the caller; moto encrypts nothing",
}

// unasked are keys that a statement allows and no call names, and why.
var unasked = map[string]string{
	"EndMessages":   "the keys of a transaction together, which AWS may go by",
	"LeaveMessages": "the keys of a transaction together, which AWS may go by",
}

// ownAccount is what a sweep of an organisation asks its own account without a
// role, and is refused there unless that is made a member too.
const ownAccount = "tagging:GetResources"

// TestHomePolicies holds what each role may against what it calls, in a server
// that checks permissions: what is declared is enough, and all of it is called.
// Without any one action of any one statement the role fails, says which, and loses
// nothing; with it again, all is done, once. Without the collector's role what is
// observed is recorded as denied.
func TestHomePolicies(t *testing.T) {
	stage := newStage(t)
	for _, role := range []string{"judge", "work", "operator", "task", "schedule", "intake", "specification", "worker"} {
		t.Run(role, func(t *testing.T) {
			s := *stage
			s.T = t
			s.deploy(role)
			policy := s.policy(role)
			s.gate.asked = nil
			s.whole(role, policy)
			s.compare(policy)
			s.withoutEach(role, policy)
		})
	}
	for _, role := range awshome.Roles() {
		if _, ok := actors[role]; !ok && role != "intake-logs" {
			t.Errorf("nobody acts as %s", role)
		}
	}
}

// policy is what a role may in this home.
func (s *scene) policy(role string) awshome.Policy {
	p := must(awshome.PolicyOf(role))(s.T)
	if role == "intake" {
		p.Statement = append(p.Statement, must(awshome.PolicyOf("intake-logs"))(s.T).Statement...)
	}
	names := s.config.Names(s.name)
	maps.Copy(names, map[string]string{
		"collector_role": collector, "log_bucket": "arn:aws:s3:::" + trailBucket, "data_key": "data",
		"intake_queue": "intake", "judge_dead": "dead", "logs": "logs",
	})
	p, left := p.Fill(names)
	if len(left) > 0 {
		s.Fatalf("%s: nothing is put in the place of %v", role, left)
	}
	return p
}

// acting has a role act with a policy, and returns what went wrong.
func (s *scene) acting(role string, p awshome.Policy) string {
	s.allow("everqual", motoPolicy(s.T, p))
	s.gate.hold(&p)
	s.moto.Enforce(s.T)
	defer s.gate.hold(nil)
	defer s.moto.Relax(s.T)
	return wrong(actors[role].act(s))
}

// wrong are the lines that tell of something that went wrong.
func wrong(said string) string {
	var lines []string
	for line := range strings.Lines(said) {
		if strings.Contains(line, "level=WARN") || strings.Contains(line, "level=ERROR") || strings.Contains(line, `"WARN"`) || strings.Contains(line, `"ERROR"`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// whole has a role do its work with all that it may.
func (s *scene) whole(role string, p awshome.Policy) {
	s.Helper()
	actors[role].prepare(s)
	before := s.counted()
	if said := s.acting(role, p); said != "" {
		s.Errorf("%s with its policy: %s", role, said)
	}
	s.done(role, before)
}

func (s *scene) done(role string, before map[string]int) {
	s.Helper()
	after := s.counted()
	if o, err := s.home.Ledger.Latest(s.Context(), s.change); err != nil || len(o.Unread) > 0 {
		s.Errorf("the queue is not read: %+v, %v", o.Unread, err)
	}
	for kind, n := range actors[role].adds {
		if got := after[kind] - before[kind]; got != n {
			s.Errorf("%s added %d records of the kind %s, want %d", role, got, kind, n)
		}
	}
	if actors[role].empties && after["waiting"] > 0 {
		s.Errorf("%s left %d messages", role, after["waiting"])
	}
}

// granted is an action that a statement allows.
type granted struct{ sid, action string }

// used are the grants of a policy in the order in which they are used first.
func used(p awshome.Policy, asked []ask) (all []granted) {
	for _, a := range asked {
		for _, s := range p.Statement {
			if g := (granted{s.Sid, a.action}); unseen[s.Sid] == "" && allowing(s, a) && !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// withoutEach takes one grant away after the other, in the order in which they are
// used first: each stops the role there, and what comes later stays to be done. A
// role signs at its end, also of what failed, and only what it appended itself: the
// rights to sign are each tried with something new to do.
func (s *scene) withoutEach(role string, p awshome.Policy) {
	s.Helper()
	var acting []granted
	for _, g := range used(p, s.gate.asked) {
		switch {
		case g.sid == "Seal":
			s.withoutSome(role, p, g)
		case g.action == "sts:AssumeRole":
			s.withoutEyes(role, p, g)
		default:
			acting = append(acting, g)
		}
	}
	s.withoutSome(role, p, acting...)
}

// withoutEyes takes the collector's role away: nothing fails, and the record says
// what the role may not.
func (s *scene) withoutEyes(role string, p awshome.Policy, g granted) {
	s.Helper()
	actors[role].prepare(s)
	s.again(role)
	if said := s.acting(role, without(p, g)); said != "" {
		s.Errorf("%s without the collector's role: %s", role, said)
	}
	o, err := s.home.Ledger.Latest(s.Context(), s.change)
	if err != nil || len(o.Unread) != 1 || o.Unread[0].Reason != everqual.Denied || o.Unread[0].Call != g.action {
		s.Errorf("%s without the collector's role: unread is %+v, %v", role, o.Unread, err)
	}
}

func (s *scene) withoutSome(role string, p awshome.Policy, some ...granted) {
	s.Helper()
	actors[role].prepare(s)
	before := s.counted()
	for _, g := range some {
		s.again(role)
		said := s.acting(role, without(p, g))
		if !strings.Contains(said, g.action) && (motoSays[g.action] == "" || !strings.Contains(said, motoSays[g.action]+",")) {
			s.Errorf("%s without %s of %s said: %s", role, g.action, g.sid, said)
		}
	}
	s.again(role)
	if said := s.acting(role, p); said != "" {
		s.Errorf("%s with all again: %s", role, said)
	}
	s.done(role, before)
}

// again makes due what a role that works off the queue put off.
func (s *scene) again(role string) {
	if actors[role].empties {
		s.hurry()
	}
}

func without(p awshome.Policy, g granted) awshome.Policy {
	p.Statement = slices.Clone(p.Statement)
	for i, s := range p.Statement {
		if s.Sid == g.sid {
			p.Statement[i].Action = slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == g.action })
		}
	}
	return p
}

// motoSays is what tells of the actions that moto does not name: AWS does.
var motoSays = map[string]string{
	"s3:GetObject": "operation error S3: GetObject", "s3:PutObject": "operation error S3: PutObject", "s3:ListBucket": "operation error S3: ListObjectsV2",
}

// compare looks for what was asked and is not allowed, and for what is allowed and
// was not asked.
func (s *scene) compare(p awshome.Policy) {
	s.Helper()
	for _, a := range s.gate.asked {
		if !allows(p, a) && a.action != ownAccount {
			s.Errorf("%s on %s %s is called and not allowed", a.action, a.resource, a.key)
		}
	}
	for _, statement := range p.Statement {
		if unseen[statement.Sid] != "" {
			continue
		}
		keys := statement.Condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
		if keys == nil {
			keys = []string{"*"}
		}
		for _, action := range statement.Action {
			for _, resource := range statement.Resource {
				for _, key := range keys {
					s.expectCalled(statement.Sid, action, resource, key)
				}
			}
		}
	}
}

func (s *scene) expectCalled(sid, action, resource, key string) {
	s.Helper()
	for _, a := range s.gate.asked {
		if a.action == action && matches([]string{resource}, a.resource) && matches([]string{key}, a.key) {
			return
		}
	}
	if key == "*" || unasked[sid] == "" {
		s.Errorf("%s allows %s on %s %s, and nothing calls it", sid, action, resource, key)
	}
}

// motoPolicy is a policy as moto understands it: it takes a transaction for one
// action, knows no conditions, and of resources those of S3 only.
func motoPolicy(t *testing.T, p awshome.Policy) string {
	renamed := map[string]string{"sqs:SendMessage": "sqs:SendMessageBatch"}
	statements := []any{map[string]any{"Effect": "Allow", "Action": []string{"dynamodb:TransactWriteItems", "s3:DeleteObject", "s3:GetObjectVersion"}, "Resource": "*"}}
	for _, s := range p.Statement {
		resources := []string{"*"}
		if strings.HasPrefix(s.Resource[0], "arn:aws:s3:::") {
			resources = s.Resource
		}
		for _, a := range s.Action {
			if renamed[a] != "" {
				a = renamed[a]
			}
			statements = append(statements, map[string]any{"Effect": "Allow", "Action": a, "Resource": resources})
		}
	}
	b, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	return string(must(b, err)(t))
}
