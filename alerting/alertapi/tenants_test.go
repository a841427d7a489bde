package alertapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
)

// asTenant serves h to somebody who asks about tenants, which are separated by
// bars.
func asTenant(tenants string, h http.Handler) http.Handler {
	id := &auth.Identity{Name: "ann", Kind: auth.User, Tenants: strings.Split(tenants, "|"), Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(auth.With(r.Context(), id)))
	})
}

const (
	silences     = "/alertmanager/api/v2/silences"
	alerts       = "/alertmanager/api/v2/alerts"
	silenceOfAll = `{"matchers":[{"name":"alertname","value":".+","isRegex":true}],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2999-01-01T00:00:00Z","createdBy":"ann","comment":"c"}`
)

func TestASilenceIsOfItsTenantsAlerts(t *testing.T) {
	h, _ := desk(t, config)
	for _, name := range []string{"", "a", "b"} {
		ask[any](t, asTenant(name, h), http.MethodPost, alerts, `[{"labels":{"alertname":"A","__tenant_id__":"b"}}]`, 200)
	}
	type alert struct {
		Labels map[string]string
		Status struct{ State string }
	}
	states := func() map[string]string {
		out := map[string]string{}
		for _, a := range get[[]alert](t, h, alerts) {
			out[a.Labels["__tenant_id__"]] = a.Status.State
		}
		return out
	}
	require.Equal(t, map[string]string{"": "active", "a": "active", "b": "active"}, states(), "senders do not say whose they are")

	id := ask[object](t, asTenant("a", h), http.MethodPost, silences, silenceOfAll, 200)["silenceID"].(string)
	require.Equal(t, map[string]string{"": "active", "a": "suppressed", "b": "active"}, states())
	for _, name := range []string{"", "b"} {
		other := asTenant(name, h)
		require.Empty(t, ask[[]object](t, other, http.MethodGet, silences, "", 200))
		ask[object](t, other, http.MethodGet, "/alertmanager/api/v2/silence/"+id, "", 404)
		ask[object](t, other, http.MethodDelete, "/alertmanager/api/v2/silence/"+id, "", 404)
		ask[object](t, other, http.MethodPost, silences, `{"id":"`+id+`",`+silenceOfAll[1:], 404)
	}
	require.Equal(t, "suppressed", states()["a"])

	own := asTenant("a", h)
	list := ask[[]object](t, own, http.MethodGet, silences, "", 200)
	require.Len(t, list, 1)
	require.NotContains(t, call(t, own, http.MethodGet, silences, "").Body.String(), "__tenant_id__")
	require.NotContains(t, call(t, own, http.MethodGet, "/alertmanager/api/v2/silence/"+id, "").Body.String(), "__tenant_id__")
	require.Contains(t, call(t, asTenant("a|b", h), http.MethodGet, silences, "").Body.String(), `"value":"a"`)
	ask[any](t, own, http.MethodPost, silences, `{"id":"`+id+`",`+silenceOfAll[1:], 200)
	ask[any](t, own, http.MethodDelete, "/alertmanager/api/v2/silence/"+id, "", 200)

	// The default tenant's is of its own alerts too.
	ask[any](t, asTenant("", h), http.MethodPost, silences, silenceOfAll, 200)
	require.Equal(t, "suppressed", states()[""])
	require.Equal(t, "active", states()["b"])
}

func TestASilenceOfAnotherTenantIsRefused(t *testing.T) {
	h, _ := desk(t, config)
	for name, matcher := range map[string]string{
		"of another":     `{"name":"__tenant_id__","value":"b"}`,
		"of several":     `{"name":"__tenant_id__","value":"a","isRegex":true}`,
		"of all but one": `{"name":"__tenant_id__","value":"a","isEqual":false}`,
		"of nothing":     `{"name":"__tenant_id__","value":"a"}`, // but its own label
	} {
		w := call(t, asTenant("a", h), http.MethodPost, silences, `{"matchers":[`+matcher+`],"startsAt":"2020-01-01T00:00:00Z","endsAt":"2999-01-01T00:00:00Z","createdBy":"ann","comment":"c"}`)
		require.Equal(t, 400, w.Code, name)
	}
	for _, body := range []string{``, `null`, `[]`, `{"matchers":1}`, `{"matchers":[1]}`, `{`} {
		require.Contains(t, []int{400, 422}, call(t, asTenant("a", h), http.MethodPost, silences, body).Code, body)
	}
	for _, body := range []string{``, `{}`, `[1]`, `[{"labels":1}]`, `[{}]`, `[null]`} {
		require.GreaterOrEqual(t, call(t, asTenant("a", h), http.MethodPost, alerts, body).Code, 400, body)
	}
	require.Empty(t, get[[]object](t, h, silences))
}

func TestASnoozeIsOfTheTenantsAlert(t *testing.T) {
	h, _ := desk(t, config)
	ask[any](t, asTenant("a", h), http.MethodPost, alerts, `[{"labels":{"alertname":"A"}}]`, 200)
	fp := fire(t, h, `[{"labels":{"alertname":"A"}}]`)
	ask[any](t, asTenant("", h), http.MethodPost, "/oriel/api/v1/alerts/"+fp+"/snooze", `{"duration":"1h"}`, 200)
	require.Len(t, ask[[]object](t, asTenant("", h), http.MethodGet, silences, "", 200), 1)
	require.Empty(t, ask[[]object](t, asTenant("a", h), http.MethodGet, silences, "", 200))
	// Another of the default tenant that begins later is another alert; one of a
	// tenant is never meant.
	ask[any](t, asTenant("b", h), http.MethodPost, alerts, `[{"labels":{"alertname":"A"}}]`, 200)
	for _, a := range get[[]object](t, h, alerts) {
		silenced := a["status"].(object)["state"] == "suppressed"
		_, other := a["labels"].(object)["__tenant_id__"]
		require.Equal(t, !other, silenced, "%v", a)
	}
}
