package rule

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/everqual/everqual"
)

// resourceType knows the ids of one CloudFormation type and turns each form of
// them (native id, name, ARN) into the one ARN.
type resourceType struct {
	name     string
	template string         // "arn:{partition}:ec2:{region}:{account}:instance/{id}"
	arn      *regexp.Regexp // the template as an expression with named groups
	id       *regexp.Regexp // a whole native id; groups may name its id, account and region
	arnOnly  bool           // a bare name does not identify the resource
	lower    bool           // the service keeps ids in lower case
	service  string         // third part of the ARN
}

const maxID = 2048 // bytes; an ARN is never longer

var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// placeholders give the expression of each part of an ARN template.
var placeholders = map[string]string{
	"{partition}": `(?P<partition>aws[a-z-]*)`,
	"{region}":    `(?P<region>[a-z]{2,}(?:-[a-z]+)+-\d+)`,
	"{account}":   `(?P<account>\d{12})`,
	"{id}":        `(?P<id>.+)`,
}

// parseResourceType reads {"arn": template, "id": expression, "lowercase":
// bool}. Without an expression only ARNs name the resource.
func parseResourceType(m *member) (*resourceType, error) {
	t := &resourceType{name: m.key}
	if strings.Count(m.key, "::") != 2 {
		return nil, faultf(m.at, "%q is no CloudFormation type; write one such as AWS::EC2::Instance", m.key)
	}
	f, err := fieldsOf(&m.value, "arn", "id?", "lowercase?")
	if err != nil {
		return nil, err
	}
	if t.template, err = f.text("arn"); err != nil {
		return nil, err
	}
	if t.arn, err = compileTemplate(f["arn"]); err != nil {
		return nil, err
	}
	t.service = strings.Split(t.template, ":")[2]
	t.arnOnly = f["id"] == nil
	if t.id, err = f.expression("id"); err != nil {
		return nil, err
	}
	t.lower, err = f.boolean("lowercase")
	return t, err
}

func compileTemplate(n *node) (*regexp.Regexp, error) {
	if !strings.HasPrefix(n.text, "arn:{partition}:") || strings.Count(n.text, ":") < 5 || strings.Count(n.text, "{id}") != 1 {
		return nil, faultf(n.at, "bad ARN template %q; write one such as arn:{partition}:ec2:{region}:{account}:instance/{id}", n.text)
	}
	seen := map[string]bool{}
	var b strings.Builder
	last := 0
	for _, at := range placeholder.FindAllStringIndex(n.text, -1) {
		name := n.text[at[0]:at[1]]
		if placeholders[name] == "" || seen[name] {
			return nil, faultf(n.at, "bad placeholder %s in an ARN template; use {partition}, {region}, {account} and {id}, each once", name)
		}
		seen[name] = true
		b.WriteString(regexp.QuoteMeta(n.text[last:at[0]]) + placeholders[name])
		last = at[1]
	}
	return regexp.Compile("^(?:" + b.String() + regexp.QuoteMeta(n.text[last:]) + ")$")
}

// resource returns the resource that v names; ok is false when v is no id of
// this type.
func (t *resourceType) resource(v string, o *origin) (r everqual.Resource, ok bool, err error) {
	if len(v) > maxID {
		return r, false, nil
	}
	parts := map[string]string{}
	id := v
	switch {
	case strings.HasPrefix(v, "arn:"):
		if !capture(t.arn, v, parts) {
			return r, false, nil
		}
		id = parts["id"]
	case t.arnOnly:
		return r, false, nil
	}
	if parts["id"] = id; !capture(t.id, id, parts) {
		return r, false, nil
	}
	r, err = t.build(parts, o)
	return r, err == nil, err
}

// capture matches v and stores the named groups that took part.
func capture(x *regexp.Regexp, v string, parts map[string]string) bool {
	m := x.FindStringSubmatch(v)
	for i, name := range x.SubexpNames() {
		if m != nil && name != "" && m[i] != "" {
			parts[name] = m[i]
		}
	}
	return m != nil
}

// build fills the template. What the id does not say, the event does.
func (t *resourceType) build(parts map[string]string, o *origin) (everqual.Resource, error) {
	if t.lower {
		parts["id"] = strings.ToLower(parts["id"])
	}
	region := firstOf(parts["region"], o.region)
	account := firstOf(parts["account"], o.account)
	partition := firstOf(parts["partition"], everqual.Partition(region))
	switch {
	case region == "":
		return everqual.Resource{}, fmt.Errorf("the event names no region")
	case account == "":
		return everqual.Resource{}, fmt.Errorf("the event names no account")
	}
	arn := strings.NewReplacer("{partition}", partition, "{region}", region, "{account}", account, "{id}", parts["id"]).Replace(t.template)
	if !strings.Contains(t.template, "{account}") {
		account = o.owner(arn)
	}
	return everqual.Resource{ID: everqual.ResourceID(arn), Type: t.name, Account: account, Region: region}, nil
}
