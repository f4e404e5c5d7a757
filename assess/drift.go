package assess

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// ChangeKind tells how an attribute differs.
type ChangeKind string

const (
	Added   ChangeKind = "added"   // it was absent before
	Removed ChangeKind = "removed" // it is absent now
	Changed ChangeKind = "changed" // both are there and differ
)

// Change is one attribute that differs between two observations.
type Change struct {
	// Path names the attribute for a reader: dots for objects, and in brackets
	// the key that identifies an element of a list: "Tags[Role]",
	// "Volumes[vol-0abc].Encrypted", "SecurityGroups[sg-0abc]".
	Path string
	Kind ChangeKind
	// Before and After are JSON values. Before of an added and After of a
	// removed attribute are nil and mean absent; any other nil is null.
	Before, After any
}

// MarshalJSON leaves out the side that is absent, so that it differs from null.
func (c Change) MarshalJSON() ([]byte, error) {
	m := map[string]any{"path": c.Path, "kind": c.Kind}
	if c.Kind != Added {
		m["before"] = c.Before
	}
	if c.Kind != Removed {
		m["after"] = c.After
	}
	return json.Marshal(m)
}

// BeforeText and AfterText give the values as compact JSON, "" for absent.
func (c Change) BeforeText() string {
	if c.Kind == Added {
		return ""
	}
	return compact(c.Before)
}

// AfterText is described at BeforeText.
func (c Change) AfterText() string {
	if c.Kind == Removed {
		return ""
	}
	return compact(c.After)
}

// Drift is what differs between two observations of one resource.
type Drift struct {
	Changes []Change `json:"changes"` // sorted by path
	// Unreadable lists what could not be read in the later or the earlier
	// observation. Whether it changed is not known.
	Unreadable []everqual.Unread `json:"unreadable,omitempty"`
}

// None tells that nothing differs and everything could be read.
func (d Drift) None() bool { return len(d.Changes) == 0 && len(d.Unreadable) == 0 }

// Diff returns the drift from one observation to a later one, attribute by
// attribute. Elements of lists are paired by the key that identifies them, or
// else compared as sets. A resource that was deleted or came back has the one
// change "State".
func Diff(before, after everqual.Observation) Drift {
	d := Drift{Unreadable: unreadable(before, after)}
	if before.State != after.State {
		d.Changes = []Change{{Path: "State", Kind: Changed, Before: string(before.State), After: string(after.State)}}
		return d
	}
	hidden := map[string]bool{}
	for _, u := range d.Unreadable {
		hidden[topLevel(u.Path)] = true
	}
	if hidden[""] {
		return d
	}
	old, errOld := copyJSON(map[string]any(before.Attributes), maxDepth)
	recent, errNew := copyJSON(map[string]any(after.Attributes), maxDepth)
	if errOld != nil || errNew != nil {
		d.Unreadable = append(d.Unreadable, everqual.Unread{Reason: everqual.Invalid, Message: "the attributes are not JSON"})
		return d
	}
	var w walk
	w.objects("", readable(old, hidden), readable(recent, hidden))
	slices.SortStableFunc(w.changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	d.Changes = w.changes
	return d
}

// unreadable joins what either observation could not read, by path.
func unreadable(before, after everqual.Observation) []everqual.Unread {
	var list []everqual.Unread
	seen := map[string]bool{}
	for _, u := range slices.Concat(after.Unread, before.Unread) {
		if !seen[u.Path] {
			seen[u.Path] = true
			list = append(list, u)
		}
	}
	slices.SortStableFunc(list, func(a, b everqual.Unread) int { return strings.Compare(a.Path, b.Path) })
	return list
}

func readable(v any, hidden map[string]bool) map[string]any {
	m, _ := v.(map[string]any)
	out := map[string]any{}
	for k, x := range m {
		if !hidden[k] {
			out[k] = x
		}
	}
	return out
}
