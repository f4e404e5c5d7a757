package report_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/everqual/everqual/report"
)

func TestClean(t *testing.T) {
	p := report.NewPrinter()
	for in, want := range map[string]string{
		"":                       "",
		"plain, ÄÖÜ é ñ Ελλ Кир": "plain, ÄÖÜ é ñ Ελλ Кир",
		"日本":                     `\u65E5\u672C`,
		"😀":                      `\U0001F600`,
		"שלום":                   `\u05E9\u05DC\u05D5\u05DD`,
		"a\u202Eb":               `a\u202Eb`,
		"a\x00b\nc\t":            `a\u0000b\u000Ac\u0009`,
		"zero\u200bwidth":        `zero\u200Bwidth`,
		"no\u00a0break":          `no\u00A0break`,
		"e\u0301":                `e\u0301`,
		"soft\u00adhyphen":       `soft\u00ADhyphen`,
		"\xff\xfe":               `\xFF\xFE`,
		"\ufffd":                 `\uFFFD`,
		`C:\temp`:                `C:\temp`,
		`^\d+\.\d+$`:             `^\d+\.\d+$`,
		`\u65E5`:                 `\\u65E5`,
		`\\u65E5`:                `\\\\u65E5`,
		`\日`:                     `\\\u65E5`,
		`\xFF`:                   `\\xFF`,
		"{nb}":                   "{nb}",
	} {
		if got := p.Clean(in); got != want {
			t.Errorf("%q prints as %s, want %s", in, got, want)
		}
	}
}

// dirty is the inverse of Clean, written from its documentation.
func dirty(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		n := len(s) - len(strings.TrimLeft(s, `\`))
		rest := s[n:]
		digits := 0
		if rest != "" {
			digits = map[byte]int{'x': 2, 'u': 4, 'U': 8}[rest[0]]
		}
		switch {
		case n == 0:
			_, size := utf8.DecodeRuneInString(s)
			b.WriteString(s[:size])
			s = s[size:]
			continue
		case digits == 0:
			b.WriteString(s[:n])
		case n%2 == 0:
			b.WriteString(s[:n/2])
			b.WriteByte(rest[0])
			rest = rest[1:]
		default:
			b.WriteString(s[:n/2])
			code, err := strconv.ParseUint(rest[1:1+digits], 16, 32)
			if err != nil {
				return "not an escape: " + s
			}
			if digits == 2 {
				b.WriteByte(byte(code))
			} else {
				b.WriteRune(rune(code))
			}
			rest = rest[1+digits:]
		}
		s = rest
	}
	return b.String()
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "plain", "日\\u65E5\\\\x", "\xff\\", "\\\\\\日", "a\u202eb", "\ufffd\xef\xbf", `\U0001F600😀`} {
		f.Add(s)
	}
	p := report.NewPrinter()
	f.Fuzz(func(t *testing.T, s string) {
		printed := p.Clean(s)
		if back := dirty(printed); back != s {
			t.Errorf("%q prints as %q, which reads back as %q", s, printed, back)
		}
		for _, r := range printed {
			if r == utf8.RuneError || !unicode.IsPrint(r) || unicode.IsMark(r) {
				t.Errorf("%q prints as %q with %U", s, printed, r)
			}
		}
	})
}

func FuzzWrap(f *testing.F) {
	for _, s := range []string{"", " ", "a b c", strings.Repeat("x", 300), "arn:aws:iam::1:role/Some/Long-Name_here", "one  two   three "} {
		f.Add(s, 20.0)
	}
	f.Add("WWWWWWWW", 0.1)
	p := report.NewPrinter()
	f.Fuzz(func(t *testing.T, s string, width float64) {
		if !(width > 0 && width < 500) || len(s) > 5000 {
			t.Skip()
		}
		s = p.Clean(s)
		lines := p.Wrap(s, width)
		for _, l := range lines {
			if p.Measure(l) > width+0.001 && utf8.RuneCountInString(l) > 1 {
				t.Errorf("line %q of %q is wider than %g mm", l, s, width)
			}
		}
		all := strings.Join(lines, "")
		if strings.ReplaceAll(all, " ", "") != strings.ReplaceAll(s, " ", "") || len(all)+len(lines) < len(s) {
			t.Errorf("lines %q lose text of %q", lines, s)
		}
	})
}

func TestWrap(t *testing.T) {
	p := report.NewPrinter()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{""}},
		{"words", "the quick brown fox", []string{"the quick", "brown fox"}},
		{"a long word starts where it is", "a arn:aws:iam:role/name", []string{"a arn:aws:", "iam:role/", "name"}},
		{"a name in camel case", "BackupRetentionPeriod", []string{"Backup", "Retention", "Period"}},
		{"nothing to break at", strings.Repeat("x", 16), []string{"xxxxxxxxxx", "xxxxxx"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := p.Wrap(c.text, 15)
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
