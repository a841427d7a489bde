package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
)

type toldIngest struct {
	Flows  []ingest.Flow
	Limits []limitUse
}

// askIngest asks as one of the tokens.
func (w *accessWorld) askIngest(who, query string) (status int, told toldIngest) {
	r := httptest.NewRequest(http.MethodGet, "/oriel/api/v1/ingest"+query, nil).WithContext(w.Context())
	r.RemoteAddr = "127.0.0.1:9"
	r.Header.Set("Authorization", "Bearer "+w.tokens[who])
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	if rec.Code == http.StatusOK {
		require.NoError(w, json.Unmarshal(rec.Body.Bytes(), &told))
	}
	return rec.Code, told
}

func TestWhatComesInIsToldToItsTenant(t *testing.T) {
	a := serveApp(t, `
auth: {enabled: true, tenants: true}
web: {admin_api: true}
self: {enabled: false}
limits: {rates: {tenants: {bank: {lines_per_second: 1000}}}}
ingest: {spans: {span_metrics: {enabled: false}, service_graph: {enabled: false}}}
`)
	w := accessWorld{T: t, h: a.routes.(http.Handler), tokens: map[string]string{}}
	w.fillTenant(a)
	for _, by := range ingest.Groupings() {
		_, bank := w.askIngest("bank", "?by="+string(by))
		signals := map[string]int64{}
		for _, f := range bank.Flows {
			signals[f.Signal] += f.Rows
			require.NotEqual(t, by == ingest.ByEndpoint, f.Tenant == "bank")
		}
		require.Len(t, signals, 3, "metrics, logs and spans: %v", signals)
		for _, rows := range signals {
			require.Positive(t, rows)
		}
		_, shop := w.askIngest("shop", "?by="+string(by))
		require.Empty(t, shop.Flows)
	}
	_, bank := w.askIngest("bank", "")
	_, shop := w.askIngest("shop", "")
	of := func(told toldIngest) (names []string) {
		for _, l := range told.Limits {
			if l.Used != nil {
				names = append(names, l.Key+" "+l.Name)
			}
		}
		return names
	}
	require.Equal(t, []string{"limits.rates.tenant.lines_per_second bank"}, of(bank), "the server's own are its operators'")
	require.Empty(t, of(shop))
	status, _ := w.askIngest("bank", "?by=host")
	require.Equal(t, http.StatusBadRequest, status)
}
