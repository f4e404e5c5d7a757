package pattern

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/everqual/everqual/rule/syntax"
)

// address reads an IPv4 or IPv6 address as EventBridge does: leading zeros in
// IPv4 are decimal, and an IPv4-mapped IPv6 address is the IPv4 address.
func address(s string) (netip.Addr, bool) {
	if !likeAddress(s) { // before a parser makes an error of it
		return netip.Addr{}, false
	}
	if ip, ok := dotted(s); ok {
		return ip, true
	}
	if strings.Contains(s, ".") || !strings.Contains(s, ":") { // EventBridge does not read ::ffff:10.0.0.1
		return netip.Addr{}, false
	}
	ip, err := netip.ParseAddr(s)
	return ip.Unmap(), err == nil
}

// likeAddress tells whether s has the characters of an address only.
func likeAddress(s string) bool {
	if len(s) < 2 || len(s) > 45 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > ':') && c != '.' && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
	}
	return true
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

func (t sameAddress) holds(s scalar) bool {
	if s.kind != syntax.Text {
		return false
	}
	ip, ok := address(s.text)
	return ok && ip == t.ip
}

// block is {"cidr": ...}. A block of one family never holds an address of the
// other.
type block struct{ prefix netip.Prefix }

func (t block) holds(s scalar) bool {
	if s.kind != syntax.Text {
		return false
	}
	ip, ok := address(s.text)
	return ok && t.prefix.Contains(ip)
}

func compileCIDR(n *syntax.Node) (test, error) {
	s, err := textOf("cidr", n)
	if err != nil {
		return nil, err
	}
	base, mask, ok := strings.Cut(s, "/")
	if !ok || strings.Contains(mask, "/") {
		return nil, syntax.Faultf(n.At, "malformed CIDR %q: one \"/\" is required, as in 10.0.0.0/8", s)
	}
	ip, ok := address(base)
	if !ok {
		return nil, syntax.Faultf(n.At, "invalid IP address %q in cidr; write a block as 10.0.0.0/8 or 2001:db8::/32", base)
	}
	bits, err := strconv.ParseUint(mask, 10, 8)
	if err != nil || int(bits) >= ip.BitLen() {
		return nil, syntax.Faultf(n.At, "the mask of a CIDR must be a number below %d; write a single address as an exact string", ip.BitLen())
	}
	return block{netip.PrefixFrom(ip, int(bits)).Masked()}, nil
}
