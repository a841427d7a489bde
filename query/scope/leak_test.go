package scope_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// A pair is the world as somebody sees it, and one that has nothing else.
type pair struct {
	viewer
	own *world
}

func pairs(t testing.TB) (*world, []pair) {
	whole := newWorld(t, all, true)
	var out []pair
	for _, v := range viewers() {
		out = append(out, pair{v, newWorld(t, v.sees, v.tenant)})
	}
	return whole, out
}

// The queries of each language; with fewer than 334 there would not be 1,000.
const generated = 340

func TestGeneratedQueriesTellNothingOfWhatOthersHave(t *testing.T) {
	whole, viewers := pairs(t)
	g := generator{rand.New(rand.NewPCG(8, 2026))}
	for language, next := range map[string]func() (string, url.Values){"PromQL": g.promql, "LogQL": g.logql, "TraceQL": g.traceql} {
		differ := 0 // answers that are not the same for all
		bad := 0    // queries that a language refuses
		for i := range generated {
			path, params := next()
			_, everything := whole.ask(t, nil, path, params)
			differs := false
			for _, v := range viewers {
				status, got := whole.ask(t, v.id, path, params)
				wantStatus, want := v.own.ask(t, nil, path, params)
				require.Equal(t, wantStatus, status, "%s %d: %s sees of %v", language, i, v.name, params)
				require.Equal(t, want, got, "%s %d: %s sees of %v", language, i, v.name, params)
				if status != http.StatusOK {
					bad++
				}
				differs = differs || got != everything
			}
			if differs {
				differ++
			}
		}
		require.Less(t, bad, generated*len(viewers)/10, "%s: queries that say something", language)
		require.Greater(t, differ, generated/2, "%s: queries that tell people apart", language)
	}
}

