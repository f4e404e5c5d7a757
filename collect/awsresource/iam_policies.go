package awsresource

import "time"

// iamMissing are the codes by which IAM says that there is no such entity.
var iamMissing = []string{"NoSuchEntity", "NoSuchEntityException"}

// inlinePolicy is a policy that is written into a role, a user or a group.
type inlinePolicy struct{ PolicyName, PolicyDocument *string }

// inlinePolicies reads all of them or none: a list with a gap would look complete.
func (l *look) inlinePolicies(action string, names []string, get func(name *string) (inlinePolicy, error)) {
	policies := []inlinePolicy{}
	for _, name := range names {
		p, err := get(&name)
		if !l.read("InlinePolicies", action, err) {
			return
		}
		policies = append(policies, p)
	}
	l.set("InlinePolicies", policies)
}

// day is the calendar day of a time in UTC. A time of last use that is kept to
// the second would change the state with every use; rules ask for days.
func day(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.DateOnly)
}

// texts are the names of elements; those without one are passed over.
func texts[E any](list []E, name func(E) *string) []string {
	names := make([]string, 0, len(list))
	for _, e := range list {
		if n := name(e); n != nil {
			names = append(names, *n)
		}
	}
	return names
}
