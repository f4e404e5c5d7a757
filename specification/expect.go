package specification

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// checkExpectation checks the operand of an expectation and of those in it.
func (f *file) checkExpectation(n *node, where []string) {
	if n.kind != '{' || len(n.fields) != 1 {
		return // a literal, or refused by the schema
	}
	operand := n.fields[0]
	where = join(where, operand.key)
	switch operand.key {
	case "not", "length":
		f.checkExpectation(operand, where)
	case "all_of", "any_of", "none_of":
		for i, x := range operand.items {
			f.checkExpectation(x, join(where, strconv.Itoa(i)))
		}
	case "between":
		f.checkBetween(operand, where)
	case "matches":
		f.checkPattern(operand, where)
	case "within", "not_within", "excludes_cidr":
		f.checkRanges(operand, where)
	case "version":
		f.checkVersion(operand, where)
	}
}

func (f *file) checkBetween(n *node, where []string) {
	if len(n.items) != 2 {
		return
	}
	low, ok := number(n.items[0])
	high, ok2 := number(n.items[1])
	if ok && ok2 && low > high {
		f.at(n, where, fmt.Sprintf("the range is inverted: %v is more than %v", low, high), "")
	}
}

func number(n *node) (float64, bool) {
	v, ok := n.scalar.(json.Number)
	x, err := v.Float64()
	return x, ok && err == nil
}

func (f *file) checkPattern(n *node, where []string) {
	s, ok := n.text()
	if !ok {
		return
	}
	if _, err := regexp.Compile(s); err != nil {
		message := err.Error()
		if e, ok := err.(*syntax.Error); ok {
			message = fmt.Sprintf("%s: %q", e.Code, e.Expr)
		}
		f.at(n, where, "the pattern is no regular expression (RE2 syntax): "+message, "")
	}
}

func (f *file) checkRanges(n *node, where []string) {
	list := n.items
	if n.kind == '"' {
		list = []*node{n}
	}
	for i, x := range list {
		s, ok := x.text()
		if !ok {
			continue
		}
		at := where
		if n.kind == '[' {
			at = join(where, strconv.Itoa(i))
		}
		p, err := parseRange(s)
		switch {
		case err != nil:
			f.at(x, at, fmt.Sprintf("%q is no address range; write it like \"10.0.0.0/8\"", s), "")
		case p != p.Masked():
			f.at(x, at, fmt.Sprintf("%q is not the first address of its range", s), p.Masked().String())
		}
	}
}

func parseRange(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

// checkVersion reads the bounds, and refuses those that no version satisfies.
func (f *file) checkVersion(n *node, where []string) {
	bounds := map[string]*node{}
	for _, b := range n.fields {
		s, ok := b.text()
		if !ok || s == "" {
			continue
		}
		if strings.Trim(s, "0123456789.") != "" || strings.Trim(s, ".") == "" {
			f.at(b, join(where, b.key), fmt.Sprintf("the bound %q is no version number; write digits and dots, like \"14.2\"", s), "")
			continue
		}
		bounds[b.key] = b
	}
	for _, low := range []string{">", ">="} {
		for _, high := range []string{"<", "<="} {
			l, okL := bounds[low].text()
			h, okH := bounds[high].text()
			if !okL || !okH {
				continue
			}
			c := compareVersions(l, h)
			if c > 0 || c == 0 && low+high != ">=<=" {
				f.at(n, where, fmt.Sprintf("no version is %s %s and %s %s", low, l, high, h), "")
			}
		}
	}
}

// compareVersions compares dotted numbers part by part; missing parts are 0.
func compareVersions(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if c := comparePart(part(x, i), part(y, i)); c != 0 {
			return c
		}
	}
	return 0
}

func part(list []string, i int) string {
	if i < len(list) {
		return strings.TrimLeft(list[i], "0")
	}
	return ""
}

// comparePart compares digits without leading zeros, of any length.
func comparePart(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
