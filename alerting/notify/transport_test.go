package notify_test

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/notify"
)

// How a receiver is reached is the business of Alertmanager's http_config: it
// holds for what waits in the queue too.
func TestProxyTLSAndOAuth2AreThoseOfHTTPConfig(t *testing.T) {
	deliver := func(t *testing.T, url, httpConfig string) {
		m, _, _ := startWith(t, t.TempDir(), notify.Source{Name: "test", Text: fmt.Appendf(nil,
			"route: {receiver: hook, group_wait: 1ms}\nreceivers: [{name: hook, webhook_configs: [{url: %q, http_config: {%s}}]}]\n", url, httpConfig)}, notify.DefaultConfig())
		fire(t, m, promodel.LabelSet{"alertname": "A"})
	}
	t.Run("a proxy", func(t *testing.T) {
		var asked atomic.Pointer[string]
		proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			to := r.URL.String()
			asked.Store(&to)
		}))
		defer proxy.Close()
		deliver(t, "http://receiver.invalid/hook", fmt.Sprintf("proxy_url: %q", proxy.URL))
		eventually(t, "asked by way of the proxy", func() bool { return asked.Load() != nil })
		require.Equal(t, "http://receiver.invalid/hook", *asked.Load())
	})
	t.Run("TLS with an authority of one's own", func(t *testing.T) {
		var heard atomic.Int64
		srv := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { heard.Add(1) }))
		defer srv.Close()
		ca := filepath.Join(t.TempDir(), "ca.pem")
		require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), 0o600))
		deliver(t, srv.URL, fmt.Sprintf("tls_config: {ca_file: %q}", ca))
		eventually(t, "delivered", func() bool { return heard.Load() == 1 })
	})
	t.Run("OAuth2", func(t *testing.T) {
		var token, authorization atomic.Pointer[string]
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/token" {
				who := r.FormValue("grant_type") + " " + r.FormValue("scope")
				token.Store(&who)
				w.Header().Set("Content-Type", "application/json")
				_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "tkn", "token_type": "Bearer", "expires_in": 3600})
				return
			}
			a := r.Header.Get("Authorization")
			authorization.Store(&a)
		}))
		defer srv.Close()
		deliver(t, srv.URL+"/hook", fmt.Sprintf(`oauth2: {client_id: o, client_secret: s, scopes: [page], token_url: "%s/token"}`, srv.URL))
		eventually(t, "delivered", func() bool { return authorization.Load() != nil })
		require.Equal(t, "client_credentials page", *token.Load())
		require.Equal(t, "Bearer tkn", *authorization.Load())
	})
}
