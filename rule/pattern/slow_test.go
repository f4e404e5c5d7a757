package pattern_test

import (
	"math/big"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"github.com/everqual/everqual/rule/syntax"
)

// The reference matcher: the obvious way, as slow as it likes. It shares only
// the JSON reader with the matcher. It tries every combination of $or branches,
// of values and of array elements.

// refLeaf is a scalar of an event and the elements it lies in: index by array.
type refLeaf struct {
	kind syntax.Kind
	text string
	in   map[*syntax.Node]int
}

func refLeaves(n *syntax.Node, path string, root bool, in map[*syntax.Node]int, out map[string][]refLeaf) {
	switch n.Kind {
	case syntax.Object:
		for i := range n.Members {
			m := &n.Members[i]
			child := path + "." + m.Key
			if root {
				child = m.Key
			}
			refLeaves(&m.Value, child, false, in, out)
		}
	case syntax.Array:
		for i := range n.Items {
			item := &n.Items[i]
			if item.Scalar() {
				refLeaves(item, path, false, in, out)
				continue
			}
			inner := map[*syntax.Node]int{n: i}
			for k, v := range in {
				inner[k] = v
			}
			refLeaves(item, path, false, inner, out)
		}
	default:
		out[path] = append(out[path], refLeaf{n.Kind, n.Text, in})
	}
}

// refRules multiplies a pattern out: each rule is a list of values by path.
func refRules(n *syntax.Node, prefix string, rules []map[string]*syntax.Node) []map[string]*syntax.Node {
	for i := range n.Members {
		m := &n.Members[i]
		switch {
		case m.Key == "$or":
			var all []map[string]*syntax.Node
			for k := range m.Value.Items {
				var own []map[string]*syntax.Node
				for _, r := range rules {
					c := map[string]*syntax.Node{}
					for path, v := range r {
						c[path] = v
					}
					own = append(own, c)
				}
				all = append(all, refRules(&m.Value.Items[k], prefix, own)...)
			}
			rules = all
		case m.Value.Kind == syntax.Object:
			rules = refRules(&m.Value, prefix+m.Key+".", rules)
		default:
			for _, r := range rules {
				r[prefix+m.Key] = &m.Value
			}
		}
	}
	return rules
}

// reference decides whether an event satisfies a pattern, both of them valid.
// ok is false when that would take too long.
func reference(pattern, event []byte) (match, ok bool) {
	p, err := syntax.Parse(pattern, 1<<20)
	if err != nil {
		return false, false
	}
	e, err := syntax.Parse(event, 1<<20)
	if err != nil {
		return false, false
	}
	leaves := map[string][]refLeaf{}
	refLeaves(e, "", true, nil, leaves)
	for _, rule := range refRules(p, "", []map[string]*syntax.Node{{}}) {
		steps := 1_000_000
		if refRule(rule, leaves, &steps) {
			return true, true
		}
		if steps <= 0 {
			return false, false
		}
	}
	return false, true
}

func refRule(rule map[string]*syntax.Node, leaves map[string][]refLeaf, steps *int) bool {
	var paths []string
	for p := range rule {
		paths = append(paths, p)
	}
	slices.Sort(paths) // absence is judged among the fields before
	agree := func(a, b map[*syntax.Node]int) bool {
		for k, i := range a {
			if j, ok := b[k]; ok && i != j {
				return false
			}
		}
		return true
	}
	var try func(i int, chosen []refLeaf) bool
	try = func(i int, chosen []refLeaf) bool {
		if *steps--; *steps <= 0 {
			return false
		}
		fits := func(l refLeaf) bool {
			return !slices.ContainsFunc(chosen, func(c refLeaf) bool { return !agree(c.in, l.in) })
		}
		if i == len(paths) {
			return true
		}
		values := rule[paths[i]].Items
		if slices.ContainsFunc(values, func(v syntax.Node) bool {
			return v.Kind == syntax.Object && v.Members[0].Key == "exists" && v.Members[0].Value.Text == "false"
		}) && !slices.ContainsFunc(leaves[paths[i]], fits) && try(i+1, chosen) {
			return true
		}
		for _, l := range leaves[paths[i]] {
			holds := slices.ContainsFunc(values, func(v syntax.Node) bool { return refHolds(&v, l) })
			if holds && fits(l) && try(i+1, append(slices.Clip(chosen), l)) {
				return true
			}
		}
		return false
	}
	return try(0, nil)
}

