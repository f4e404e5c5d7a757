package assess

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/everqual/everqual"
)

// TagMap is the reserved attribute that holds the resource's tags as an
// object, so that an expression can say TagMap.Owner. A tag that the resource
// does not carry is null there: that it is missing is known, not unread.
const TagMap = "TagMap"

// maxDepth and maxSize bound values: nesting, and the number of nodes and
// bytes of text. They are far above any AWS reply.
const (
	maxDepth = 200
	maxSize  = 4 << 20
)

// poison stands where an attribute could not be read. An expression that
// comes to see it in any way is not evaluated.
type poison struct{ unread everqual.Unread }

// tagMap is an object in which every key is known.
type tagMap map[string]any

// prepare copies the attributes, so that no expression can change them, puts
// the tags in and poisons what was not read.
func prepare(o everqual.Observation) (map[string]any, error) {
	clean, err := copyJSON(map[string]any(o.Attributes), maxDepth)
	if err != nil {
		return nil, err
	}
	root, _ := clean.(map[string]any)
	if root == nil {
		root = map[string]any{}
	}
	root[TagMap] = tagsOf(o, root)
	for _, u := range o.Unread {
		name := topLevel(u.Path)
		root[name] = &poison{u}
		if strings.HasPrefix(name, "Tag") {
			root[TagMap] = &poison{u}
		}
	}
	return root, nil
}

// tagsOf returns the tags of the observation, or those in AWS's list shape when
// it has no others.
func tagsOf(o everqual.Observation, root map[string]any) tagMap {
	tags := tagMap{}
	for k, v := range o.Tags {
		tags[k] = v
	}
	list, _ := root["Tags"].([]any)
	for _, x := range list {
		tag, _ := x.(map[string]any)
		if k, isText := tag["Key"].(string); isText && len(o.Tags) == 0 {
			tags[k] = tag["Value"]
		}
	}
	return tags
}

// topLevel returns the first name of a path such as "Policy.Statement[0]".
func topLevel(path string) string {
	name, _, _ := strings.Cut(path, ".")
	name, _, _ = strings.Cut(name, "[")
	return name
}

var errDeep = errors.New("nested too deeply")

// copyJSON returns a deep copy made of JSON values only. Other Go types go
// through encoding/json.
func copyJSON(v any, depth int) (any, error) {
	if depth == 0 {
		return nil, errDeep
	}
	switch x := v.(type) {
	case nil, bool, string:
		return x, nil
	case float64:
		_, err := json.Marshal(x) // refuses NaN and infinities
		return x + 0, err         // without the negative zero, which is written otherwise
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, e := range x {
			c, err := copyJSON(e, depth-1)
			if err != nil {
				return nil, err
			}
			out[k] = c
		}
		return out, nil
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			c, err := copyJSON(e, depth-1)
			if err != nil {
				return nil, err
			}
			out[i] = c
		}
		return out, nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, err
	}
	return copyJSON(out, depth-1)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