// endpoints are what tells of data besides the languages.
func endpoints() map[string][]url.Values {
	prom := url.Values{"start": {startS}, "end": {endS}}
	loki := url.Values{"start": {startNs}, "end": {endNs}}
	with := func(v url.Values, pairs ...string) url.Values {
		out := url.Values{}
		for k, s := range v {
			out[k] = s
		}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = append(out[pairs[i]], pairs[i+1])
		}
		return out
	}
	everything := `{namespace=~".+"}`
	all := map[string][]url.Values{
		"/api/v1/labels":           {prom, {}, with(prom, "match[]", "up"), with(prom, "match[]", `{branch=~".+"}`)},
		"/api/v1/series":           {with(prom, "match[]", everything), with(prom, "match[]", "up", "match[]", `{__tenant_id__="b"}`)},
		"/api/v1/query_exemplars":  {with(prom, "query", "requests_total"), with(prom, "query", `up{__tenant_id__="b"} or requests_total`)},
		"/api/v1/metadata":         {{}, {"metric": {"only_of_b_bank"}}, {"limit": {"2"}}},
		"/federate":                {with(prom, "match[]", everything)},
		"/loki/api/v1/labels":      {loki, with(loki, "query", `{namespace="shop"}`)},
		"/loki/api/v1/series":      {loki, with(loki, "match[]", everything), with(loki, "match[]", `{__tenant_id__="b"}`)},
		"/loki/api/v1/index/stats": {with(loki, "query", everything), with(loki, "query", `{__tenant_id__="b"}`)},
		"/loki/api/v1/index/volume": {
			with(loki, "query", everything), with(loki, "query", everything, "targetLabels", "__tenant_id__,branch"), with(loki, "query", everything, "aggregateBy", "labels"),
		},
		"/loki/api/v1/index/volume_range":                         {with(loki, "query", everything, "step", "60")},
		"/loki/api/v1/detected_labels":                            {with(loki, "query", everything), loki},
		"/loki/api/v1/detected_fields":                            {with(loki, "query", everything), with(loki, "query", `{namespace="bank"}`)},
		"/loki/api/v1/detected_field/secret/values":               {with(loki, "query", everything+" | json")},
		"/loki/api/v1/detected_field/of_bank/values":              {with(loki, "query", everything)},
		"/loki/api/v1/patterns":                                   {with(loki, "query", everything), with(loki, "query", `{service_name="web"}`)},
		"/oriel/api/v1/logs/query":                                {with(loki, "query", everything, "limit", "500"), with(loki, "query", everything+` |= "bank"`)},
		"/oriel/api/v1/logs/export":                               {with(loki, "query", everything)},
		"/oriel/api/v1/logs/context":                              {with(loki, "query", everything, "time", startNs)},
		"/tempo/api/search/tags":                                  {prom, with(prom, "scope", "resource"), with(prom, "scope", "span")},
		"/tempo/api/v2/search/tags":                               {prom, with(prom, "q", `{resource.namespace="bank"}`), with(prom, "scope", "event"), with(prom, "scope", "instrumentation")},
		"/jaeger/api/services":                                    {{}},
		"/jaeger/api/services/web/operations":                     {{}},
		"/jaeger/api/operations":                                  {{"service": {"db"}}},
		"/jaeger/api/v3/services":                                 {{}},
		"/jaeger/api/v3/operations":                               {{"service": {"web"}}},
		"/jaeger/api/traces":                                      {{"service": {"web"}, "start": {startNs[:16]}, "end": {endNs[:16]}, "limit": {"100"}}},
		"/jaeger/api/dependencies":                                {{"endTs": {endNs[:13]}, "lookback": {"3600000"}}},
		"/jaeger/api/metrics/calls":                               {{"service": {"web"}, "endTs": {endNs[:13]}, "lookback": {"600000"}, "step": {"60000"}, "ratePer": {"60000"}}},
		"/oriel/api/v1/services":                                  {loki},
		"/oriel/api/v1/services/operations":                       {with(loki, "service", "web"), with(loki, "service", "db")},
		"/oriel/api/v1/services/map":                              {loki, with(loki, "service", "web")},
		"/oriel/api/v1/services/errors":                           {loki, with(loki, "service", "db")},
		"/oriel/api/v1/services/deploys":                          {loki},
		"/oriel/api/v1/cardinality/spans":                         {loki, with(loki, "limit", "3")},
		"/oriel/api/v1/cardinality/spans/values":                  {with(loki, "attribute", "name"), with(loki, "attribute", "resource.namespace"), with(loki, "attribute", "resource.__tenant_id__"), with(loki, "attribute", "event.exception.message")},
		"/oriel/api/v1/traces/compare":                            {with(loki, "selected", "{status=error}"), with(loki, "selected", `{resource.namespace="bank"}`, "baseline", "{}")},
		"/tempo/api/metrics/query":                                {with(prom, "q", "{} | count_over_time() by(resource.namespace)")},
		"/loki/api/v1/query":                                      {{"query": {"count_over_time(" + everything + "[10m])"}, "time": {endNs}}},
		"/api/v1/label/__name__/values":                           {prom, {}},
		"/jaeger/api/metrics/errors":                              {{"service": {"db"}, "endTs": {endNs[:13]}, "lookback": {"600000"}, "step": {"60000"}, "ratePer": {"60000"}}},
		"/jaeger/api/v3/dependencies":                             {{"startTime": {start.Format(time.RFC3339)}, "endTime": {end.Format(time.RFC3339)}}},
		"/jaeger/api/v3/traces":                                   {{"query.service_name": {"web"}, "query.start_time_min": {start.Format(time.RFC3339)}, "query.start_time_max": {end.Format(time.RFC3339)}, "query.num_traces": {"100"}}},
		"/oriel/api/v1/services/profiles":                         {loki, with(loki, "service", "db")},
		"/oriel/api/v1/traces/structure":                          {with(loki, "query", "{}"), with(loki, "query", `{resource.namespace="bank"}`)},
		"/api/v1/format_query":                                    {{"query": {"up"}}},
		"/tempo/api/v2/search/tag/name/values":                    {prom, with(prom, "q", `{kind=server}`)},
		"/tempo/api/v2/search/tag/status/values":                  {prom},
		"/tempo/api/v2/search/tag/event.exception.message/values": {prom},
	}
	for _, label := range []string{"namespace", "service_name", "branch", "__tenant_id__"} {
		all["/api/v1/label/"+label+"/values"] = []url.Values{prom, with(prom, "match[]", `{service_name="web"}`)}
		all["/loki/api/v1/label/"+label+"/values"] = []url.Values{loki, with(loki, "query", `{service_name="web"}`)}
		all["/tempo/api/search/tag/"+label+"/values"] = []url.Values{prom}
		all["/tempo/api/v2/search/tag/resource."+label+"/values"] = []url.Values{prom, with(prom, "q", `{kind=server}`)}
	}
	for n := range 12 {
		id := fmt.Sprintf("%032x", n)
		all["/tempo/api/traces/"+id] = []url.Values{{}, prom}
		all["/tempo/api/v2/traces/"+id] = []url.Values{{}}
		all["/jaeger/api/traces/"+id] = []url.Values{{}}
		all["/jaeger/api/v3/traces/"+id] = []url.Values{{}}
		all["/oriel/api/v1/traces/"+id+"/critical-path"] = []url.Values{{}}
		all["/oriel/api/v1/correlate"] = append(all["/oriel/api/v1/correlate"], url.Values{"trace_id": {id}}, with(loki, "service", []string{"web", "db"}[n%2]))
	}
	return all
}

