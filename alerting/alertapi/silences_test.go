package alertapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/alertmanager/pkg/labels"
	promlabels "github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// role is one that is narrowed to a selector of every signal, if it has one.
func role(t testing.TB, selector string, scopes ...auth.Scope) auth.Grant {
	t.Helper()
	r := auth.RoleRecord{Name: "r", Scopes: scopes}
	if selector != "" {
		r.Selectors = map[auth.Signal]string{auth.Metrics: selector, auth.Logs: selector, auth.Traces: selector}
	}
	g, err := r.Grant()
	require.NoError(t, err)
	return g
}

// by serves h to somebody with roles.
func by(h http.Handler, name string, roles ...auth.Grant) http.Handler {
	id := &auth.Identity{Name: name, Kind: auth.User, Grants: roles}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(auth.With(r.Context(), id)))
	})
}

var (
	seeing = []auth.Scope{auth.QueryMetrics, auth.QueryLogs, auth.QueryTraces, auth.AlertsRead}
	acting = append([]auth.Scope{auth.AlertsWrite}, seeing...)
)

// silenceOf is one with matchers in JSON.
func silenceOf(matchers string) string {
	return `{"matchers":[` + matchers + `],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2999-01-01T00:00:00Z","createdBy":"ann","comment":"c"}`
}

const (
	isShop = `{"name":"namespace","value":"shop","isRegex":false}`
	isBank = `{"name":"namespace","value":"bank","isRegex":false}`
	isSlow = `{"name":"alertname","value":"Slow","isRegex":false}`
	one    = "/alertmanager/api/v2/silence/"
)

func TestSilencesAreOfTheAlertsThatARoleHas(t *testing.T) {
	h, _ := desk(t, config)
	const shop = `{namespace="shop"}`
	admin, editor := by(h, "admin", role(t, "", auth.Admin)), by(h, "editor", role(t, shop, acting...))
	viewer := by(h, "viewer", role(t, shop, seeing...))
	both := by(h, "both", role(t, "", seeing...), role(t, shop, acting...)) // sees everything, acts on one namespace
	machine := by(h, "machine", role(t, "", auth.AlertsRead, auth.AlertsWrite))

	set := func(who http.Handler, matchers string) string {
		t.Helper()
		return ask[object](t, who, http.MethodPost, silences, silenceOf(matchers), 200)["silenceID"].(string)
	}
	ids := map[string]string{"shop": set(editor, isShop+","+isSlow), "bank": set(admin, isBank), "all": set(machine, isSlow)}

	for _, who := range []http.Handler{editor, both} {
		refused := ask[object](t, who, http.MethodPost, silences, silenceOf(isSlow), 403)
		require.Contains(t, refused["error"], `a silence may be of your own alerts alone: add namespace="shop" to its matchers`)
	}
	lists := func(who http.Handler) (out []string) {
		t.Helper()
		for _, s := range ask[[]object](t, who, http.MethodGet, silences, "", 200) {
			for name, id := range ids {
				if s["id"] == id {
					out = append(out, name)
				}
			}
		}
		return out
	}
	require.ElementsMatch(t, []string{"shop", "bank", "all"}, lists(admin))
	require.ElementsMatch(t, []string{"shop", "bank", "all"}, lists(machine))
	require.ElementsMatch(t, []string{"shop", "bank", "all"}, lists(both))
	require.ElementsMatch(t, []string{"shop"}, lists(editor))
	require.ElementsMatch(t, []string{"shop"}, lists(viewer))

	for _, c := range []struct {
		who          string
		h            http.Handler
		of           string
		get, changes int
	}{
		{"editor", editor, "bank", 404, 404},
		{"editor", editor, "all", 404, 404},
		{"both", both, "bank", 200, 403},
		{"both", both, "all", 200, 403},
	} {
		ask[any](t, c.h, http.MethodGet, one+ids[c.of], "", c.get)
		ask[any](t, c.h, http.MethodDelete, one+ids[c.of], "", c.changes)
		ask[any](t, c.h, http.MethodPost, silences, `{"id":"`+ids[c.of]+`",`+silenceOf(isShop)[1:], c.changes)
	}
	require.ElementsMatch(t, []string{"shop", "bank", "all"}, lists(admin))

	// A silence of one's own is not made one of others.
	ask[object](t, editor, http.MethodPost, silences, `{"id":"`+ids["shop"]+`",`+silenceOf(isSlow)[1:], 403)
	ask[any](t, editor, http.MethodGet, one+ids["shop"], "", 200)
	ask[any](t, both, http.MethodDelete, one+ids["shop"], "", 200)
}

