package transform

import (
	"strings"
	"unicode/utf8"

	"github.com/everqual/everqual/rule/syntax"
)

const blanks = " \t\r\n"

// part is a piece of a template: text, and the placeholder that follows it.
type part struct {
	text string
	place
}

// place is a placeholder's name, "" for none, and whether it stands in a string.
type place struct {
	name   string
	inside bool
}

// hole is a placeholder with its bytes in the template.
type hole struct {
	place
	at, end int
}

// parseTemplate reads s into parts; an error is a fault at an offset of s.
func (t *Transformer) parseTemplate(s string) error {
	if n := utf8.RuneCountInString(s); n < 1 || n > MaxTemplate {
		return syntax.Faultf(0, "%d characters; a template has 1 to %d", n, MaxTemplate)
	}
	if !utf8.ValidString(s) {
		return syntax.Faultf(strings.IndexRune(s, utf8.RuneError), "not written in UTF-8")
	}
	start := len(s) - len(strings.TrimLeft(s, blanks))
	if start == len(s) || !strings.ContainsRune(`{["`, rune(s[start])) {
		return syntax.Faultf(start, `plain text, of which AWS delivers nothing: put each line in double quotes, or write a JSON object`)
	}
	holes, err := t.holes(s)
	if err != nil {
		return err
	}
	if t.lines = s[start] == '"'; t.lines {
		err = checkLines(s, start)
	} else {
		err = checkJSON(s, holes)
	}
	t.split(s, holes)
	return err
}

// holes finds the placeholders of s. A "<" in a string that no ">" closes, on
// its line and no farther away than a name is long, is text.
func (t *Transformer) holes(s string) (found []hole, err error) {
	inside := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			inside = !inside
		case s[i] == '\\' && inside:
			i++
		case s[i] == '<':
			size := strings.IndexAny(s[i:min(len(s), i+MaxName+2)], ">\"\n")
			if size < 0 || s[i+size] != '>' {
				if inside {
					continue
				}
				return nil, syntax.Faultf(i, "the placeholder has no closing >")
			}
			h := hole{place{s[i+1 : i+size], inside}, i, i + size + 1}
			if err := t.known(h); err != nil {
				return nil, err
			}
			found = append(found, h)
			i += size
		}
	}
	return found, nil
}

// known checks that the placeholder h has a value and may stand where it does.
func (t *Transformer) known(h hole) error {
	if _, ok := t.paths[h.name]; ok {
		return nil
	}
	wholeJSON, predefined := predefined[h.name]
	switch {
	case wholeJSON && h.inside:
		return syntax.Faultf(h.at, "<%s> is JSON and cannot stand in a string; remove the quotes around it", h.name)
	case predefined:
		return nil
	case strings.HasPrefix(strings.ToLower(h.name), "aws."):
		return syntax.Faultf(h.at, "<%s> is no predefined variable; these are %s", h.name, predefinedNames())
	case checkName(h.name) != nil:
		return syntax.Faultf(h.at, "<%s> is no placeholder, and a < before a > cannot be escaped; reword the text", h.name)
	}
	return syntax.Faultf(h.at, "placeholder <%s> has no path; add %q to the paths", h.name, h.name)
}

// checkJSON reads s with every placeholder outside of strings taken for a
// string of the same length.
func checkJSON(s string, holes []hole) error {
	text := []byte(s)
	for _, h := range holes {
		if !h.inside {
			text[h.at], text[h.end-1] = '"', '"'
		}
	}
	n, err := syntax.Parse(text, len(text))
	if err != nil {
		return err
	}
	return checkKeys(n, holes)
}

// checkKeys refuses placeholders in keys. Both the members and holes are in the
// order of the text.
func checkKeys(n *syntax.Node, holes []hole) error {
	for i := range n.Items {
		if err := checkKeys(&n.Items[i], holes); err != nil {
			return err
		}
	}
	for i := range n.Members {
		m := &n.Members[i]
		for len(holes) > 0 && holes[0].at < m.At {
			holes = holes[1:]
		}
		if len(holes) > 0 && holes[0].at < m.Value.At {
			return syntax.Faultf(holes[0].at, "<%s> cannot be an object key, nor part of one; write the key out", holes[0].name)
		}
		if err := checkKeys(&m.Value, holes); err != nil {
			return err
		}
	}
	return nil
}

// checkLines checks that s is JSON strings, each on a line of its own.
func checkLines(s string, i int) error {
	for {
		if s[i] != '"' {
			return syntax.Faultf(i, `text outside of the quotes; put each line in double quotes, and write \" for one inside them`)
		}
		end := closing(s, i)
		if _, err := syntax.Parse([]byte(s[i:end]), len(s)); err != nil {
			_, err = syntax.Parse([]byte(strings.Repeat(" ", i)+s[i:end]), len(s)) // its place in s
			return err
		}
		next := end + len(s[end:]) - len(strings.TrimLeft(s[end:], blanks))
		if next == len(s) {
			return nil
		}
		if !strings.Contains(s[end:next], "\n") {
			return syntax.Faultf(next, `text after the closing quote; begin a new line for the next string, and write \" for a quote inside one`)
		}
		i = next
	}
}

// closing returns the offset after the quote that closes the string at i.
func closing(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// split cuts s at its placeholders. Blanks are left out around strings, and
// in JSON between them: AWS minifies it.
func (t *Transformer) split(s string, holes []hole) {
	s = strings.TrimRight(s, blanks)
	at, inside := len(s)-len(strings.TrimLeft(s, blanks)), false
	for _, h := range holes {
		text := s[at:h.at]
		if !t.lines {
			text, inside = minify(text, inside)
		}
		t.parts = append(t.parts, part{text, h.place})
		at = h.end
	}
	text := s[at:]
	if !t.lines {
		text, _ = minify(text, inside)
	}
	t.parts = append(t.parts, part{text: text})
}

// minify removes the blanks of JSON text that are not in strings. The text may
// begin and end inside of one.
func minify(s string, inside bool) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			inside = !inside
		case c == '\\' && inside && i+1 < len(s):
			b.WriteByte(c)
			i++
		case !inside && strings.IndexByte(blanks, c) >= 0:
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String(), inside
}
