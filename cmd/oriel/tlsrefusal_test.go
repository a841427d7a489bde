package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A cut connection is what a client sees whose writes come too late.
type cut struct{}

func (cut) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("write tcp: %w", syscall.EPIPE)
}

func TestWhatAServerRefusesByTLSIsToldWhateverFailedFirst(t *testing.T) {
	for name, c := range map[string]struct {
		auth tls.ClientAuthType
		want string
	}{
		"no certificate":  {tls.RequireAndVerifyClientCert, "certificate required"},
		"another reason":  {tls.NoClientCert, "broken pipe"},
		"one is optional": {tls.VerifyClientCertIfGiven, "broken pipe"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewUnstartedServer(http.NotFoundHandler())
			s.TLS = &tls.Config{ClientAuth: c.auth}
			s.StartTLS()
			defer s.Close()
			roots := x509.NewCertPool()
			roots.AddCert(s.Certificate())
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
			require.NoError(t, err)
			_, err = tlsRefusals{cut{}, &tls.Config{RootCAs: roots}}.RoundTrip(req) //nolint:bodyclose // there is none
			require.ErrorContains(t, err, c.want)
		})
	}
}