func TestASilenceIsSignedByWhoSetsIt(t *testing.T) {
	h, _ := desk(t, config)
	token := &auth.Identity{Name: "bot", Kind: auth.Token, Grants: []auth.Grant{role(t, "", auth.AlertsRead, auth.AlertsWrite)}}
	anonymous := &auth.Identity{Name: "anonymous", Kind: auth.Anonymous, Grants: []auth.Grant{role(t, "", auth.Admin)}}
	as := func(id *auth.Identity) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h.ServeHTTP(w, r.WithContext(auth.With(r.Context(), id)))
		})
	}
	unsigned := strings.Replace(silenceOf(isShop), `"createdBy":"ann",`, "", 1)
	for name, c := range map[string]struct {
		who  http.Handler
		sent string
		want string
	}{
		"somebody who sees everything": {by(h, "ada", role(t, "", auth.Admin)), silenceOf(isShop), "ada"},
		"somebody who sees a part":     {by(h, "bob", role(t, `{namespace="shop"}`, acting...)), silenceOf(isShop), "bob"},
		"a machine":                    {as(token), silenceOf(isShop), "bot"},
		"somebody who says nothing":    {by(h, "ada", role(t, "", auth.Admin)), unsigned, "ada"},
		"nobody in particular":         {as(anonymous), silenceOf(isShop), "ann"},
		"while authentication is off":  {h, silenceOf(isShop), "ann"},
	} {
		id := ask[object](t, c.who, http.MethodPost, silences, c.sent, 200)["silenceID"].(string)
		require.Equal(t, c.want, get[object](t, h, one+id)["createdBy"], name)
		// A change is of who makes it.
		ask[object](t, c.who, http.MethodPost, silences, `{"id":"`+id+`",`+c.sent[1:], 200)
		require.Equal(t, c.want, get[object](t, h, one+id)["createdBy"], name)
	}
}

// What Alertmanager's API reads, whatever the case of keys, is what is checked.
func TestNothingIsSmuggledPastTheMatchers(t *testing.T) {
	h, _ := desk(t, config)
	editor := by(h, "editor", role(t, `{namespace="shop"}`, acting...))
	others := ask[object](t, h, http.MethodPost, silences, silenceOf(isBank), 200)["silenceID"].(string)
	const rest = `,"startsAt":"2020-01-01T00:00:00Z","endsAt":"2999-01-01T00:00:00Z","createdBy":"ann","comment":"c"}`
	for name, body := range map[string]string{
		"matchers in another case":   `{"matchers":[` + isShop + `],"Matchers":[` + isSlow + `]` + rest,
		"matchers twice":             `{"matchers":[` + isShop + `],"matchers":[` + isSlow + `]` + rest,
		"matchers with a long s":     `{"matchers":[` + isShop + `],"matcherſ":[` + isSlow + `]` + rest,
		"a matcher turned around":    silenceOf(`{"name":"namespace","value":"shop","isRegex":false,"ISEQUAL":false}`),
		"a value in another case":    silenceOf(`{"name":"namespace","value":"shop","Value":"bank","isRegex":false}`),
		"an id in another case":      `{"ID":"` + others + `",` + silenceOf(isShop)[1:],
		"parentheses":                silenceOf(`{"name":"namespace","value":"shop)|(.*","isRegex":true}`),
		"nothing":                    silenceOf(``),
		"null":                       silenceOf(`null`),
		"a matcher of nothing":       silenceOf(`{}`),
		"the label of another":       silenceOf(`{"name":"name","value":"shop","isRegex":false}`),
		"the value behind a newline": silenceOf(`{"name":"namespace","value":"shop|bank\n","isRegex":true}`),
	} {
		w := call(t, editor, http.MethodPost, silences, body)
		require.Contains(t, []int{400, 403, 404}, w.Code, "%s: %s", name, w.Body)
	}
	all := get[[]object](t, h, silences)
	require.Len(t, all, 1)
	require.Equal(t, others, all[0]["id"])

	// Nor past the tenant's.
	tenant := asTenant("a", h)
	ask[object](t, tenant, http.MethodPost, silences, `{"ID":"`+others+`",`+silenceOf(isShop)[1:], 404)
	for _, key := range []string{"Labels", "LABELS", "labelſ"} {
		w := call(t, tenant, http.MethodPost, alerts, `[{"`+key+`":{"alertname":"A","__tenant_id__":"b"}}]`)
		require.Equal(t, 400, w.Code, "%s: %s", key, w.Body)
	}
	require.Empty(t, get[[]object](t, h, alerts))
}

