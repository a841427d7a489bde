// Package servertls gives every listener TLS from one kind of file: the web
// configuration of Prometheus' exporter-toolkit
// (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md),
// which HTTP ports read by themselves. Its functions may be called from any
// goroutine.
package servertls

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
)

// HandshakeTimeout bounds how long a client may take to agree on TLS.
const HandshakeTimeout = 10 * time.Second

// Config returns what the file says about TLS, nil if it says nothing. protocols
// are what is spoken over it, for clients who ask (ALPN). The file, and those
// that it names, are read again for each connection: a new certificate needs no
// restart. While they cannot be read or do not fit together, the last ones that
// did are in force.
func Config(file string, protocols ...string) (*tls.Config, error) {
	first, err := read(file, protocols)
	if err != nil || first == nil {
		return nil, err
	}
	var last atomic.Pointer[tls.Config]
	last.Store(first)
	c := first.Clone()
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		// Whether there is TLS does not change while a process runs.
		if now, err := read(file, protocols); err == nil && now != nil {
			last.Store(now)
		}
		return last.Load(), nil
	}
	return c, nil
}

// Guards tells what the file does for HTTP: whether it encrypts, and whether it
// asks clients for a certificate or a password. "" is no file, which does neither.
func Guards(file string) (encrypts, asks bool, err error) {
	if file == "" {
		return false, false, nil
	}
	c, err := parse(file)
	if err != nil {
		return false, false, err
	}
	encrypts = c.TLSConfig.IsEnabled()
	verified := c.TLSConfig.ClientAuth == "RequireAndVerifyClientCert"
	return encrypts, len(c.Users) > 0 || encrypts && verified, nil
}

func parse(file string) (*web.Config, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	// As exporter-toolkit's defaults.
	c := &web.Config{TLSConfig: web.TLSConfig{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS13, PreferServerCipherSuites: true}}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return c, nil
}

func read(file string, protocols []string) (*tls.Config, error) {
	c, err := parse(file)
	if err != nil {
		return nil, err
	}
	if !c.TLSConfig.IsEnabled() {
		return nil, nil
	}
	c.TLSConfig.SetDirectory(filepath.Dir(file))
	out, err := web.ConfigToTLSConfig(&c.TLSConfig)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	// The pair as it is now, not as it is at some time within the handshake.
	cert, err := out.GetCertificate(nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	out.GetCertificate, out.Certificates = nil, []tls.Certificate{*cert}
	out.NextProtos = protocols
	return out, nil
}

// Listener returns l with TLS as Config has it, for protocols that are plain
// bytes. The file must say something about TLS.
func Listener(l net.Listener, file string) (net.Listener, error) {
	c, err := Config(file)
	if err == nil && c == nil {
		err = fmt.Errorf("%s: no tls_server_config", file)
	}
	if err != nil {
		return nil, err
	}
	return listener{l, c}, nil
}

type listener struct {
	net.Listener
	config *tls.Config
}

// Accept returns connections that shake hands at their first read, in whoever's
// goroutine that is.
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: tls.Server(c, l.config), raw: c}, nil
}

// A conn is read by one goroutine.
type conn struct {
	*tls.Conn
	raw   net.Conn
	ready bool
	until time.Time // the read deadline that was set before the handshake
}

// SetReadDeadline is about reads after the handshake, which has its own.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.until = t
	if !c.ready {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *conn) Read(b []byte) (int, error) {
	if !c.ready {
		if err := c.raw.SetDeadline(time.Now().Add(HandshakeTimeout)); err != nil {
			return 0, err
		}
		if err := c.Handshake(); err != nil {
			return 0, fmt.Errorf("agree on TLS: %w", errors.Join(err, c.Close()))
		}
		c.ready = true
		if err := errors.Join(c.raw.SetDeadline(time.Time{}), c.Conn.SetReadDeadline(c.until)); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(b)
}
