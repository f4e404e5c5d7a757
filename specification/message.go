package specification

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// translate words one finding of the schema for the person who wrote the file.
func (f *file) translate(e *jsonschema.ValidationError) {
	where, schema := e.InstanceLocation, theLanguage().at(e.SchemaURL)
	n := f.find(where)
	name := called(where)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			f.unknownKey(n, where, key, schema)
		}
	case *kind.Required:
		for _, key := range k.Missing {
			if misspelt(n, key, names(schema)) {
				continue // reported as an unknown key
			}
			f.at(n, where, fmt.Sprintf("%s lacks the key %q", name, key), "")
		}
	case *kind.Type:
		f.at(n, where, name+" must be "+kinds(k.Want)+", not "+described(n)+like(schema), "")
	case *kind.Enum:
		message := fmt.Sprintf("%s must be one of %s, not %s", name, strings.ReplaceAll(words(k.Want), " or ", ", "), described(n))
		f.at(n, where, message, suggestWord(n, k.Want))
	case *kind.Pattern:
		f.at(n, where, fmt.Sprintf("%s is %s, which is not %s%s", name, described(n), title(schema), like(schema)), "")
	case *kind.MinItems:
		f.at(n, where, fmt.Sprintf("%s has %s, at least %d needed", name, count(k.Got, "element"), k.Want)+like(schema), "")
	case *kind.MaxItems:
		f.at(n, where, fmt.Sprintf("%s has %s, at most %d allowed", name, count(k.Got, "element"), k.Want)+like(schema), "")
	case *kind.MinProperties:
		f.at(n, where, name+" is an empty object; it needs "+needed(names(schema)), "")
	case *kind.MaxProperties:
		f.at(n, where, fmt.Sprintf("%s has %d keys, only one is allowed; join expectations with \"all_of\"", name, k.Got), "")
	case *kind.MinLength:
		f.at(n, where, name+" must not be empty", "")
	case *kind.MaxLength:
		f.at(n, where, fmt.Sprintf("%s is too long: %d characters, at most %d allowed", name, k.Got, k.Want), "")
	case *kind.Minimum:
		f.at(n, where, fmt.Sprintf("%s is %s, at least %s needed", name, described(n), k.Want.RatString()), "")
	case *kind.Maximum:
		f.at(n, where, fmt.Sprintf("%s is %s, at most %s allowed", name, described(n), k.Want.RatString()), "")
	case *kind.PropertyNames:
		f.at(n, where, fmt.Sprintf("%s has the key %q, which is empty or too long", name, k.Property), "")
	default:
		f.at(n, where, fmt.Sprintf("%s is not valid: %v", name, e), "")
	}
}

// otherWords are names of operators in other tools.
var otherWords = map[string]string{
	"eq": "equals", "equal": "equals", "is": "equals", "value": "equals", "const": "equals",
	"ne": "not", "not_equals": "not", "neq": "not",
	"gte": "at_least", "ge": "at_least", "min": "at_least", "minimum": "at_least", ">=": "at_least",
	"lte": "at_most", "le": "at_most", "max": "at_most", "maximum": "at_most", "<=": "at_most",
	"gt": "above", ">": "above", "greater_than": "above", "lt": "below", "<": "below", "less_than": "below",
	"range": "between", "regex": "matches", "pattern": "matches", "prefix": "starts_with", "suffix": "ends_with",
	"one_of": "in", "enum": "in", "allowed": "in", "cidr": "within", "count": "length", "size": "length",
	"present": "exists", "absent": "exists", "and": "all_of", "or": "any_of", "set": "same_set",
}

func (f *file) unknownKey(n *node, where []string, key string, schema map[string]any) {
	known := names(schema)
	start := n.start
	if child := n.field(key); child != nil {
		start = child.keyStart
	}
	message, suggestion := fmt.Sprintf("unknown key %q", key), nearest(key, known)
	if isOperators(known) {
		message = fmt.Sprintf("unknown operator %q", key)
		if w := otherWords[strings.ToLower(key)]; w != "" {
			suggestion = w
		}
		if suggestion == "" {
			message += `; to compare with an object, write {"equals": {...}}`
		}
	} else if suggestion == "" {
		message += "; the keys here are " + strings.Join(known, ", ")
	}
	f.add(start, pointer(join(where, key)), message, suggestion)
}

// misspelt tells whether an object has an unknown key that is probably meant
// to be this one.
func misspelt(n *node, key string, known []string) bool {
	return slices.ContainsFunc(n.fields, func(x *node) bool {
		return !slices.Contains(known, x.key) && nearest(x.key, known) == key
	})
}

func isOperators(known []string) bool { return slices.Contains(known, "equals") }

// called names a place in the words of the file: "title" or element 2 of "in".
func called(where []string) string {
	if len(where) == 0 {
		return "the file"
	}
	last := where[len(where)-1]
	if strings.Trim(last, "0123456789") == "" && len(where) > 1 {
		return fmt.Sprintf("element [%s] of %q", last, where[len(where)-2])
	}
	return fmt.Sprintf("%q", last)
}

func kinds(want []string) string {
	plain := map[string]string{
		"string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
		"array": "a list", "object": "an object", "null": "null",
	}
	var list []string
	for _, w := range want {
		list = append(list, plain[w])
	}
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(b, a) }) // text before a list
	return strings.Join(list, " or ")
}

// described shows a value, shortened.
func described(n *node) string {
	switch n.kind {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		s := n.scalar.(string)
		if r := []rune(s); len(r) > 60 {
			s = string(r[:57]) + "..."
		}
		return fmt.Sprintf("the text %q", s)
	case '0':
		return "the number " + string(n.scalar.(json.Number))
	}
	return fmt.Sprint(map[any]string{nil: "null", true: "true", false: "false"}[n.scalar])
}

func title(schema map[string]any) string {
	if t, ok := schema["title"].(string); ok {
		return t
	}
	return "valid here"
}

// like gives the schema's examples as a hint.
func like(schema map[string]any) string {
	examples, _ := schema["examples"].([]any)
	if len(examples) == 0 {
		return ""
	}
	return "; write it like " + words(examples)
}

func words(values []any) string {
	var list []string
	for _, v := range values {
		b, _ := json.Marshal(v)
		list = append(list, string(b))
	}
	return strings.Join(list, " or ")
}

func needed(known []string) string {
	if isOperators(known) {
		return `an operator, such as "equals" or "at_least"`
	}
	if len(known) == 0 {
		return "at least one key"
	}
	return "one of the keys " + strings.Join(quoted(known), ", ")
}

func quoted(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = fmt.Sprintf("%q", s)
	}
	return out
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func suggestWord(n *node, want []any) string {
	s, ok := n.text()
	if !ok {
		return ""
	}
	var known []string
	for _, w := range want {
		if t, ok := w.(string); ok {
			known = append(known, t)
		}
	}
	return nearest(strings.ReplaceAll(s, "_", " "), known)
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
