package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// extractor turns the ids that one event names into resources.
type extractor struct {
	set    *Set
	rule   *Rule
	origin *origin

	found    []everqual.Resource
	parts    []everqual.ResourceID
	problems []string
	foreign  bool // an id of a type that no rule describes
}

func (x *extractor) run(list []extraction) Match {
	for _, e := range list {
		ids, other := e.values(x.origin)
		x.foreign = x.foreign || other
		for _, v := range ids {
			x.take(e, v)
		}
	}
	m := Match{Rule: x.rule.ID, Resources: x.found, Parts: x.parts, Unresolved: strings.Join(x.problems, "; ")}
	switch {
	case len(x.found) > 0 || len(x.problems) > 0:
	case x.foreign:
		return Match{}
	default:
		m.Unresolved = x.nothing(list)
	}
	return m
}

// take resolves one value. A value that does not fit the type that its place
// promises is a problem; one that tells its own type and fits none is foreign.
func (x *extractor) take(e extraction, v string) {
	types, promised := x.types(e, v)
	o := x.whose(e)
	for _, t := range types {
		if r, ok := t.resource(v, o); ok {
			if x.add(r, e, v); t.part {
				x.parts = append(x.parts, r.ID)
			}
			return
		}
	}
	if promised == "" {
		x.foreign = true
		return
	}
	x.problem("%s at %s is no id of %s", brief(v), e.place(), promised)
}

// types are the types that v may be of, and the one that it must be of: "" when
// only v itself tells, or when the event names a type that no rule describes.
func (x *extractor) types(e extraction, v string) (types []*resourceType, promised string) {
	switch {
	case e.kind != nil:
		return []*resourceType{e.kind}, e.kind.name
	case e.typeAt.text == "":
		return x.candidates(v), ""
	}
	name, ok := e.typeAt.one(x.origin)
	if !ok {
		return nil, "one type: " + e.typeAt.text + " does not tell it"
	}
	if types = x.set.typesNamed(name); types != nil {
		promised = name
	}
	return types, promised
}

// whose is the origin with the account and the region that the event names at
// the places of the match. Several that differ are none: which resource is whose
// cannot be told, unless its ARN tells.
func (x *extractor) whose(e extraction) *origin {
	if e.account.text == "" && e.region.text == "" {
		return x.origin
	}
	o := *x.origin
	if len(e.account.values(x.origin)) > 0 {
		o.account, _ = e.account.one(x.origin)
	}
	if found := e.region.values(x.origin); len(found) > 0 {
		o.region, _ = e.region.one(x.origin)
		if o.region != "" {
			o.region = firstOf(regional(o.region), x.origin.region)
		}
	}
	return &o
}

// add keeps a resource unless it is known already. An id without an account or
// a region cannot be looked up.
func (x *extractor) add(r everqual.Resource, e extraction, v string) {
	switch {
	case r.Region == "":
		x.problem("%s at %s: the event names no region", brief(v), e.place())
	case r.Account == "":
		x.problem("%s at %s: the event names no account", brief(v), e.place())
	case !slices.ContainsFunc(x.found, func(o everqual.Resource) bool { return o.ID == r.ID }):
		x.found = append(x.found, r)
	}
}

func (x *extractor) problem(format string, args ...any) {
	x.problems = append(x.problems, fmt.Sprintf(format, args...))
}

// candidates are the types that v may be of: an ARN names its service, so any
// rule may describe it; a native id is understood within its own rule only.
func (x *extractor) candidates(v string) []*resourceType {
	arn, ok := everqual.ResourceID(v).Parts()
	if !ok {
		return x.rule.types
	}
	return x.set.types[arn.Service]
}

// nothing says that no path led to an id, and why that may be.
func (x *extractor) nothing(list []extraction) string {
	paths := make([]string, len(list))
	for i, e := range list {
		paths[i] = e.place()
	}
	event := firstOf(x.origin.name, x.origin.detailType)
	s := fmt.Sprintf("%s names no resource at %s", event, strings.Join(paths, ", "))
	if cut := x.origin.cut(); cut != "" {
		s += "; " + cut
	}
	return s
}

// brief quotes an id for a message.
func brief(v string) string {
	if len(v) > 80 {
		v = strings.ToValidUTF8(v[:80], "") + "..."
	}
	return fmt.Sprintf("%q", v)
}
