package lines

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/oriel-obs/oriel/internal/conns"
	"github.com/oriel-obs/oriel/internal/servertls"
)

// Sockets are open sockets that nothing reads from before Serve.
type Sockets struct {
	stream  net.Listener // nil for none
	packets []net.PacketConn
	path    string // of the Unix socket among packets; "" for none
}

// Listen opens addr, host:port, for TCP and UDP, and path, of a Unix datagram
// socket. Either may be empty.
func Listen(addr, path string) (s *Sockets, err error) {
	s = &Sockets{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	if addr != "" {
		if s.stream, err = net.Listen("tcp", addr); err != nil {
			return s, err
		}
		// The same port, if the system chose it.
		packets, err := net.ListenPacket("udp", s.stream.Addr().String())
		if err != nil {
			return s, err
		}
		// A larger buffer outlives a longer stall of ours. The system may grant less.
		_ = packets.(*net.UDPConn).SetReadBuffer(packetBufferBytes)
		s.packets = append(s.packets, packets)
	}
	if path != "" {
		if err := removeStale(path); err != nil {
			return s, err
		}
		packets, err := net.ListenPacket("unixgram", path)
		if err != nil {
			return s, err
		}
		s.path = path
		s.packets = append(s.packets, packets)
	}
	return s, nil
}

// Encrypt makes the connections over TCP such with TLS, as exporter-toolkit's
// file says. Datagrams stay as they are.
func (s *Sockets) Encrypt(file string) error {
	if s.stream == nil {
		return nil
	}
	l, err := servertls.Listener(s.stream, file)
	if err != nil {
		return err
	}
	s.stream = l
	return nil
}

// Only turns away senders whose addresses ok does not like.
func (s *Sockets) Only(ok func(net.Addr) bool) {
	if s.stream != nil {
		s.stream = conns.Only(s.stream, ok)
	}
	for i, p := range s.packets {
		s.packets[i] = conns.OnlyPackets(p, ok)
	}
}

const packetBufferBytes = 4 << 20

// removeStale removes the socket that an ended process left at path. One that
// somebody listens on stays, and so does any other file.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return nil // listening says what is wrong, if anything
	}
	conn, err := net.Dial("unixgram", path)
	if err == nil {
		return errors.Join(fmt.Errorf("another program listens on %s", path), conn.Close())
	}
	return os.Remove(path)
}

// Addrs returns the addresses of the sockets, TCP first.
func (s *Sockets) Addrs() []net.Addr {
	var out []net.Addr
	if s.stream != nil {
		out = append(out, s.stream.Addr())
	}
	for _, p := range s.packets {
		out = append(out, p.LocalAddr())
	}
	return out
}

// Close closes the sockets; closing twice does no harm.
func (s *Sockets) Close() error {
	var errs []error
	note := func(err error) {
		if !errors.Is(err, net.ErrClosed) && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if s.stream != nil {
		note(s.stream.Close())
	}
	for _, p := range s.packets {
		note(p.Close())
	}
	if s.path != "" {
		note(os.Remove(s.path))
	}
	return errors.Join(errs...)
}
