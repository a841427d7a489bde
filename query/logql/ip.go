package logql

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// An ipPattern is a range of addresses, both ends included.
type ipPattern struct{ first, last netip.Addr }

// parseIPPattern reads an address, a network (10.0.0.0/8) or a range
// (10.0.0.1-10.0.0.9).
func parseIPPattern(s string) (ipPattern, error) {
	bad := fmt.Errorf("ip: invalid pattern: %q", s)
	if a, err := netip.ParseAddr(s); err == nil {
		return ipPattern{a, a}, nil
	}
	if n, err := netip.ParsePrefix(s); err == nil {
		n = n.Masked()
		return ipPattern{n.Addr(), lastOf(n)}, nil
	}
	from, to, ok := strings.Cut(s, "-")
	if !ok {
		return ipPattern{}, bad
	}
	a, err1 := netip.ParseAddr(strings.TrimSpace(from))
	b, err2 := netip.ParseAddr(strings.TrimSpace(to))
	if err1 != nil || err2 != nil || a.BitLen() != b.BitLen() || b.Less(a) {
		return ipPattern{}, bad
	}
	return ipPattern{a, b}, nil
}

func lastOf(n netip.Prefix) netip.Addr {
	b := n.Addr().AsSlice()
	for i := n.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 1 << (7 - i%8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

func (p ipPattern) contains(a netip.Addr) bool {
	return a.BitLen() == p.first.BitLen() && !a.Less(p.first) && !p.last.Less(a)
}

// matches reports whether the text is an address in the range; ok is false
// when it is no address.
func (p ipPattern) matches(text string) (in, ok bool) {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return false, false
	}
	return p.contains(a), true
}

// inText reports whether some address in the text is in the range.
func (p ipPattern) inText(text string) bool {
	v6 := p.first.Is6()
	for i := 0; i < len(text); i++ {
		if !isAddrStart(text, i, v6) {
			continue
		}
		end := i
		for end < len(text) && isAddrByte(text[end], v6) {
			end++
		}
		// What follows an address may look like a part of it: a port, a stop.
		for stop := end; stop > i; stop-- {
			if a, err := netip.ParseAddr(text[i:stop]); err == nil {
				if p.contains(a) {
					return true
				}
				break
			}
		}
		i = end
	}
	return false
}

func isAddrStart(text string, i int, v6 bool) bool {
	c := text[i]
	if !isAddrByte(c, v6) || !v6 && c == '.' {
		return false
	}
	return i == 0 || !linefield.IsLabelByte(text[i-1])
}

func isAddrByte(c byte, v6 bool) bool {
	if c >= '0' && c <= '9' || c == '.' {
		return true
	}
	return v6 && (c == ':' || c|0x20 >= 'a' && c|0x20 <= 'f')
}
