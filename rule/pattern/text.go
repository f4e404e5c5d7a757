package pattern

import (
	"slices"
	"strings"
	"unicode"

	"github.com/everqual/everqual/rule/syntax"
)

// glob is a wildcard pattern cut at its asterisks: the first piece begins the
// text, the last ends it, the others follow each other between.
type glob []string

func compileWildcard(s string, at int) (test, error) {
	var g glob
	var piece strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '*' && i > 0 && s[i-1] == '*' && piece.Len() == 0:
			return nil, syntax.Faultf(at, "consecutive wildcard characters in %q; one * matches any run already", s)
		case c == '*':
			g = append(g, piece.String())
			piece.Reset()
		case c == '\\':
			if i++; i == len(s) || s[i] != '*' && s[i] != '\\' {
				return nil, syntax.Faultf(at, `invalid escape in wildcard %q; only \* and \\ are allowed (in JSON "\\*" and "\\\\")`, s)
			}
			piece.WriteByte(s[i])
		default:
			piece.WriteByte(c)
		}
	}
	return append(g, piece.String()), nil
}

func (g glob) holds(s scalar) bool { return s.kind == syntax.Text && g.matches(s.text) }

func (g glob) matches(s string) bool {
	last := len(g) - 1
	if last == 0 {
		return s == g[0]
	}
	s, ok := strings.CutPrefix(s, g[0])
	if !ok {
		return false
	}
	for _, piece := range g[1:last] {
		i := strings.Index(s, piece)
		if i < 0 {
			return false
		}
		s = s[i+len(piece):]
	}
	return strings.HasSuffix(s, g[last])
}

// fold is the argument of equals-ignore-case: for each character the texts
// that may stand for it. As in EventBridge these are the character's own upper
// and lower case, so "σ" is not "ς" and "ß" is "SS" but not "ss".
type fold [][]string

func folded(s string) fold {
	f := make(fold, 0, len(s))
	for _, c := range s {
		forms := []string{string(c)}
		for _, x := range []string{lower(c), upper(c)} {
			if !slices.Contains(forms, x) {
				forms = append(forms, x)
			}
		}
		f = append(f, forms)
	}
	return f
}

// upper returns the upper case of c, which can be several characters.
func upper(c rune) string {
	if several, ok := severalUpper[c]; ok {
		return several
	}
	return string(unicode.ToUpper(c))
}

// lower returns the lower case of c. Only the Turkish capital I with a dot has
// one of two characters.
func lower(c rune) string {
	if c == '\u0130' {
		return "i\u0307"
	}
	return string(unicode.ToLower(c))
}

func (f fold) equals(s string) bool {
	rest, ok := f.cut(s)
	return ok && rest == ""
}

func (f fold) prefixOf(s string) bool {
	_, ok := f.cut(s)
	return ok
}

// cut takes f off the start of s. No form of a character begins with another
// form of it, so the first that fits is the only one.
func (f fold) cut(s string) (rest string, ok bool) {
	for _, forms := range f {
		i := slices.IndexFunc(forms, func(x string) bool { return strings.HasPrefix(s, x) })
		if i < 0 {
			return "", false
		}
		s = s[len(forms[i]):]
	}
	return s, true
}

func (f fold) suffixOf(s string) bool {
	for _, forms := range slices.Backward(f) {
		i := slices.IndexFunc(forms, func(x string) bool { return strings.HasSuffix(s, x) })
		if i < 0 {
			return false
		}
		s = s[:len(s)-len(forms[i])]
	}
	return true
}

// The operators that ignore case.
type (
	foldEqual  struct{ fold }
	foldPrefix struct{ fold }
	foldSuffix struct{ fold }
)

func (t foldEqual) holds(s scalar) bool  { return s.kind == syntax.Text && t.equals(s.text) }
func (t foldPrefix) holds(s scalar) bool { return s.kind == syntax.Text && t.prefixOf(s.text) }
func (t foldSuffix) holds(s scalar) bool { return s.kind == syntax.Text && t.suffixOf(s.text) }

// ascii returns the text in lower case; ok is false when it is not all ASCII.
func (f fold) ascii() (lower string, ok bool) {
	b := make([]byte, 0, len(f))
	for _, forms := range f {
		if len(forms[0]) > 1 {
			return "", false
		}
		b = append(b, lowerASCII(forms[0][0]))
	}
	return string(b), true
}
