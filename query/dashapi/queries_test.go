package dashapi

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueriesAreKeptListedAndRemoved(t *testing.T) {
	s := serve(t, Config{})
	const path = "/oriel/api/v1/queries"
	uid := decode[object](t, s.ask(200, "POST", path, `{"name":"slow","language":"traceql","query":"{ duration > 1s }"}`))["uid"].(string)
	s.ask(200, "PUT", path+"/"+uid, `{"name":"slower","language":"traceql","query":"{ duration > 2s }"}`)

	all := decode[struct{ Queries []queryItem }](t, s.ask(200, "GET", path, "")).Queries
	require.Len(t, all, 1)
	require.Equal(t, "slower traceql { duration > 2s } ada", fmt.Sprintf("%s %s %s %s", all[0].Name, all[0].Language, all[0].Query, all[0].Author))

	require.Contains(t, s.ask(400, "POST", path, `{"name":"x","language":"sql","query":"y"}`).Body.String(), "language")
	s.ask(404, "PUT", path+"/none", `{"name":"x","language":"promql","query":"up"}`)
	s.ask(204, "DELETE", path+"/"+uid, "")
	s.ask(404, "DELETE", path+"/"+uid, "")
}

const goodRule = `{"id":"mine","from":["series","alert"],"to":"logs","title":"My logs","queries":["{app={{service}}}"],"around":{"before":30,"after":"now"}}`

func TestCorrelationRulesComeBackAsTheyWereSaved(t *testing.T) {
	s := serve(t, Config{})
	const path = "/oriel/api/v1/correlations"
	require.JSONEq(t, `{"version":0,"rules":[],"off":[]}`, s.ask(200, "GET", path, "").Body.String())
	s.ask(200, "PUT", path, `{"version":0,"rules":[`+goodRule+`],"off":["series-logs"]}`)

	got := decode[struct {
		Version   int
		Rules     []correlationRule
		Off       []string
		UpdatedBy string
	}](t, s.ask(200, "GET", path, ""))
	require.Equal(t, 1, got.Version)
	require.Equal(t, "ada", got.UpdatedBy)
	require.Equal(t, []string{"series-logs"}, got.Off)
	require.Equal(t, "My logs", got.Rules[0].Title)
	require.JSONEq(t, `{"before":30,"after":"now"}`, string(got.Rules[0].Around))

	require.Contains(t, s.ask(409, "PUT", path, `{"version":0,"rules":[]}`).Body.String(), "version 1 by now")
}

func TestACorrelationRuleThatLeadsNowhereIsRefused(t *testing.T) {
	s := serve(t, Config{})
	rule := func(change string) string {
		return `{"version":0,"rules":[{"id":"a","from":["line"],"to":"logs","title":"t","queries":["{}"],"around":"page",` + change + `}]}`
	}
	for body, want := range map[string]string{
		rule(`"id":"a b"`):                              "rules[0]: id",
		rule(`"title":" "`):                             "rules[0]: title",
		rule(`"from":[]`):                               "rules[0]: from",
		rule(`"from":["dog"]`):                          "rules[0]: from",
		rule(`"to":"mars"`):                             "rules[0]: to",
		rule(`"queries":[]`):                            "rules[0]: queries",
		rule(`"queries":[""]`):                          "rules[0]: queries[0]",
		rule(`"when":"never"`):                          "rules[0]: when",
		rule(`"around":"year"`):                         "rules[0]: around",
		rule(`"around":{"before":-1,"after":1}`):        "rules[0]: around.before",
		rule(`"around":{"before":"now","after":1}`):     "rules[0]: around.before",
		rule(`"around":{"before":1}`):                   "rules[0]: around.after",
		`{"rules":[` + goodRule + "," + goodRule + `]}`: "occurs twice",
		`{"rules":3}`:                                   "not the JSON expected",
	} {
		require.Contains(t, s.ask(400, "PUT", "/oriel/api/v1/correlations", body).Body.String(), want, body)
	}
}

func TestDashboardsAreFoundByTheirVariables(t *testing.T) {
	s := serve(t, Config{})
	for _, text := range []string{
		`{"title":"A","uid":"a","templating":{"list":[{"name":"service"},{"name":"env"}]}}`,
		`{"title":"B","uid":"b","templating":{"list":[{"name":"host"}]}}`,
		`{"title":"C","uid":"c"}`,
		`{"title":"D","uid":"d","templating":[]}`,
	} {
		s.ask(200, "POST", "/oriel/api/v1/dashboards", `{"dashboard":`+text+`}`)
	}
	got := decode[struct{ Dashboards []item }](t, s.ask(200, "GET", "/oriel/api/v1/dashboards?variable=service&variable=job", "")).Dashboards
	var own []string
	for _, d := range got {
		if !d.Provisioned {
			own = append(own, fmt.Sprint(d.Title, d.Variables))
		}
	}
	require.Equal(t, []string{"A[service]"}, own)
}
