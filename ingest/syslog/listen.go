package syslog

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/oriel-obs/oriel/internal/conns"
	"github.com/oriel-obs/oriel/internal/servertls"
)

// Sockets are the open sockets of a configuration. Nothing reads from them
// before a Server runs.
type Sockets struct {
	streams []stream
	packets []packets
}

type stream struct {
	net.Listener
	l   Listener
	tls *tls.Config // nil for none
}

type packets struct {
	net.PacketConn
	l Listener
}

// Only turns away senders whose addresses ok does not like. Listeners that ask
// for client certificates know better.
func (s *Sockets) Only(ok func(net.Addr) bool) {
	for i, st := range s.streams {
		if st.l.ClientCAFile == "" {
			s.streams[i].Listener = conns.Only(st.Listener, ok)
		}
	}
	for i, p := range s.packets {
		s.packets[i].PacketConn = conns.OnlyPackets(p.PacketConn, ok)
	}
}

// Listen opens the sockets of c.
func Listen(c Config) (s *Sockets, err error) {
	s = &Sockets{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
			s = nil
		}
	}()
	for i, l := range c.Listeners {
		if err := s.open(l); err != nil {
			return s, fmt.Errorf("listeners[%d]: %w", i, err)
		}
	}
	return s, nil
}

func (s *Sockets) open(l Listener) error {
	switch l.Network {
	case "udp":
		conn, err := net.ListenPacket("udp", l.Address)
		if err != nil {
			return err
		}
		// A larger buffer outlives a longer stall of ours. The system may grant less.
		_ = conn.(*net.UDPConn).SetReadBuffer(udpBufferBytes)
		s.packets = append(s.packets, packets{conn, l})
	case "unixgram":
		if err := removeStale("unixgram", l.Address); err != nil {
			return err
		}
		conn, err := net.ListenPacket("unixgram", l.Address)
		if err != nil {
			return err
		}
		s.packets = append(s.packets, packets{conn, l})
	case "unix":
		if err := removeStale("unix", l.Address); err != nil {
			return err
		}
		fallthrough
	default:
		st := stream{l: l}
		network := l.Network
		if network == "tls" {
			network = "tcp"
			var err error
			if st.tls, err = tlsConfig(l); err != nil {
				return err
			}
		}
		var err error
		if st.Listener, err = net.Listen(network, l.Address); err != nil {
			return err
		}
		s.streams = append(s.streams, st)
	}
	return nil
}

const udpBufferBytes = 4 << 20

// removeStale removes the socket that an ended process left at path. One that
// somebody listens on stays, and so does any other file.
func removeStale(network, path string) error {
	info, err := os.Lstat(path)
	if err != nil || info.Mode().Type() != os.ModeSocket {
		return nil // listening says what is wrong, if anything
	}
	conn, err := net.Dial(network, path)
	if err == nil {
		return errors.Join(fmt.Errorf("another program listens on %s", path), conn.Close())
	}
	return os.Remove(path)
}

// Addrs returns the addresses of the sockets, streams first.
func (s *Sockets) Addrs() []net.Addr {
	var out []net.Addr
	for _, st := range s.streams {
		out = append(out, st.Addr())
	}
	for _, p := range s.packets {
		out = append(out, p.LocalAddr())
	}
	return out
}

// Close closes the sockets; closing twice does no harm.
func (s *Sockets) Close() error {
	var errs []error
	for _, st := range s.streams {
		errs = append(errs, st.Close())
	}
	for _, p := range s.packets {
		errs = append(errs, p.Close())
		if p.l.Network == "unixgram" {
			if err := os.Remove(p.l.Address); !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
	}
	for i, err := range errs {
		if errors.Is(err, net.ErrClosed) {
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}

func tlsConfig(l Listener) (*tls.Config, error) {
	if l.WebConfig != "" {
		c, err := servertls.Config(l.WebConfig)
		if err == nil && c == nil {
			err = fmt.Errorf("%s: no tls_server_config", l.WebConfig)
		}
		if err != nil {
			return nil, fmt.Errorf("web_config_file: %w", err)
		}
		return c, nil
	}
	k := &keyPair{certFile: l.CertFile, keyFile: l.KeyFile}
	if _, err := k.get(nil); err != nil {
		return nil, err
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: k.get}
	if l.ClientCAFile != "" {
		pem, err := os.ReadFile(l.ClientCAFile)
		if err != nil {
			return nil, fmt.Errorf("client_ca_file: %w", err)
		}
		c.ClientCAs = x509.NewCertPool()
		if !c.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("client_ca_file: no certificate in %s", l.ClientCAFile)
		}
		c.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return c, nil
}

// A keyPair is a certificate that is read again when its file changes. While
// the new files do not fit together, the old pair serves.
type keyPair struct {
	certFile, keyFile string

	mu      sync.Mutex
	cert    *tls.Certificate
	changed time.Time // of the certificate's file
}

func (k *keyPair) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	info, err := os.Stat(k.certFile)
	if err == nil && (k.cert == nil || !info.ModTime().Equal(k.changed)) {
		var cert tls.Certificate
		if cert, err = tls.LoadX509KeyPair(k.certFile, k.keyFile); err == nil {
			k.cert, k.changed = &cert, info.ModTime()
		}
	}
	if k.cert == nil {
		return nil, fmt.Errorf("cert_file: %w", err)
	}
	return k.cert, nil
}
