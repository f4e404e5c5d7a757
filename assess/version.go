package assess

import (
	"strings"

	"github.com/everqual/everqual"
)

// version holds bounds such as {">=": "14.2", "<": "15"} against a version in
// text.
func version(_ checker, operand, value any) finding {
	bounds, ok := operand.(map[string]any)
	if !ok || len(bounds) == 0 {
		return badOperand("version", operand)
	}
	have, ok := value.(string)
	if !ok {
		return mistyped("a version in text", value)
	}
	result := answer(true)
	for _, sign := range sortedKeys(bounds) {
		want, _ := bounds[sign].(string)
		holds, known := satisfies(sign)
		if want == "" || !known {
			return badOperand("version", operand)
		}
		c, ok := compareVersions(have, want)
		switch {
		case !ok:
			return unsure(everqual.Mistyped, "the version %q cannot be compared with %q", have, want)
		case !holds(c):
			result = finding{is: no, detail: "not " + sign + " " + want}
		}
	}
	return result
}

func satisfies(sign string) (func(c int) bool, bool) {
	switch sign {
	case "=":
		return func(c int) bool { return c == 0 }, true
	case "!=":
		return func(c int) bool { return c != 0 }, true
	case "<":
		return func(c int) bool { return c < 0 }, true
	case "<=":
		return func(c int) bool { return c <= 0 }, true
	case ">":
		return func(c int) bool { return c > 0 }, true
	case ">=":
		return func(c int) bool { return c >= 0 }, true
	}
	return nil, false
}

// compareVersions compares part by part, where a part is a run of digits or a
// run of letters, and everything else separates. Numbers compare as numbers of
// any length, letters as text without case, and a missing number is 0. A
// number and letters at the same place cannot be compared, nor can letters and
// nothing: nobody knows whether 14.2-rc1 is before 14.2.
func compareVersions(a, b string) (int, bool) {
	x, y := versionParts(a), versionParts(b)
	if len(x) == 0 || len(y) == 0 {
		return 0, false
	}
	for i := range max(len(x), len(y)) {
		p, q := partAt(x, i), partAt(y, i)
		if isNumber(p) != isNumber(q) {
			return 0, false
		}
		if isNumber(p) && len(p) != len(q) {
			return len(p) - len(q), true
		}
		if c := strings.Compare(p, q); c != 0 {
			return c, true
		}
	}
	return 0, true
}

// versionParts splits into runs; numbers lose leading zeros, 0 becomes "".
func versionParts(s string) []string {
	s = strings.ToLower(strings.TrimSpace(s))
	if len(s) > 1 && s[0] == 'v' && isDigit(s[1]) {
		s = s[1:]
	}
	var parts []string
	for i := 0; i < len(s); {
		class := classOf(s[i])
		j := i
		for j < len(s) && classOf(s[j]) == class {
			j++
		}
		switch class {
		case 'd':
			parts = append(parts, strings.TrimLeft(s[i:j], "0"))
		case 'l':
			parts = append(parts, s[i:j])
		}
		i = j
	}
	return parts
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func classOf(c byte) byte {
	switch {
	case isDigit(c):
		return 'd'
	case strings.IndexByte(" .-_+:/~", c) >= 0:
		return 's'
	}
	return 'l'
}

func partAt(parts []string, i int) string {
	if i < len(parts) {
		return parts[i]
	}
	return ""
}

func isNumber(part string) bool { return part == "" || isDigit(part[0]) }
