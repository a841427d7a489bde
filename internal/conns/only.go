package conns

import "net"

// Only returns l without the connections from addresses that ok does not like:
// they are closed before anything is read from them.
func Only(l net.Listener, ok func(net.Addr) bool) net.Listener { return &chosen{l, ok} }

type chosen struct {
	net.Listener
	ok func(net.Addr) bool
}

// Accept implements net.Listener.
func (l *chosen) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || l.ok(c.RemoteAddr()) {
			return c, err
		}
		_ = c.Close() // nothing was read from it
	}
}

// OnlyPackets returns p without the datagrams from addresses that ok does not
// like.
func OnlyPackets(p net.PacketConn, ok func(net.Addr) bool) net.PacketConn {
	return &chosenPackets{p, ok}
}

type chosenPackets struct {
	net.PacketConn
	ok func(net.Addr) bool
}

// ReadFrom implements net.PacketConn.
func (p *chosenPackets) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := p.PacketConn.ReadFrom(b)
		if err != nil || p.ok(from) {
			return n, from, err
		}
	}
}

// SetReadBuffer asks the system for room, as net.UDPConn does.
func (p *chosenPackets) SetReadBuffer(bytes int) error {
	if c, ok := p.PacketConn.(interface{ SetReadBuffer(int) error }); ok {
		return c.SetReadBuffer(bytes)
	}
	return nil
}
