package assess

import (
	"fmt"
	"strings"

	"github.com/everqual/everqual"
)

// absent stands where an expression found no value at all, which JMESPath
// alone cannot tell from null. Null says "asked, and none is set".
type absent struct {
	reason everqual.Reason
	detail string
	names  []string // that are there instead
}

// help is the detail with what is there instead, for who must mend the
// expression.
func (a *absent) help() string {
	if len(a.names) == 0 {
		return a.detail
	}
	return a.detail + "; the names here are " + someOf(a.names, 12)
}

// trouble is why an expression has no value that could be judged.
type trouble struct {
	reason everqual.Reason
	detail string
}

func (t *trouble) Error() string { return t.detail }

func troubled(reason everqual.Reason, format string, args ...any) *trouble {
	return &trouble{reason, fmt.Sprintf(format, args...)}
}

// unreadTrouble says what was not read, and which call would have.
func unreadTrouble(u everqual.Unread) *trouble {
	reason := u.Reason
	if reason == "" {
		reason = everqual.Invalid
	}
	return troubled(reason, "%q could not be read%s", u.Path, because(u))
}

func because(u everqual.Unread) string {
	var b strings.Builder
	if u.Call != "" {
		b.WriteString(": " + u.Call)
		if u.Reason != "" {
			b.WriteString(" " + strings.ToLower(string(u.Reason)))
		}
	}
	if u.Message != "" {
		b.WriteString(" (" + u.Message + ")")
	}
	return b.String()
}

// noField explains that an object lacks a name, or that there is no object.
func noField(name string, v any) *absent {
	switch x := v.(type) {
	case map[string]any:
		detail := fmt.Sprintf("there is no %q", name)
		if near := nearest(name, sortedKeys(x)); near != "" {
			return missing(everqual.NoAttribute, detail+fmt.Sprintf("; did you mean %q?", near))
		}
		return &absent{everqual.NoAttribute, detail, sortedKeys(x)}
	case []any:
		return missing(everqual.NoAttribute, fmt.Sprintf("%q is asked of a list; put [] in front of .%s to ask each element", name, name))
	}
	return missing(everqual.NoAttribute, fmt.Sprintf("%q is asked of %s, not of an object", name, kindOf(v)))
}

func missing(reason everqual.Reason, detail string) *absent {
	return &absent{reason: reason, detail: detail}
}

func noList(v any) *absent {
	return missing(everqual.Mistyped, "a list is needed, not "+kindOf(v))
}

func someOf(list []string, n int) string {
	if len(list) > n {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
	}
	return strings.Join(list, ", ")
}

// kindOf names the type of a value in words.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case float64:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	}
	return "an object"
}

// gapIn returns the first place in a value where something is absent.
func gapIn(v any) *absent {
	switch x := v.(type) {
	case *absent:
		return x
	case []any:
		for _, e := range x {
			if g := gapIn(e); g != nil {
				return g
			}
		}
	case map[string]any:
		for _, k := range sortedKeys(x) {
			if g := gapIn(x[k]); g != nil {
				return g
			}
		}
	}
	return nil
}

// nearest returns the word that differs from s in at most a quarter of its
// letters, or "". Case does not count.
func nearest(s string, words []string) string {
	best, least := "", max(1, len(s)/4)+1
	for _, w := range words {
		if d := distance(strings.ToLower(s), strings.ToLower(w)); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is the number of letters to insert, delete or replace.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j]+1, row[j+1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
