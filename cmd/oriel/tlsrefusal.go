package main

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"syscall"
	"time"
)

// tlsRefusals tells why a server ends connections by TLS. With version 1.3 it
// looks at the certificate of a client who takes the handshake to be over and has
// begun to write, and whose write then fails before the reason is read.
type tlsRefusals struct {
	http.RoundTripper
	config *tls.Config
}

// refusalPatience is how long a server is waited for that may say why.
const refusalPatience = 2 * time.Second

func (t tlsRefusals) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if req.URL.Scheme == "https" && (errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)) {
		if reason := t.reason(req.Context(), req.URL.Host); reason != nil {
			return nil, reason
		}
	}
	return resp, err
}

// reason returns what the server says to who writes nothing, or nil.
func (t tlsRefusals) reason(ctx context.Context, host string) error {
	if _, _, err := net.SplitHostPort(host); err != nil {
		host = net.JoinHostPort(host, "https")
	}
	ctx, cancel := context.WithTimeout(ctx, refusalPatience)
	defer cancel()
	conn, err := (&tls.Dialer{Config: t.config}).DialContext(ctx, "tcp", host)
	if err == nil {
		defer func() { _ = conn.Close() }()                       // nothing was written
		_ = conn.SetReadDeadline(time.Now().Add(refusalPatience)) // of a connection that is open
		_, err = conn.Read(make([]byte, 1))
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return op
	}
	return nil
}
