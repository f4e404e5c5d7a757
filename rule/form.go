package rule

import (
	"regexp"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// form puts an id together from several places of an event, as in
// "{requestParameters.restApiId}/stages/{requestParameters.stageName}".
type form struct {
	text   string
	before string
	holes  []hole
}

// hole is one place in a form: {path} is the value there, {path=text} only a
// condition, {path!=text} the value unless it is the text. {path=} holds where
// there is nothing.
type hole struct {
	path    path
	is, not bool
	text    string
	after   string // what follows in the form
}

var holePattern = regexp.MustCompile(`\{([^{}=!]+)(!?=)?([^{}]*)\}`)

func parseForm(n *syntax.Node) (form, error) {
	bad := syntax.Faultf(n.At, "a form is a string with paths in braces, as in {requestParameters.restApiId}/stages/{requestParameters.stageName}")
	if n.Kind != syntax.Text {
		return form{}, bad
	}
	found := holePattern.FindAllStringSubmatchIndex(n.Text, -1)
	if found == nil || strings.ContainsAny(holePattern.ReplaceAllString(n.Text, ""), "{}") {
		return form{}, bad
	}
	f := form{text: n.Text, before: n.Text[:found[0][0]]}
	for i, at := range found {
		p, err := parsePath(&syntax.Node{Kind: syntax.Text, Text: n.Text[at[2]:at[3]], At: n.At})
		if err != nil {
			return form{}, err
		}
		end := len(n.Text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		h := hole{path: p, text: n.Text[at[6]:at[7]], after: n.Text[at[1]:end]}
		if at[4] >= 0 {
			h.not = n.Text[at[4]] == '!'
			h.is = !h.not
		}
		f.holes = append(f.holes, h)
	}
	return f, nil
}

// fill returns the id, "" when a place is empty; applies is false when a
// condition of the form does not hold.
func (f form) fill(o *origin) (id string, applies bool) {
	var b strings.Builder
	b.WriteString(f.before)
	whole := true
	for _, h := range f.holes {
		v, ok := h.path.one(o)
		switch {
		case h.is && v != h.text, h.not && v == h.text:
			return "", false
		case !h.is && !ok:
			whole = false
		case !h.is:
			b.WriteString(v)
		}
		b.WriteString(h.after)
	}
	if !whole {
		return "", true
	}
	return b.String(), true
}

// values are the ids at the place; other is true when the event is about
// something else, by the conditions of a form.
func (e *extraction) values(o *origin) (ids []string, other bool) {
	if e.form.text == "" {
		return e.path.values(o), false
	}
	id, applies := e.form.fill(o)
	if id != "" {
		ids = []string{id}
	}
	return ids, !applies
}

// place says where, for people.
func (e *extraction) place() string { return e.path.text + e.form.text }
