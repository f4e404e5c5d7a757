package rule

import (
	"regexp"
	"strings"

	"github.com/everqual/everqual"
	"github.com/everqual/everqual/rule/syntax"
)

// resourceType knows the ids of one CloudFormation type and turns each form of
// them (native id, name, ARN) into the one ARN.
type resourceType struct {
	name string
	arn  template
	// id matches a whole native id; groups may name its id, account and
	// region. It is compiled when first used: a process meets few types.
	id      func() *regexp.Regexp
	arnOnly bool // a bare name does not identify the resource
	lower   bool // the service keeps ids in lower case
	part    bool // it exists in other resources only
	// from is the rule file that describes the type, "" when this one does; at
	// is where it is written.
	from string
	at   int
}

// template is an ARN with placeholders: {partition} always, {region} and
// {account} or nothing, and {id} once in the last part, as in
// "arn:{partition}:ec2:{region}:{account}:instance/{id}". Without {id} there is
// one such resource in an account, and its id names the account. "*" stands for
// what AWS makes up and events do not tell; it is written so in every ARN.
type template struct {
	service         string
	region, account bool
	before, after   string // what surrounds {id}
	single          bool   // no {id}: before is the whole last part
}

const maxID = 2048 // bytes; an ARN is never longer

// parseResourceType reads {"arn": template, "id": expression, "lowercase":
// bool, "part": bool}.
// Without an expression only ARNs name the resource. {"from": file} is a
// type that another rule file describes.
func parseResourceType(m *syntax.Member) (*resourceType, error) {
	t := &resourceType{name: m.Key, at: m.At}
	if strings.Count(m.Key, "::") != 2 {
		return nil, syntax.Faultf(m.At, "%q is no CloudFormation type; write one such as AWS::EC2::Instance", m.Key)
	}
	f, err := fieldsOf(&m.Value, "arn?", "id?", "lowercase?", "part?", "from?")
	if err != nil {
		return nil, err
	}
	if t.from, err = f.text("from"); err != nil {
		return nil, err
	}
	switch {
	case t.from != "" && len(f) > 1:
		return nil, syntax.Faultf(m.At, `a type with "from" has no other keys: the rule file %q describes it`, t.from)
	case t.from != "":
		return t, nil
	case f["arn"] == nil:
		return nil, syntax.Faultf(m.At, `the key "arn" is missing`)
	}
	if t.arn, err = parseTemplate(f["arn"]); err != nil {
		return nil, err
	}
	t.arnOnly = f["id"] == nil
	if t.id, err = f.expression("id"); err != nil {
		return nil, err
	}
	if t.arn.single && (t.arnOnly || !strings.Contains(f["id"].Text, "(?P<account>")) {
		return nil, badTemplate(f["arn"])
	}
	if t.lower, err = f.boolean("lowercase"); err != nil {
		return nil, err
	}
	t.part, err = f.boolean("part")
	return t, err
}

func parseTemplate(n *syntax.Node) (t template, err error) {
	a, ok := everqual.ResourceID(n.Text).Parts()
	t = template{service: a.Service, region: a.Region != "", account: a.Account != ""}
	var many bool
	t.before, t.after, many = strings.Cut(a.Rest, "{id}")
	t.single = !many
	ok = ok && a.Partition == "{partition}" && a.Service != "" && !strings.ContainsAny(t.before+t.after, "{}") &&
		(many || t.account) && (a.Region == "" || a.Region == "{region}") && (a.Account == "" || a.Account == "{account}")
	if !ok {
		err = badTemplate(n)
	}
	return t, err
}

func badTemplate(n *syntax.Node) error {
	return syntax.Faultf(n.At, "bad ARN template %q; write one such as arn:{partition}:ec2:{region}:{account}:instance/{id}, without {region} or {account} where the ARN has none, and without {id} only where \"id\" has the group account", n.Text)
}

// parts are what an id says of a resource, "" for what it does not say.
type parts struct{ partition, region, account, id string }

// match takes an ARN apart; ok is false when it has another form.
func (t template) match(v string, to *parts) bool {
	a, ok := everqual.ResourceID(v).Parts()
	if !ok || a.Service != t.service || (a.Region != "") != t.region || (a.Account != "") != t.account {
		return false
	}
	id, before := everqual.CutPrefix(a.Rest, t.before)
	id, after := everqual.CutSuffix(id, t.after)
	if !before || !after || (id == "") != t.single || t.account && !isAccount(a.Account) {
		return false
	}
	if t.single {
		id = a.Account
	}
	*to = parts{a.Partition, a.Region, a.Account, id}
	return true
}

// isAccount tells an account number from the "aws" in the ARNs of AWS's own
// policies.
func isAccount(s string) bool { return len(s) == 12 && strings.Trim(s, "0123456789") == "" }

func (t template) fill(partition, region, account, id string) everqual.ResourceID {
	if !t.region {
		region = ""
	}
	if !t.account {
		account = ""
	}
	if t.single {
		id = ""
	}
	return everqual.ResourceID(strings.Join([]string{"arn", partition, t.service, region, account, t.before + id + t.after}, ":"))
}

// resource returns the resource that v names; ok is false when v is no id of
// this type. Account and region stay empty when neither v nor o knows them.
func (t *resourceType) resource(v string, o *origin) (r everqual.Resource, ok bool) {
	p := parts{id: v}
	switch isARN := strings.HasPrefix(v, "arn:"); {
	case len(v) > maxID, !isARN && t.arnOnly, isARN && !t.arn.match(v, &p):
		return r, false
	}
	if !p.capture(t.id()) {
		return r, false
	}
	return t.build(p, o), true
}

// capture matches the id and stores the named groups that took part.
func (p *parts) capture(x *regexp.Regexp) bool {
	if x.NumSubexp() == 0 {
		return x.MatchString(p.id)
	}
	m := x.FindStringSubmatch(p.id)
	for i, name := range x.SubexpNames() {
		if m == nil || m[i] == "" {
			continue
		}
		switch name {
		case "id":
			p.id = m[i]
		case "account":
			p.account = m[i]
		case "region":
			p.region = m[i]
		}
	}
	return m != nil
}

// build fills the template. What the id does not say, the event does.
func (t *resourceType) build(p parts, o *origin) everqual.Resource {
	id := p.id
	if t.lower {
		id = strings.ToLower(id)
	}
	region := firstOf(p.region, o.region)
	account := firstOf(p.account, o.account)
	partition := firstOf(p.partition, everqual.Partition(region))
	arn := t.arn.fill(partition, region, account, id)
	if !t.arn.account {
		account = o.owner(string(arn))
	}
	return everqual.Resource{ID: arn, Type: t.name, Account: account, Region: region}
}
