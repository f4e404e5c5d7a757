package assess

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// Attribute returns the events that most probably made a change, in their
// order. The candidates are change events of the resource between the two
// observations. Those whose request parameters speak of the changed attribute
// are preferred: by its name, by the tag's key, or by the new value. When none
// does, all candidates are returned: nobody is accused on a guess.
func Attribute(change Change, events []everqual.ReceivedEvent) []everqual.ReceivedEvent {
	scores := make([]int, len(events))
	for i, e := range events {
		scores[i] = score(change, e)
	}
	var chosen []everqual.ReceivedEvent
	for i, e := range events {
		if scores[i] == slices.Max(scores) {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// score is 0 when the event says nothing of the change. The attribute's own
// name or the tag's key outweighs every name above it, and a value decides
// among events of the same attribute.
func score(change Change, e everqual.ReceivedEvent) int {
	var envelope struct {
		Detail struct {
			RequestParameters any `json:"requestParameters"`
		} `json:"detail"`
	}
	if json.Unmarshal(e.Envelope, &envelope) != nil {
		envelope.Detail.RequestParameters = nil
	}
	said := mentions{keys: map[string]bool{}, values: map[string]bool{}}
	said.gather(envelope.Detail.RequestParameters, 100)
	names := change.names()
	points := 0
	for i, name := range names {
		word := strings.ToLower(name)
		leaf := i == len(names)-1
		switch {
		case said.keys[word] && leaf, leaf && len(names) > 1 && said.values[word]:
			points += 8
		case said.keys[word] || strings.Contains(strings.ToLower(e.Name), word) && len(word) > 3:
			points += 4
		case said.values[word]:
			points += 2
		}
	}
	if change.Path == "State" && endsResource(e.Name) {
		points += 8
	}
	return points + agreement(told(change), said.values)
}

// agreement is how many of the values an event speaks of, from 0 to 3.
func agreement(values []string, said map[string]bool) int {
	found := 0
	for _, v := range values {
		if said[v] {
			found++
		}
	}
	return 3 * found / max(1, len(values))
}

// endsResource tells whether an event ends a whole resource, and not a part of
// it, such as its tags or its policy.
func endsResource(event string) bool {
	if strings.HasPrefix(event, "Terminate") || event == "ScheduleKeyDeletion" {
		return true
	}
	isPart := func(part string) bool { return strings.Contains(event, part) }
	return strings.HasPrefix(event, "Delete") && !slices.ContainsFunc([]string{
		"Tag", "Policy", "Policies", "Configuration", "Encryption", "Lifecycle", "Cors", "Website", "Replication", "Access", "Alias",
		"Boundary", "Concurrency", "Item", "Object",
	}, isPart)
}

// told are the scalar values of the new state, or of the old one when nothing
// is left.
func told(c Change) []string {
	v := c.After
	if c.Kind == Removed {
		v = c.Before
	}
	said := mentions{keys: map[string]bool{}, values: map[string]bool{}}
	said.gather(v, 100)
	return sortedKeys(said.values)
}

// mentions are the keys and scalar values of a JSON value, in lower case:
// CloudTrail writes instanceType where the API says InstanceType.
type mentions struct{ keys, values map[string]bool }

func (m mentions) gather(v any, depth int) {
	if depth == 0 {
		return
	}
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			m.keys[strings.ToLower(k)] = true
			m.gather(e, depth-1)
		}
	case []any:
		for _, e := range x {
			m.gather(e, depth-1)
		}
	case nil:
	default:
		m.values[strings.ToLower(plainText(x))] = true
	}
}
