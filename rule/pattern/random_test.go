package pattern_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/everqual/everqual/rule/pattern"
)

// Small alphabets, so that patterns and events meet.
var (
	anyText = rapid.SampledFrom([]string{"", "x", "y", "X", "xy", "yx", "xyx", "ß", "SS", "ss", "k", "\u212a", "10.0.0.1", "010.0.0.001",
		"::1", "0:0:0:0:0:0:0:1", "2001:db8::5", "true", "1", "a*b", `a\b`, "x\"", "arn:aws:s3:::x"})
	anyNumber = rapid.SampledFrom([]string{"0", "-0.0", "1", "1.0", "10e-1", "2", "-1", "300", "3.0e2", "9007199254740993", "37.807807921694092", "5e-324", "4.9E-324", "1e400"})
	anyWild   = rapid.SampledFrom([]string{"*", "", "x*", "*x", "*x*", "x*x", "x*y*x", "*y*", "*xy*x*", `a\\*b`, `a\\\\b`})
	anyPlain  = rapid.SampledFrom([]string{"0", "1", "2", "-1", "300"})
)

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func list(g *rapid.Generator[string], t *rapid.T, label string) string {
	if rapid.Bool().Draw(t, label+" single") {
		return g.Draw(t, label)
	}
	return "[" + strings.Join(rapid.SliceOfN(g, 1, 3).Draw(t, label), ",") + "]"
}

func drawValue(t *rapid.T) string {
	text := rapid.Map(anyText, quote)
	some := rapid.Map(rapid.SampledFrom([]string{"x", "y", "xy", "k", "ß", "SS"}), quote)
	wild := rapid.Map(anyWild, func(s string) string { return `"` + s + `"` })
	switch rapid.IntRange(0, 16).Draw(t, "operator") {
	case 0, 1, 2:
		return text.Draw(t, "text")
	case 3:
		return anyNumber.Draw(t, "number")
	case 4:
		return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "word")
	case 5:
		return fmt.Sprintf(`{"%s":%s}`, rapid.SampledFrom([]string{"prefix", "suffix", "equals-ignore-case", "exactly"}).Draw(t, "op"), text.Draw(t, "text"))
	case 6:
		return fmt.Sprintf(`{"%s":{"equals-ignore-case":%s}}`, rapid.SampledFrom([]string{"prefix", "suffix"}).Draw(t, "op"), text.Draw(t, "text"))
	case 7, 8:
		return fmt.Sprintf(`{"wildcard":%s}`, wild.Draw(t, "wildcard"))
	case 9:
		return fmt.Sprintf(`{"anything-but":%s}`, list(text, t, "text"))
	case 10:
		return fmt.Sprintf(`{"anything-but":%s}`, list(anyPlain, t, "number"))
	case 11:
		return fmt.Sprintf(`{"anything-but":{"%s":%s}}`, rapid.SampledFrom([]string{"prefix", "suffix", "equals-ignore-case"}).Draw(t, "op"), list(some, t, "text"))
	case 12:
		return fmt.Sprintf(`{"anything-but":{"wildcard":%s}}`, list(wild, t, "wildcard"))
	case 13:
		return fmt.Sprintf(`{"numeric":["%s",%s]}`, rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "op"), anyPlain.Draw(t, "number"))
	case 14:
		return fmt.Sprintf(`{"numeric":["%s",-1,"%s",%s]}`, rapid.SampledFrom([]string{">", ">="}).Draw(t, "low"), rapid.SampledFrom([]string{"<", "<="}).Draw(t, "high"), rapid.SampledFrom([]string{"0", "1", "300"}).Draw(t, "number"))
	case 15:
		return fmt.Sprintf(`{"cidr":"%s"}`, rapid.SampledFrom([]string{"10.0.0.0/8", "10.0.0.1/31", "0.0.0.0/0", "::/0", "2001:db8::/32", "::1/127"}).Draw(t, "cidr"))
	}
	return fmt.Sprintf(`{"exists":%v}`, rapid.Bool().Draw(t, "exists"))
}

var keys = rapid.SampledFrom([]string{"a", "b", "c", "a.b", "b.a"})

func drawPattern(t *rapid.T, depth int) string {
	var members []string
	for _, k := range rapid.SliceOfN(keys, 1, 2).Draw(t, "keys") {
		switch kind := rapid.IntRange(0, 5).Draw(t, "kind"); {
		case depth > 0 && kind == 0:
			members = append(members, fmt.Sprintf(`"$or":[%s,%s]`, drawPattern(t, depth-1), drawPattern(t, depth-1)))
		case depth > 0 && kind < 3:
			members = append(members, quote(k)+":"+drawPattern(t, depth-1))
		default:
			var values []string
			for range rapid.IntRange(1, 3).Draw(t, "values") {
				values = append(values, drawValue(t))
			}
			members = append(members, quote(k)+":["+strings.Join(values, ", ")+"]")
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

func drawEvent(t *rapid.T, depth int) string {
	var members []string
	for _, k := range rapid.SliceOfN(keys, 1, 5).Draw(t, "keys") {
		members = append(members, quote(k)+": "+drawEventValue(t, depth))
	}
	return "{" + strings.Join(members, " ,") + "}"
}

func drawEventValue(t *rapid.T, depth int) string {
	switch kind := rapid.IntRange(0, 7).Draw(t, "kind"); {
	case depth > 0 && kind < 2:
		return drawEvent(t, depth-1)
	case depth > 0 && kind < 5:
		var items []string
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			items = append(items, drawEventValue(t, depth-1))
		}
		return "[" + strings.Join(items, ",") + "]"
	case kind == 5:
		return anyNumber.Draw(t, "number")
	case kind == 6:
		return rapid.SampledFrom([]string{"null", "true", "false"}).Draw(t, "word")
	}
	return quote(anyText.Draw(t, "text"))
}

// Many patterns at once give what the reference gives for each alone.
func TestMatcherAgainstReference(t *testing.T) {
	matched, total := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var texts []string
		var patterns []*pattern.Pattern
		for range rapid.IntRange(1, 12).Draw(t, "patterns") {
			text := drawPattern(t, 2)
			p, err := pattern.Parse([]byte(text))
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			texts, patterns = append(texts, text), append(patterns, p)
		}
		m := pattern.NewMatcher(patterns...)
		for range 4 {
			event := drawEvent(t, 4)
			got, err := m.Match([]byte(event), nil)
			if err != nil {
				t.Fatalf("event %s: %v", event, err)
			}
			for i, text := range texts {
				want, ok := reference([]byte(text), []byte(event))
				if !ok {
					continue
				}
				if total++; want {
					matched++
				}
				if slices.Contains(got, i) != want {
					t.Fatalf("pattern %d of %d: %s\nevent %s\nwant %v", i, len(texts), text, event, want)
				}
			}
		}
	})
	t.Logf("%d of %d matched", matched, total)
	if matched*20 < total {
		t.Errorf("only %d of %d matched: the test says little", matched, total)
	}
}
