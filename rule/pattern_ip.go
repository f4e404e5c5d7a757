package rule

import (
	"net/netip"
	"strconv"
	"strings"
)

// address reads an IPv4 or IPv6 address as EventBridge does: leading zeros in
// IPv4 are decimal, and an IPv4-mapped IPv6 address is the IPv4 address.
func address(s string) (netip.Addr, bool) {
	if ip, ok := dotted(s); ok {
		return ip, true
	}
	if !strings.Contains(s, ":") || strings.Contains(s, "%") {
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(s)
	return ip.Unmap(), err == nil
}

// dotted reads four decimal numbers below 256.
func dotted(s string) (netip.Addr, bool) {
	var b [4]byte
	for i := range b {
		part, rest, more := strings.Cut(s, ".")
		v, err := strconv.ParseUint(part, 10, 8)
		if err != nil || more != (i < 3) {
			return netip.Addr{}, false
		}
		b[i], s = byte(v), rest
	}
	return netip.AddrFrom4(b), true
}

// sameAddress is an exact string that is an IP address.
type sameAddress struct{ ip netip.Addr }

func (t sameAddress) holds(n *node) bool {
	if n.kind != text {
		return false
	}
	ip, ok := address(n.text)
	return ok && ip == t.ip
}

// block is {"cidr": ...}. A block of one family never holds an address of the
// other.
type block struct{ prefix netip.Prefix }

func (t block) holds(n *node) bool {
	if n.kind != text {
		return false
	}
	ip, ok := address(n.text)
	return ok && t.prefix.Contains(ip)
}

func compileCIDR(n *node) (test, error) {
	s, err := textOf("cidr", n)
	if err != nil {
		return nil, err
	}
	base, mask, ok := strings.Cut(s, "/")
	if !ok || strings.Contains(mask, "/") {
		return nil, faultf(n.at, "malformed CIDR %q: one \"/\" is required, as in 10.0.0.0/8", s)
	}
	ip, ok := address(base)
	if !ok {
		return nil, faultf(n.at, "invalid IP address %q in cidr", base)
	}
	bits, err := strconv.ParseUint(mask, 10, 8)
	if err != nil || int(bits) >= ip.BitLen() {
		return nil, faultf(n.at, "the mask of a CIDR must be a number below %d; write a single address as an exact string", ip.BitLen())
	}
	return block{netip.PrefixFrom(ip, int(bits)).Masked()}, nil
}
