package assess

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/everqual/everqual"
	"github.com/jmespath-community/go-jmespath/pkg/functions"
	"github.com/jmespath-community/go-jmespath/pkg/interpreter"
)

// function calls one of JMESPath's functions on evaluated arguments.
func (e *evaluator) function(n node, v any) (any, error) {
	name := n.Value.(string)
	args := make([]any, 0, len(n.Children))
	var gone *absent
	for _, child := range n.Children {
		arg, err := e.settled(child, v)
		if err != nil {
			return nil, err
		}
		if err := e.measure(arg); err != nil {
			return nil, err
		}
		if a := gapIn(arg); a != nil {
			gone, arg = a, filled(arg)
		}
		args = append(args, untag(arg))
	}
	// Only these two are made for what may not be there.
	if gone != nil && name != "not_null" && name != "type" {
		return nil, &trouble{gone.reason, gone.help()}
	}
	r, err := call(name, args)
	var t *trouble
	if errors.As(err, &t) {
		return nil, t
	}
	if err != nil {
		return nil, troubled(everqual.Mistyped, "%s() cannot be computed of %s: %s", name, kindsOf(args), plainCause(err))
	}
	return r, e.measure(r)
}

func kindsOf(args []any) string {
	var kinds []string
	for _, a := range args {
		if _, ok := a.(functions.ExpRef); ok {
			kinds = append(kinds, "an expression")
		} else {
			kinds = append(kinds, kindOf(a))
		}
	}
	return strings.Join(kinds, ", ")
}

// plainCause drops the Go types and values from a message of the library.
func plainCause(err error) string {
	if strings.HasPrefix(err.Error(), "invalid type for") {
		return "the function takes other types"
	}
	return err.Error()
}

// call applies a function. Those that would depend on the order of a Go map,
// sort in place or grow without bounds are handled here.
func call(name string, args []any) (any, error) {
	if err := growth(name, args); err != nil {
		return nil, err
	}
	if m, ok := only[map[string]any](args); ok {
		switch name {
		case "keys":
			keys := []any{}
			for _, k := range sortedKeys(m) {
				keys = append(keys, k)
			}
			return keys, nil
		case "values":
			return values(m)
		case "items":
			items := []any{}
			for _, k := range sortedKeys(m) {
				items = append(items, []any{k, m[k]})
			}
			return items, nil
		}
	}
	if list, ok := first[[]any](args); ok && name == "sort_by" {
		args = append([]any{slices.Clone(list)}, args[1:]...)
	}
	return interpreter.NewFunctionCaller(functions.GetDefaultFunctions()...).CallFunction(name, args)
}

func first[T any](args []any) (x T, ok bool) {
	if len(args) > 0 {
		x, ok = args[0].(T)
	}
	return x, ok
}

func only[T any](args []any) (x T, ok bool) {
	x, ok = first[T](args)
	return x, ok && len(args) == 1
}

// growth refuses calls whose result would be far larger than the arguments.
func growth(name string, args []any) error {
	size := 0.0
	switch name {
	case "pad_left", "pad_right":
		if len(args) > 1 {
			size, _ = args[1].(float64)
		}
	case "join":
		sep, _ := first[string](args)
		if len(args) > 1 {
			list, _ := args[1].([]any)
			size = float64(len(sep)) * float64(len(list))
		}
	case "replace":
		if len(args) > 2 {
			s, _ := args[0].(string)
			by, _ := args[2].(string)
			size = float64(len(s)+1) * float64(len(by))
		}
	}
	if size > maxSize {
		return fmt.Errorf("the result would be too large")
	}
	return nil
}

// measure refuses a value that is too large, or in which something unread can
// be seen.
func (e *evaluator) measure(v any) error {
	left := maxSize
	if err := weigh(v, &left, maxDepth); err != nil {
		return err
	}
	return e.spend((maxSize - left) / 64)
}

func weigh(v any, left *int, depth int) error {
	if *left--; *left < 0 || depth == 0 {
		return errBounds
	}
	switch x := v.(type) {
	case *poison:
		return unreadTrouble(x.unread)
	case string:
		*left -= len(x)
	case tagMap:
		return weigh(untag(x), left, depth)
	case []any:
		for _, e := range x {
			if err := weigh(e, left, depth-1); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, k := range sortedKeys(x) {
			*left -= len(k)
			if err := weigh(x[k], left, depth-1); err != nil {
				return err
			}
		}
	}
	return nil
}

// untag gives the tags as a plain object.
func untag(v any) any {
	if t, ok := v.(tagMap); ok {
		return map[string]any(t)
	}
	return v
}
