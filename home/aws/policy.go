package awshome

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Policy is a policy document as IAM reads it. Its resources are placeholders,
// such as ${table}, that Terraform or Fill puts the names of a deployment into.
type Policy struct {
	Version   string
	Statement []Statement
}

// Statement allows actions.
type Statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string][]string `json:",omitempty"`
}

// grant is what one part of the program asks of AWS.
type grant struct {
	sid     string
	actions []string
	on      []string
	keys    []string // partitions of the table that the actions are bound to
	via     []string // the services that alone may use a key, on the caller's behalf
	reads   string   // a service that reads with the key of the data, beside those of the actions
	lambda  bool     // Lambda asks, and not the program
}

// PolicyOf is the least that a role needs. No role is all that the program itself
// calls, for whoever does everything with one.
func PolicyOf(role string) (Policy, error) {
	grants := roles[role]
	if role == "" {
		for _, name := range Roles() {
			grants = append(grants, roles[name]...)
		}
		grants = slices.DeleteFunc(grants, func(g grant) bool { return g.lambda })
	}
	if grants == nil {
		return Policy{}, fmt.Errorf("there is no role %q: it is one of %s", role, strings.Join(Roles(), ", "))
	}
	p := Policy{Version: "2012-10-17"}
	given := map[string]bool{}
	for _, g := range slices.Concat(grants, atRest(grants)) {
		if !given[g.sid] {
			p.Statement = append(p.Statement, g.statement())
		}
		given[g.sid] = true
	}
	return p, nil
}

func (g grant) statement() Statement {
	s := Statement{Sid: g.sid, Effect: "Allow", Action: slices.Clone(g.actions), Resource: slices.Clone(g.on)}
	if g.keys != nil {
		s.Condition = map[string]map[string][]string{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": g.keys}}
	}
	if g.via != nil {
		s.Condition = map[string]map[string][]string{"StringEquals": {"kms:ViaService": g.via}}
	}
	return s
}

// atRest are the grants on the key that everything in a deployment is encrypted
// with. The services use it on behalf of whoever calls them: no call of the program
// shows it, and none may be made with it.
func atRest(grants []grant) (all []grant) {
	reading, writing := map[string]bool{}, map[string]bool{}
	for _, g := range grants {
		if g.reads != "" {
			reading[g.reads] = true
		}
		for _, a := range g.actions {
			service, _, _ := strings.Cut(a, ":")
			if makes, ok := usesKey[service]; ok && g.sid != mayReadLogs.sid {
				reading[service] = true
				writing[service] = writing[service] || a == makes
			}
		}
	}
	maps.DeleteFunc(writing, func(_ string, makes bool) bool { return !makes })
	for _, g := range []struct {
		sid, action string
		services    map[string]bool
	}{{"ReadAtRest", "kms:Decrypt", reading}, {"WriteAtRest", "kms:GenerateDataKey", writing}} {
		if len(g.services) > 0 {
			all = append(all, grant{sid: g.sid, actions: []string{g.action}, on: []string{"${data_key}"}, via: endpoints(g.services)})
		}
	}
	return all
}

func endpoints(services map[string]bool) (all []string) {
	for _, s := range slices.Sorted(maps.Keys(services)) {
		all = append(all, s+".${region}.amazonaws.com")
	}
	return all
}

var placeholder = regexp.MustCompile(`\$\{([a-z_]+)\}`)

// Fill puts names into the places of a policy, and returns the places for which
// it was given none: they stay as they are.
func (p Policy) Fill(names map[string]string) (filled Policy, left []string) {
	fill := func(texts []string) []string {
		texts = slices.Clone(texts)
		for i, text := range texts {
			texts[i] = placeholder.ReplaceAllStringFunc(text, func(place string) string {
				if name := names[place[2:len(place)-1]]; name != "" {
					return name
				}
				left = append(left, place)
				return place
			})
		}
		return texts
	}
	filled.Version = p.Version
	for _, s := range p.Statement {
		s.Resource = fill(s.Resource)
		s.Condition = maps.Clone(s.Condition)
		for operator, c := range s.Condition {
			s.Condition[operator] = maps.Clone(c)
			for key, values := range c {
				s.Condition[operator][key] = fill(values)
			}
		}
		filled.Statement = append(filled.Statement, s)
	}
	slices.Sort(left)
	return filled, slices.Compact(left)
}

// Names are what the places of a policy stand for, as far as the parameter of the
// home with the name tells. The ARN of the topic holds what other ARNs begin with.
func (c Config) Names(name string) map[string]string {
	topic := strings.SplitN(c.TopicARN, ":", 6)
	if len(topic) < 6 {
		return nil
	}
	partition, region := topic[1], topic[3]
	arn := func(service, rest string) string {
		return strings.Join([]string{"arn", partition, service, region, topic[4], rest}, ":")
	}
	names := map[string]string{
		"partition": partition, "region": region, "topic": c.TopicARN, "bucket": "arn:" + partition + ":s3:::" + c.Bucket,
		"parameter": arn("ssm", "parameter"+parameter(name)), "table": arn("dynamodb", "table/"+c.Table),
		"work_queue": arn("sqs", c.QueueURL[strings.LastIndex(c.QueueURL, "/")+1:]),
	}
	switch { // IAM knows a key by its id only, and an alias may move
	case strings.Contains(c.KeyID, "alias/"):
	case strings.HasPrefix(c.KeyID, "arn:"):
		names["ledger_key"] = c.KeyID
	case c.KeyID != "":
		names["ledger_key"] = arn("kms", "key/"+c.KeyID)
	}
	return names
}