func TestNobodyActsOnAlertsThatTheyDoNotHave(t *testing.T) {
	h, _ := desk(t, config)
	const mine = `[{"labels":{"alertname":"Slow","namespace":"shop"}}]`
	fp := fire(t, h, mine)
	const list = "/oriel/api/v1/alerts/acknowledgements"
	of := func(namespace string) auth.Grant { return role(t, `{namespace="`+namespace+`"}`, acting...) }
	ann, bob := by(h, "ann", of("shop")), by(h, "bob", of("bank"))
	watches := by(h, "cat", role(t, "", seeing...), of("bank")) // sees it, too
	at := "/oriel/api/v1/alerts/" + fp
	for _, other := range []struct {
		http.Handler
		status int
	}{{bob, 404}, {watches, 403}} {
		ask[object](t, other, http.MethodPost, at+"/ack", `{}`, other.status)
		ask[object](t, other, http.MethodDelete, at+"/ack", "", other.status)
		ask[object](t, other, http.MethodPost, at+"/snooze", `{"duration":"1h"}`, other.status)
		ask[object](t, other, http.MethodPost, alerts, `[{"labels":{"alertname":"Slow","namespace":"shop"},"endsAt":"2020-01-01T00:00:00Z"}]`, 403)
	}
	require.Empty(t, get[[]object](t, h, silences))
	require.Len(t, get[[]object](t, h, alerts), 1, "which is not over")
	ask[any](t, bob, http.MethodPost, alerts, `[{"labels":{"alertname":"Slow","namespace":"bank"}}]`, 200)

	acknowledged := func(who http.Handler) int {
		return len(ask[struct{ Acknowledgements []object }](t, who, http.MethodGet, list, "", 200).Acknowledgements)
	}
	ask[any](t, ann, http.MethodPost, at+"/ack", `{}`, 204)
	require.Equal(t, []int{1, 0, 1}, []int{acknowledged(ann), acknowledged(bob), acknowledged(watches)})
	ask[any](t, ann, http.MethodPost, at+"/snooze", `{"duration":"1h"}`, 200)
	require.Len(t, ask[[]object](t, ann, http.MethodGet, silences, "", 200), 1)
	require.Empty(t, ask[[]object](t, bob, http.MethodGet, silences, "", 200))
	ask[any](t, ann, http.MethodDelete, at+"/ack", "", 204)
}

// An alert may be seen for a label that it has not.
func TestASnoozeIsWithinWhatSomebodyHas(t *testing.T) {
	h, _ := desk(t, config)
	ann := by(h, "ann", role(t, `{namespace!="bank"}`, acting...))
	fp := fire(t, h, `[{"labels":{"alertname":"Slow"}}]`)
	ask[any](t, ann, http.MethodPost, "/oriel/api/v1/alerts/"+fp+"/snooze", `{"duration":"1h"}`, 200)
	fire(t, h, `[{"labels":{"alertname":"Slow","namespace":"bank"}}]`)
	for _, a := range get[[]object](t, h, alerts) {
		_, other := a["labels"].(object)["namespace"]
		require.Equal(t, !other, a["status"].(object)["state"] == "suppressed", "%v", a)
	}
	require.Len(t, ask[[]object](t, ann, http.MethodGet, silences, "", 200), 1)
}

// FuzzSilencesStayWithinARole makes silences that a role lets pass, and looks for
// an alert that one mutes and the role does not have.
func FuzzSilencesStayWithinARole(f *testing.F) {
	for _, seed := range [][4]string{
		{`{namespace="shop"}`, "namespace", "shop", "shop"},
		{`{namespace=~"sh.*"}`, "namespace", "sh.*", "sh\nx"},
		{`{namespace!~"b.*"}`, "namespace", "b.*", "b\nx"},
		{`{namespace!="b"}`, "namespace", "(?i)B", "b"},
		{`{namespace!~"a|b"}`, "namespace", "a|b|", ""},
		{`{namespace=~"a)|(b"}`, "namespace", "a)|(b", "ax"},
		{`{namespace=~"|a"}`, "namespace", "a|", ""},
		{`{namespace=~"[ab]"}`, "namespace", "a|b|c", "c"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, selector, name, value, has string) {
		r := auth.RoleRecord{Name: "r", Scopes: []auth.Scope{auth.AlertsWrite}, Selectors: map[auth.Signal]string{auth.Logs: selector}}
		g, err := r.Grant()
		if err != nil || strings.Contains(selector, auth.TenantLabel) {
			return
		}
		reach := (&auth.Identity{Grants: []auth.Grant{g}}).Reach(auth.AlertsWrite)
		for _, sent := range []labels.MatchType{labels.MatchEqual, labels.MatchNotEqual, labels.MatchRegexp, labels.MatchNotRegexp} {
			mutes, err := labels.NewMatcher(sent, name, value) // as Alertmanager does
			if err != nil {
				continue
			}
			m, err := auth.SilenceMatcher(map[labels.MatchType]promlabels.MatchType{
				labels.MatchEqual: promlabels.MatchEqual, labels.MatchNotEqual: promlabels.MatchNotEqual,
				labels.MatchRegexp: promlabels.MatchRegexp, labels.MatchNotRegexp: promlabels.MatchNotRegexp,
			}[sent], name, value)
			if err != nil || reach.Lacks([]*promlabels.Matcher{m}) != "" {
				continue
			}
			for _, v := range []string{has, value, "", "shop", "bank", "a", "b", has + "\n", "b\n" + has} {
				if alert := map[string]string{name: v}; mutes.Matches(v) && !reach.Has(alert) {
					t.Fatalf("with %s one may silence %s, which mutes %q", selector, mutes, alert)
				}
			}
		}
	})
}
