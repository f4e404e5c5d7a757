package assess

import (
	"net/netip"
	"slices"
)

// addresses compares an address or an address range with ranges.
func addresses(name string) operator {
	return func(_ checker, operand, value any) finding {
		ranges, ok := rangesOf(operand)
		if !ok {
			return badOperand(name, operand)
		}
		s, ok := value.(string)
		if !ok {
			return mistyped("an address or address range", value)
		}
		p, ok := parseRange(s)
		if !ok {
			return mistyped("an address or address range", value)
		}
		test := covers(p)
		switch name {
		case "within":
			return answer(slices.ContainsFunc(ranges, func(r netip.Prefix) bool { return covers(r)(p) }))
		case "not_within":
			test = p.Overlaps
		}
		return answer(!slices.ContainsFunc(ranges, test))
	}
}

// covers tells whether every address of the second range lies in p.
func covers(p netip.Prefix) func(netip.Prefix) bool {
	return func(q netip.Prefix) bool { return p.Bits() <= q.Bits() && p.Contains(q.Addr()) }
}

func rangesOf(operand any) ([]netip.Prefix, bool) {
	list, ok := operand.([]any)
	if !ok {
		list = []any{operand}
	}
	var ranges []netip.Prefix
	for _, x := range list {
		s, _ := x.(string)
		p, ok := parseRange(s)
		if !ok {
			return nil, false
		}
		ranges = append(ranges, p)
	}
	return ranges, len(ranges) > 0
}

// parseRange reads CIDR notation or a single address. An IPv4 address in IPv6
// clothes is the IPv4 address.
func parseRange(s string) (netip.Prefix, bool) {
	if a, err := netip.ParseAddr(s); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, false
	}
	if a := p.Addr(); a.Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(a.Unmap(), p.Bits()-96)
	}
	return p.Masked(), true
}
