package promapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/promapi"
	"github.com/oriel-obs/oriel/query/promql"
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

// An answer says in a header what part of it was kept from before.
func TestAnswersTellWhatTheyTook(t *testing.T) {
	s := newServer(t)
	told := func(query string) (status int, spent promql.Spent) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/query_range?"+query, nil))
		require.NoError(t, json.Unmarshal([]byte(w.Header().Get("X-Oriel-Stats")), &spent))
		return w.Code, spent
	}
	const asked = "query=up&step=15&start=1700000000&end="
	status, spent := told(asked + "1700000030")
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, "miss", spent.Cache)
	require.EqualValues(t, 3, spent.Steps)
	require.Zero(t, spent.Kept)
	require.Positive(t, spent.Samples)

	_, spent = told(asked + "1700000030")
	require.Equal(t, promql.Spent{Cache: "hit", Steps: 3, Kept: 3}, spent)

	_, spent = told(asked + "1700000060")
	require.Equal(t, "part", spent.Cache)
	require.EqualValues(t, 5, spent.Steps)
	require.EqualValues(t, 3, spent.Kept)

	_, spent = told(asked + "1700000060&nocache=1")
	require.Equal(t, "bypass", spent.Cache)
	require.Zero(t, spent.Kept)

	status, spent = told("query=up{&step=15&start=1700000000&end=1700000030")
	require.Equal(t, http.StatusBadRequest, status)
	require.Equal(t, promql.Spent{}, spent, "of a query that is none")
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