// sameForAll are the endpoints above that have nothing to tell here.
var sameForAll = map[string]bool{
	"/api/v1/format_query": true, "/tempo/api/v2/traces/00000000000000000000000000000000": true, "/tempo/api/v2/traces/0000000000000000000000000000000b": true,
}

// triedElsewhere are routes that only answer queries and are not asked above, or
// not there alone.
var triedElsewhere = map[string]string{
	"/api/v1/query":         "TestGeneratedQueriesTellNothingOfWhatOthersHave, as are the next",
	"/api/v1/query_range":   "",
	"/loki/api/v1/query":    "",
	"/tempo/api/search":     "",
	"/api/v1/read":          "TestRemoteReadTellsNothingOfWhatOthersHave",
	"/loki/api/v1/tail":     "TestALiveTailTellsNothingOfWhatOthersHave",
	"/loki/api/v1/label":    "/loki/api/v1/labels by an older name",
	"/loki/api/v1/explain":  "tells what a query has read, and that may be more than is seen",
	"/api/v1/parse_query":   "tells of the query alone, as do the next",
	"/jaeger/api/transform": "",

	"/loki/api/v1/format_query":      "",
	"/loki/api/v1/query_range":       "TestGeneratedQueriesTellNothingOfWhatOthersHave",
	"/tempo/api/metrics/query_range": "TestGeneratedQueriesTellNothingOfWhatOthersHave",
	"/jaeger/api/metrics/latencies":  "asks for histograms as /jaeger/api/metrics/calls for counters",
	"/jaeger/api/metrics/minstep":    "is a constant",
	"/api/v1/search/*":               "is switched off",
	"/jaeger/api/archive/{id}":       "answers nothing; what is copied is asked for as traces are",
	"/tempo/api/v2/traces/diff":      "TestADifferenceTellsNothingOfWhatOthersHave",
	"/tempopb.StreamingQuerier/*":    "TestGRPCTellsNothingOfWhatOthersHave",
	"/jaeger.api_v2.QueryService/*":  "TestGRPCTellsNothingOfWhatOthersHave",
	"/jaeger.api_v3.QueryService/*":  "TestGRPCTellsNothingOfWhatOthersHave",
	"/oriel/api/v1/ingest":           "cmd/oriel: TestWhatComesInIsToldToItsTenant, TestAccess",
}

// What is served later is to be asked, too.
func TestNoRouteThatAnswersQueriesIsForgotten(t *testing.T) {
	text, err := os.ReadFile("../../cmd/oriel/permissions.txt")
	require.NoError(t, err)
	table, err := auth.ParsePermissions(string(text))
	require.NoError(t, err)
	asked, used := endpoints(), map[string]bool{}
	for _, key := range table.Keys() {
		method, route, _ := strings.Cut(key, " ")
		need, _ := table.Of(method, route, route)
		if !need.Asks() || need.Whole {
			continue // somebody who sees a part gets no answer
		}
		route = strings.TrimPrefix(route, "/prometheus")
		if _, ok := triedElsewhere[route]; ok {
			used[route] = true
			continue
		}
		pattern := "^" + regexp.MustCompile(`\\\{[^}]*\\\}|\\\*`).ReplaceAllString(regexp.QuoteMeta(route), ".+") + "$"
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(asked)), regexp.MustCompile(pattern).MatchString), "no test asks %s as somebody who sees a part", key)
	}
	require.Len(t, used, len(triedElsewhere), "there are routes in the list that there are not")
}

func TestEndpointsTellNothingOfWhatOthersHave(t *testing.T) {
	whole, viewers := pairs(t)
	for path, requests := range endpoints() {
		for _, params := range requests {
			status, everything := whole.ask(t, nil, path, params)
			differs := false
			for _, v := range viewers {
				status, got := whole.ask(t, v.id, path, params)
				wantStatus, want := v.own.ask(t, nil, path, params)
				if status != wantStatus || want != got {
					t.Errorf("%s?%s as %s:\ngot  %d %s\nwant %d %s", path, params.Encode(), v.name, status, got, wantStatus, want)
				}
				differs = differs || got != everything
			}
			if status == http.StatusOK && !differs && !sameForAll[path] {
				t.Errorf("%s?%s is the same for all, so this tests nothing: %.300s", path, params.Encode(), everything)
			}
			if status != http.StatusOK && status != http.StatusNotFound {
				t.Errorf("%s?%s: %d %s", path, params.Encode(), status, everything)
			}
		}
	}
}
