package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean returns s as it can be printed. What the fonts can not show (other
// scripts, emoji, control characters, text direction marks) becomes \u65E5 or
// \U0001F600, a byte that is no UTF-8 becomes \xFF: nothing vanishes and
// nothing reorders the text. So that no value can pass for an escape, a run of
// backslashes before u, U, x or an escape is doubled; what is printed leads
// back to the value without doubt.
func (t *typefaces) clean(s string) string {
	if t.isClean(s) {
		return s
	}
	var b strings.Builder
	slashes := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		text := t.escape(r, s[i:i+size])
		i += size
		if text == "" && strings.ContainsRune("uUx", r) || text != "" {
			b.WriteString(strings.Repeat(`\`, slashes))
		}
		slashes++
		if r != '\\' {
			slashes = 0
		}
		if text == "" {
			text = string(r)
		}
		b.WriteString(text)
	}
	return b.String()
}

// isClean tells whether s prints as it is.
func (t *typefaces) isClean(s string) bool {
	for _, r := range s {
		if r == '\\' || r >= basicPlane || !t.printable[r] || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// escape returns the escape for r, which was read from raw, or "" when r can be
// printed.
func (t *typefaces) escape(r rune, raw string) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02X`, raw[0])
	case r >= basicPlane:
		return fmt.Sprintf(`\U%08X`, r)
	case r == utf8.RuneError || !t.printable[r]:
		return fmt.Sprintf(`\u%04X`, r)
	}
	return ""
}

// measure returns the width of clean text in mm.
func (t *typefaces) measure(s string, st style) float64 {
	sum := 0
	for _, r := range s {
		sum += int(t.width[st.face][r])
	}
	return float64(sum) * st.size * mmPerPoint / 1000
}

// fit shortens clean text to one line of the given width, with an ellipsis.
func (t *typefaces) fit(s string, st style, width float64) string {
	if t.measure(s, st) <= width {
		return s
	}
	room := width - t.measure("…", st)
	for i, r := range s {
		room -= float64(t.width[st.face][r]) * st.size * mmPerPoint / 1000
		if room < 0 {
			return s[:i] + "…"
		}
	}
	return s
}

// wrap breaks clean text into lines of the given width in mm: between words; a
// word that is longer than a line where it has a joint, or else anywhere. There
// is at least one line.
func (t *typefaces) wrap(s string, st style, width float64) []string {
	limit := int(width * 1000 / (st.size * mmPerPoint))
	var lines []string
	for {
		n, skip := t.lineBreak(s, st.face, limit)
		lines = append(lines, s[:n])
		if s = s[n+skip:]; s == "" {
			return lines
		}
	}
}

// lineBreak returns the length of the first line of s, and the number of bytes
// (one space or none) to skip before the next.
func (t *typefaces) lineBreak(s string, f face, limit int) (n, skip int) {
	sum, space := 0, -1
	var j joints
	before := ' '
	for i, r := range s {
		sum += int(t.width[f][r])
		if r == ' ' {
			space = i
		}
		if sum > limit && i > 0 {
			switch {
			case r == ' ':
				return i, 1
			case space > 0 && t.wordFits(s[space+1:], f, limit):
				return space, 1
			}
			return j.best(i), 0
		}
		j.note(before, r, i, 100*sum/max(limit, 1))
		before = r
	}
	return len(s), 0
}

// joints remembers where a long word is best broken: after a separator, or
// after weaker punctuation, or between the words of a camelCase name.
type joints struct {
	strong, early, weak, camel int
}

// note looks at the character at i, which fills the line to the given percent.
func (j *joints) note(before, r rune, i, percent int) {
	next := i + utf8.RuneLen(r)
	switch {
	case strings.ContainsRune("/:,;&|", r) && percent >= 60:
		j.strong = next
	case strings.ContainsRune("/:,;&|", r) && percent >= 40:
		j.early = next
	case strings.ContainsRune("-_.=)]}", r) && percent >= 60:
		j.weak = next
	case unicode.IsLower(before) && unicode.IsUpper(r) && percent >= 50:
		j.camel = i
	}
}

// best returns the best joint, or at when there is none.
func (j joints) best(at int) int {
	for _, n := range []int{j.strong, j.weak, j.early, j.camel} {
		if n > 0 {
			return n
		}
	}
	return at
}

// wordFits tells whether the first word of s fits into a line of its own.
func (t *typefaces) wordFits(s string, f face, limit int) bool {
	for _, r := range s {
		if r == ' ' {
			return true
		}
		if limit -= int(t.width[f][r]); limit < 0 {
			return false
		}
	}
	return true
}
