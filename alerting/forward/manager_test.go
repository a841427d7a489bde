package forward_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/forward"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An alert as Alertmanager's API gets it.
type posted struct {
	Labels       map[string]string `json:"labels"`
	GeneratorURL string            `json:"generatorURL"`
}

// peer is an Alertmanager that keeps what it gets.
func peer(t *testing.T) (addr string, got <-chan posted) {
	t.Helper()
	c := make(chan posted, 100)
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var alerts []posted
		if r.URL.Path == "/api/v2/alerts" && json.NewDecoder(r.Body).Decode(&alerts) == nil {
			for _, a := range alerts {
				c <- a
			}
		}
	}))
	t.Cleanup(srv.Close)
	return strings.TrimPrefix(srv.URL, "http://"), c
}

func load(t *testing.T, text string, args ...any) *config.Config {
	t.Helper()
	c, err := config.Load(fmt.Sprintf(text, args...), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return c
}

const one = `
global: {external_labels: {site: here}}
alerting:
  alert_relabel_configs: [{action: labeldrop, regex: private}]
  alertmanagers: [{static_configs: [{targets: [%q]}]}]
`

// run runs a Manager of c until the test ends.
func run(t *testing.T, c *config.Config, change ...func(*forward.Options)) *forward.Manager {
	t.Helper()
	reg := prometheus.NewRegistry()
	d, err := discovery.CreateAndRegisterSDMetrics(reg)
	require.NoError(t, err)
	o := forward.Options{
		Config: c, Discovery: d, ExternalURL: &url.URL{Scheme: "http", Host: "oriel.example.org", Path: "/"}, Registerer: reg, Log: slog.New(slog.DiscardHandler),
	}
	for _, f := range change {
		f(&o)
	}
	m, err := forward.New(o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
	return m
}

func awaitPeers(t *testing.T, m *forward.Manager, want ...string) {
	t.Helper()
	require.Eventually(t, func() bool {
		var have []string
		for _, u := range m.Alertmanagers() {
			have = append(have, u.Host)
		}
		return strings.Join(have, " ") == strings.Join(want, " ")
	}, 20*time.Second, 10*time.Millisecond)
}

func alert(name string) *rules.Alert {
	return &rules.Alert{
		Labels:  labels.FromStrings("alertname", name, "private", "x"),
		FiredAt: time.Now(), ValidUntil: time.Now().Add(time.Minute),
	}
}

func TestAlertsReachTheAlertmanagersOfTheConfiguration(t *testing.T) {
	addr, got := peer(t)
	m := run(t, load(t, one, addr))
	awaitPeers(t, m, addr)
	m.Notify(t.Context(), "up == 0", alert("Down"))
	a := <-got
	require.Equal(t, map[string]string{"alertname": "Down", "site": "here"}, a.Labels)
	require.True(t, strings.HasPrefix(a.GeneratorURL, "http://oriel.example.org/graph?g0.expr=up+%3D%3D+0"), a.GeneratorURL)

	m.Notify(alerting.Subject{Signal: alerting.Logs}.With(t.Context()), "vector(1)", alert("Lines"))
	require.Equal(t, "http://oriel.example.org/explore/logs?q=vector%281%29", (<-got).GeneratorURL)
}

func TestLinksLeadToTheTenantOfTheAlert(t *testing.T) {
	addr, got := peer(t)
	for _, c := range []struct {
		on         bool
		tenant, in string
	}{{true, "a", "http://oriel.example.org/explore/logs?q=vector%281%29&tenant=a"}, {true, "", "http://oriel.example.org/explore/logs?q=vector%281%29"}, {false, "a", "http://oriel.example.org/explore/logs?q=vector%281%29"}} {
		m := run(t, load(t, one, addr), func(o *forward.Options) { o.Tenants = c.on })
		awaitPeers(t, m, addr)
		a := alert("Down")
		a.Labels = labels.NewBuilder(a.Labels).Set("__tenant_id__", c.tenant).Labels()
		m.Notify(alerting.Subject{Signal: alerting.Logs}.With(t.Context()), "vector(1)", a)
		require.Equal(t, c.in, (<-got).GeneratorURL)
	}
}

func TestWhatFiresBeforeAnAlertmanagerIsFoundWaitsForIt(t *testing.T) {
	addr, got := peer(t)
	m := run(t, load(t, one, addr))
	m.Notify(t.Context(), "vector(1)", alert("Watchdog"))
	require.Equal(t, "Watchdog", (<-got).Labels["alertname"])
}

func TestAReloadMovesToOtherAlertmanagers(t *testing.T) {
	first, _ := peer(t)
	second, got := peer(t)
	m := run(t, load(t, one, first))
	awaitPeers(t, m, first)
	bad := load(t, `alerting: {alertmanagers: [{tls_config: {ca_file: /nowhere.pem}, static_configs: [{targets: [a]}]}]}`)
	require.ErrorContains(t, m.Apply(bad), "alerting: alertmanager 1: unable to read CA cert")
	awaitPeers(t, m, first)

	require.NoError(t, m.Apply(load(t, one, second)))
	awaitPeers(t, m, second)
	m.Notify(t.Context(), "up", alert("Moved"))
	require.Equal(t, "Moved", (<-got).Labels["alertname"])
}

func TestWithoutAlertmanagersNothingIsSent(t *testing.T) {
	m := run(t, load(t, ""))
	m.Notify(t.Context(), "up", alert("Lost"))
	require.Empty(t, m.Alertmanagers())
	require.Empty(t, m.DroppedAlertmanagers())
}