func refHolds(v *syntax.Node, l refLeaf) bool {
	isText := l.kind == syntax.Text
	switch v.Kind {
	case syntax.Text:
		if a, ok := refAddress(v.Text); ok && isText {
			b, ok := refAddress(l.text)
			return ok && a == b
		}
		return isText && l.text == v.Text
	case syntax.Number:
		return l.kind == syntax.Number && (l.text == v.Text || refSame(l.text, v.Text))
	case syntax.Boolean, syntax.Null:
		return l.kind == v.Kind && l.text == v.Text
	}
	key, arg := v.Members[0].Key, &v.Members[0].Value
	switch key {
	case "exists":
		return arg.Text == "true"
	case "anything-but":
		return refOther(arg, l)
	case "numeric":
		return l.kind == syntax.Number && refNumeric(arg.Items, l.text)
	case "cidr":
		block, err := refBlock(arg.Text)
		ip, ok := refAddress(l.text)
		return isText && err == nil && ok && block.Contains(ip)
	case "exactly":
		return isText && l.text == arg.Text
	}
	return isText && refText(key, arg, l.text)
}

func refText(key string, arg *syntax.Node, s string) bool {
	if arg.Kind == syntax.Object {
		x := regexp.MustCompile(map[string]string{"prefix": "^" + refFold(arg.Members[0].Value.Text), "suffix": refFold(arg.Members[0].Value.Text) + "$"}[key])
		return x.MatchString(s)
	}
	switch key {
	case "prefix":
		return strings.HasPrefix(s, arg.Text)
	case "suffix":
		return strings.HasSuffix(s, arg.Text)
	case "equals-ignore-case":
		return regexp.MustCompile("^(?:" + refFold(arg.Text) + ")$").MatchString(s)
	}
	var x strings.Builder
	for i := 0; i < len(arg.Text); i++ {
		switch arg.Text[i] {
		case '*':
			x.WriteString("(?s:.*)")
			continue
		case '\\':
			i++
		}
		n := 1
		for i+n < len(arg.Text) && arg.Text[i+n]&0xC0 == 0x80 { // the rest of a character
			n++
		}
		x.WriteString(regexp.QuoteMeta(arg.Text[i : i+n]))
		i += n - 1
	}
	return regexp.MustCompile("^" + x.String() + "$").MatchString(s)
}

// refFold is an expression for a text in any case, each character on its own.
func refFold(s string) string {
	var x strings.Builder
	for _, c := range s {
		x.WriteString("(?:" + regexp.QuoteMeta(string(c)) + "|" + regexp.QuoteMeta(cases.Upper(language.Und).String(string(c))) + "|" + regexp.QuoteMeta(cases.Lower(language.Und).String(string(c))) + ")")
	}
	return x.String()
}

func refOther(arg *syntax.Node, l refLeaf) bool {
	list := func(n *syntax.Node) []syntax.Node {
		if n.Kind == syntax.Array {
			return n.Items
		}
		return []syntax.Node{*n}
	}
	if arg.Kind == syntax.Object {
		key := arg.Members[0].Key
		return !slices.ContainsFunc(list(&arg.Members[0].Value), func(v syntax.Node) bool {
			return l.kind == syntax.Text && refText(key, &v, l.text)
		})
	}
	return !slices.ContainsFunc(list(arg), func(v syntax.Node) bool {
		return v.Kind == l.kind && (v.Kind == syntax.Text && v.Text == l.text || v.Kind == syntax.Number && refSame(v.Text, l.text))
	})
}

func refNumeric(items []syntax.Node, s string) bool {
	if _, ok := refNumber(s); !ok {
		return false
	}
	for i := 0; i < len(items); i += 2 {
		a, _ := new(big.Rat).SetString(s)
		b, _ := new(big.Rat).SetString(items[i+1].Text)
		order := a.Cmp(b)
		if !map[string]bool{"=": order == 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[items[i].Text] {
			return false
		}
	}
	return true
}

func refSame(a, b string) bool {
	x, ok := refNumber(a)
	y, also := refNumber(b)
	return ok && also && x == y
}

// refNumber reads a number that the shortest form of a float has exactly.
func refNumber(s string) (float64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	exact, ok := new(big.Rat).SetString(s)
	for _, precision := range []int{-1, 1} { // Java writes 4.9E-324
		shortest, _ := new(big.Rat).SetString(strconv.FormatFloat(v, 'e', precision, 64))
		if ok && shortest != nil && exact.Cmp(shortest) == 0 {
			return v, true
		}
	}
	return v, false
}

var fourNumbers = regexp.MustCompile(`^0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})\.0*(\d{1,3})$`)

func refAddress(s string) (netip.Addr, bool) {
	if m := fourNumbers.FindStringSubmatch(s); m != nil {
		s = strings.Join(m[1:], ".")
	}
	if strings.Contains(s, "%") || strings.Contains(s, ":") && strings.Contains(s, ".") {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(s)
	return ip.Unmap(), err == nil
}

func refBlock(s string) (netip.Prefix, error) {
	base, bits, _ := strings.Cut(s, "/")
	ip, ok := refAddress(base)
	n, err := strconv.Atoi(bits)
	if !ok || err != nil {
		return netip.Prefix{}, err
	}
	return ip.Prefix(n)
}
