// Package egress keeps requests that Oriel makes for others from going where
// only Oriel can: to a cloud's metadata service, which hands out credentials to
// whoever asks from the machine, and to other addresses of the link. A receiver
// of notifications or a data source may be named by somebody who has no
// business there, by a template, or by a redirect; what counts is the address
// that a name turned out to be, at the moment of the connection.
package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Config is the `egress` section of oriel.yaml.
type Config struct {
	Allow []netip.Prefix `yaml:"allow"` // networks that may be reached whatever else says
	Deny  []netip.Prefix `yaml:"deny"`  // that may not, besides those that never may
}

// never are the networks that have nothing to offer but to attackers, unless
// Config allows them.
var never = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),          // this machine, under a name that filters forget
	netip.MustParsePrefix("169.254.0.0/16"),     // the link; 169.254.169.254 is the metadata service of most clouds
	netip.MustParsePrefix("100.100.100.200/32"), // of Alibaba's
	netip.MustParsePrefix("168.63.129.16/32"),   // Azure's, for its machines' agents
	netip.MustParsePrefix("192.0.0.0/24"),       // of protocols; 192.0.0.192 is the metadata service of Oracle's
	netip.MustParsePrefix("224.0.0.0/4"),        // multicast
	netip.MustParsePrefix("240.0.0.0/4"),        // reserved, and broadcast
	netip.MustParsePrefix("::/128"),
	netip.MustParsePrefix("fe80::/10"),        // the link
	netip.MustParsePrefix("fec0::/10"),        // the site, as it was once called
	netip.MustParsePrefix("2002::/16"),        // IPv4 in a disguise that nobody uses any more (RFC 7526)
	netip.MustParsePrefix("2001::/32"),        // likewise, Teredo (RFC 4380)
	netip.MustParsePrefix("fd00:ec2::/32"),    // metadata of Amazon's
	netip.MustParsePrefix("fd20:ce::254/128"), // of Google's
	netip.MustParsePrefix("fd00:42::42/128"),  // of Scaleway's
	netip.MustParsePrefix("ff00::/8"),         // multicast
}

// Prefixes of addresses that are IPv4's in disguise: their last four bytes.
var (
	nat64 = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
	v4in6 = netip.MustParsePrefix("::/96")        // RFC 4291, given up
)

// ErrDenied is wrapped by the errors of connections that are not made.
var ErrDenied = fmt.Errorf("this address is not to be reached from here (egress.allow says what is): %w", fault.ErrForbidden)

// Check returns why an address may not be reached; nil if it may. Loopback and
// private networks may: receivers and data sources are there, more often than
// not.
func (c Config) Check(addr netip.Addr) error {
	addr = plain(addr)
	in := func(p netip.Prefix) bool { return p.Contains(addr) }
	if slices.ContainsFunc(c.Allow, in) {
		return nil
	}
	if !addr.IsValid() || slices.ContainsFunc(c.Deny, in) || slices.ContainsFunc(never, in) {
		return fmt.Errorf("%v: %w", addr, ErrDenied)
	}
	return nil
}

// plain returns an address without zone and disguise.
func plain(addr netip.Addr) netip.Addr {
	addr = addr.Unmap().WithZone("")
	if addr.Is6() && (nat64.Contains(addr) || v4in6.Contains(addr)) && !addr.IsLoopback() && !addr.IsUnspecified() {
		b := addr.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return addr
}

// Dial connects as net.Dialer does, to addresses that may be reached. It is what
// Prometheus' HTTP clients take as their DialContextFunc. Of a client that has
// an HTTP proxy it is about the proxy, which knows what it may reach.
func (c Config) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second, Control: c.control}
	return d.DialContext(ctx, network, address)
}

// control is asked about each address before the connection is made.
func (c Config) control(network, address string, _ syscall.RawConn) error {
	switch network {
	case "tcp4", "tcp6":
	default:
		return fmt.Errorf("%s: %w", network, ErrDenied)
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errors.Join(err, ErrDenied)
	}
	return c.Check(at.Addr())
}
