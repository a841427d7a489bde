package egress_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/egress"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestWhereRequestsMayGo(t *testing.T) {
	var c egress.Config
	for _, addr := range []string{"127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "8.8.8.8", "fd12::1", "2001:db8::1", "::ffff:10.0.0.1", "64:ff9b::8.8.8.8"} {
		require.NoError(t, c.Check(netip.MustParseAddr(addr)), addr)
	}
	for _, addr := range []string{
		"169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::169.254.169.254", "fd00:ec2::254", "fe80::1", "fe80::1%eth0",
		"0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd20:ce::254", "ff02::1", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1",
	} {
		err := c.Check(netip.MustParseAddr(addr))
		require.ErrorIs(t, err, egress.ErrDenied, addr)
		require.ErrorIs(t, err, fault.ErrForbidden, addr)
	}
	require.ErrorIs(t, c.Check(netip.Addr{}), egress.ErrDenied)

	c = egress.Config{Allow: []netip.Prefix{netip.MustParsePrefix("169.254.10.0/24")}, Deny: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}}
	require.NoError(t, c.Check(netip.MustParseAddr("169.254.10.1")))
	require.Error(t, c.Check(netip.MustParseAddr("169.254.169.254")))
	require.Error(t, c.Check(netip.MustParseAddr("127.0.0.1")))
	require.Error(t, c.Check(netip.MustParseAddr("::ffff:10.1.2.3")))
}

// It is the address of the connection that counts, after names and redirects.
func TestClientsAreHeldToIt(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "secret") }))
	defer inner.Close()
	outer, err := net.Listen("tcp", "127.0.0.2:0")
	require.NoError(t, err)
	redirects := &http.Server{Handler: http.RedirectHandler(inner.URL, http.StatusFound)}
	go func() { _ = redirects.Serve(outer) }()
	defer redirects.Close()

	c := egress.Config{Deny: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	client, err := promconfig.NewClientFromConfig(promconfig.DefaultHTTPClientConfig, "test", promconfig.WithDialContextFunc(c.Dial))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	_, port, err := net.SplitHostPort(inner.Listener.Addr().String())
	require.NoError(t, err)
	for _, u := range []string{inner.URL, "http://127.0.0.1:" + port, "http://127.1:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://" + outer.Addr().String()} {
		resp, err := client.Get(u)
		if err == nil {
			resp.Body.Close()
		}
		require.Error(t, err, u)
	}
	_, err = client.Get("http://" + outer.Addr().String())
	require.ErrorIs(t, err, egress.ErrDenied)
	open, err := promconfig.NewClientFromConfig(promconfig.DefaultHTTPClientConfig, "test", promconfig.WithDialContextFunc(egress.Config{}.Dial))
	require.NoError(t, err)
	defer open.CloseIdleConnections()
	resp, err := open.Get("http://" + outer.Addr().String())
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "secret", string(body))
}
