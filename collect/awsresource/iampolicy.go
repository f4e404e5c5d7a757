package awsresource

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// IAMPolicy is a policy document as IAM reads it.
type IAMPolicy struct {
	Version   string
	Statement []IAMStatement
}

// IAMStatement allows actions. The calls that look for resources cannot be
// narrowed to some of them, so Resource is "*".
type IAMStatement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource string
}

// CollectPolicy is the least that describing resources of the types needs, and
// finding them when list is set; no types means all that have a collector of their
// own. A type that is read by Cloud Control API also needs the actions that its
// schema lists for reading. What is attached needs its own. sts:GetCallerIdentity needs no permission.
func CollectPolicy(types []string, list bool, attached ...string) (IAMPolicy, error) {
	if err := checkAttachments(attached); err != nil {
		return IAMPolicy{}, err
	}
	actions := map[string]bool{}
	for _, k := range kinds {
		if len(types) > 0 && !slices.Contains(types, k.name) {
			continue
		}
		for _, a := range k.actions {
			actions[a] = true
		}
		for _, a := range slices.Concat(k.listActions, k.manyActions) {
			actions[a] = actions[a] || list
		}
	}
	for _, a := range scopeActions {
		actions[a] = actions[a] || list
	}
	for _, name := range types {
		k, ok := kindOf(name)
		if !ok {
			return IAMPolicy{}, fmt.Errorf("%q is no resource type", name)
		}
		for _, a := range k.actions {
			actions[a] = true
		}
	}
	for _, f := range attachments {
		for _, a := range f.actions {
			actions[a] = actions[a] || slices.Contains(attached, f.name)
		}
	}
	maps.DeleteFunc(actions, func(_ string, wanted bool) bool { return !wanted })
	p := IAMPolicy{Version: "2012-10-17"}
	for _, a := range slices.Sorted(maps.Keys(actions)) {
		service, _, _ := strings.Cut(a, ":")
		sid := "Read" + title(service)
		if n := len(p.Statement); n == 0 || p.Statement[n-1].Sid != sid {
			p.Statement = append(p.Statement, IAMStatement{Sid: sid, Effect: "Allow", Resource: "*"})
		}
		s := &p.Statement[len(p.Statement)-1]
		s.Action = append(s.Action, a)
	}
	return p, nil
}

// title makes "application-autoscaling" fit for a Sid, which has letters and
// digits only.
func title(service string) string {
	words := strings.Split(service, "-")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// permitted are the actions that any type declares: nothing else is asked.
var permitted = func() map[string]bool {
	all := map[string]bool{"sts:GetCallerIdentity": true}
	for _, a := range slices.Concat(scopeActions, cloudControlActions) {
		all[a] = true
	}
	for _, f := range attachments {
		for _, a := range f.actions {
			all[a] = true
		}
	}
	for _, k := range kinds {
		for _, a := range slices.Concat(k.actions, k.listActions, k.manyActions) {
			all[a] = true
		}
	}
	return all
}()
