package promapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/promapi"
)

// A request says whether it wants an answer that was kept.
func TestRequestsForFreshAnswers(t *testing.T) {
	var reg prometheus.Gatherer
	s := newServer(t, func(o *promapi.Options) { reg = o.Gatherer })
	const query = "/api/v1/query_range?query=up&start=1700000000&end=1700000030&step=15"
	for _, tt := range []struct {
		name, method, path, body, control string
		want                              string
	}{
		{name: "the first", path: query, want: "miss"},
		{name: "the same again", path: query, want: "hit"},
		{name: "with the other method", method: http.MethodPost, path: "/api/v1/query_range", body: "query=up&start=1700000000&end=1700000030&step=15", want: "hit"},
		{name: "under the prefix", path: "/prometheus" + query, want: "hit"},
		{name: "nocache", path: query + "&nocache=1", want: "bypass"},
		{name: "nocache in a body", method: http.MethodPost, path: query, body: "nocache=1", want: "bypass"},
		{name: "with statistics", path: query + "&stats=true", want: "bypass"},
		{name: "no-store", path: query, control: "no-store", want: "bypass"},
		{name: "no-cache, as browsers reload", path: query, control: "max-age=0, no-cache", want: "bypass"},
	} {
		before := asked(t, reg)
		r := httptest.NewRequest(http.MethodGet, tt.path, nil)
		if tt.method != "" {
			r = httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		r.Header.Set("Cache-Control", tt.control)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Contains(t, w.Body.String(), `"2.5"`)
		after := asked(t, reg)
		require.Equal(t, before[tt.want]+1, after[tt.want], tt.name)
	}
}

// asked is how often the cache had what.
func asked(t *testing.T, reg prometheus.Gatherer) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	require.NoError(t, err)
	out := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "oriel_promql_result_cache_queries_total" {
			for _, m := range f.GetMetric() {
				out[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	require.Len(t, out, 4)
	return out
}

func TestWhatTheServerIs(t *testing.T) {
	s := newServer(t)
	require.Contains(t, s.do(http.MethodGet, "/version", nil).body, `"version":"3.14.0"`)
	features := s.do(http.MethodGet, "/api/v1/features", nil).body
	require.Contains(t, features, `"remote_write_receiver":true`)
	require.Contains(t, features, `"admin":false`)
	document := s.do(http.MethodGet, "/api/v1/openapi.yaml", nil)
	require.Equal(t, http.StatusOK, document.status)
	require.Contains(t, document.body, "/query_range")
}
