package alertapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/alertapi"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/auth"
)

// plainText is a Sealer that seals nothing.
type plainText struct{}

func (plainText) Seal(plain []byte) ([]byte, error)  { return plain, nil }
func (plainText) Open(sealed []byte) ([]byte, error) { return sealed, nil }

// page serves a Desk whose configuration is the page's.
func page(t *testing.T, change ...func(*alertapi.DeskOptions)) http.Handler {
	t.Helper()
	h, _ := deskOf(t, func(o *notify.Options) { o.Sealer = plainText{} }, change...)
	return h
}

func read[T any](t *testing.T, h http.Handler, path string) T {
	t.Helper()
	return ask[T](t, h, http.MethodGet, path, "", http.StatusOK)
}

// put asks with the version that the change began with.
func put(t *testing.T, h http.Handler, method, path, base, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/oriel/api/v1/routing/config"+path, strings.NewReader(body))
	if base != "" {
		r.Header.Set("If-Match", base)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

const config1 = `{"message":"on call","config":{"route":{"receiver":"a"},"receivers":[{"name":"a","webhook_configs":[{"url":"https://a.example/token"}]}]}}`

func TestAConfigurationIsWrittenReadAndBroughtBack(t *testing.T) {
	h := page(t)
	first := read[object](t, h, "/oriel/api/v1/routing/config")
	require.Equal(t, []any{0.0, "", true}, []any{first["version"], first["file"], first["editable"]})

	require.Equal(t, http.StatusBadRequest, put(t, h, http.MethodPut, "", "", config1).Code, "without If-Match")
	w := put(t, h, http.MethodPut, "", `"0"`, config1)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, `"1"`, w.Header().Get("ETag"))
	c := read[object](t, h, "/oriel/api/v1/routing/config")
	require.Equal(t, []any{1.0, "anonymous", "on call"}, []any{c["version"], c["author"], c["message"]})
	require.Equal(t, "route:\n  receiver: a\nreceivers:\n  - name: a\n    webhook_configs:\n      - url: <secret 1>\n", c["yaml"])
	routes := read[struct{ Route struct{ Receiver string } }](t, h, "/oriel/api/v1/routing")
	require.Equal(t, "a", routes.Route.Receiver, "it is in force")

	w = put(t, h, http.MethodPut, "", `"0"`, config1)
	require.Equal(t, http.StatusPreconditionFailed, w.Code)
	require.Equal(t, `"1"`, w.Header().Get("ETag"))
	require.Contains(t, w.Body.String(), `"version":1`)

	w = put(t, h, http.MethodPut, "", `"1"`, `{"yaml":"route:\n  receiver: b\nreceivers: [{name: a}]\n"}`)
	require.Equal(t, http.StatusBadRequest, w.Code)
	require.JSONEq(t, `{"error":"line 2: undefined receiver \"b\" used in route","problems":[{"line":2,"path":"","message":"undefined receiver \"b\" used in route"}]}`, w.Body.String())
	require.Equal(t, http.StatusBadRequest, put(t, h, http.MethodPut, "", `"1"`, `{"yml":""}`).Code)
	require.Equal(t, http.StatusBadRequest, put(t, h, http.MethodPut, "", `"1"`, `{"config":{"a":1`).Code)

	w = put(t, h, http.MethodPut, "", `"1"`, `{"yaml":"route: {receiver: b}\nreceivers: [{name: b}]\n"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	old := read[object](t, h, "/oriel/api/v1/routing/config/versions/1")
	require.Contains(t, old["yaml"], "<secret 1>")
	require.Equal(t, http.StatusNotFound, put(t, h, http.MethodGet, "/versions/9", "", "").Code)
	require.Equal(t, http.StatusBadRequest, put(t, h, http.MethodGet, "/versions/x", "", "").Code)
	w = put(t, h, http.MethodPost, "/versions/1/restore", `"2"`, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	all := read[struct {
		Versions []struct{ Version, Restored int }
	}](t, h, "/oriel/api/v1/routing/config/versions")
	require.Len(t, all.Versions, 3)
	require.Equal(t, []int{3, 1}, []int{all.Versions[0].Version, all.Versions[0].Restored})
	require.Equal(t, "a", read[struct{ Route struct{ Receiver string } }](t, h, "/oriel/api/v1/routing").Route.Receiver)
}

func TestADraftIsLookedAtBeforeItIsInForce(t *testing.T) {
	taken := make(chan string, 1)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { taken <- r.URL.Path }))
	t.Cleanup(hook.Close)
	h := page(t)
	draft := fmt.Sprintf(`{"config":{"route":{"receiver":"a","routes":[{"matchers":["team=\"x\""],"receiver":"b"}]},"receivers":[{"name":"a"},{"name":"b","webhook_configs":[{"url":"%s/b"}]}]}}`, hook.URL)
	fire(t, h, `[{"labels":{"alertname":"A","team":"x"}}]`)

	checked := ask[struct {
		YAML     string
		Problems []notify.Problem
		Changes  []notify.Difference
		Moved    []notify.Moved
		Routing  struct{ Receivers []struct{ Name string } }
	}](t, h, http.MethodPost, "/oriel/api/v1/routing/config/check", draft, 200)
	require.Contains(t, checked.YAML, "  routes:\n    - matchers:\n        - team=\"x\"\n      receiver: b\n")
	require.Empty(t, checked.Problems)
	require.NotEmpty(t, checked.Changes)
	require.Equal(t, []string{"b"}, checked.Moved[0].To)
	require.Len(t, checked.Routing.Receivers, 2)

	hits := func(body string) []string {
		var out []string
		for _, hit := range ask[struct{ Routes []struct{ Receiver string } }](t, h, http.MethodPost, "/oriel/api/v1/routing/test", body, 200).Routes {
			out = append(out, hit.Receiver)
		}
		return out
	}
	require.Equal(t, []string{"none"}, hits(`{"labels":{"team":"x"}}`))
	require.Equal(t, []string{"b"}, hits(`{"labels":{"team":"x"},"draft":`+draft+`}`))
	ask[object](t, h, http.MethodPost, "/oriel/api/v1/routing/test", `{"labels":{"team":"x"},"draft":{"yaml":"route: {}"}}`, 400)

	results := ask[struct {
		Results []struct{ Integration, Error string }
	}](t, h, http.MethodPost, "/oriel/api/v1/routing/config/test", `{"receiver":"b","draft":`+draft+`}`, 200).Results
	require.Len(t, results, 1)
	require.Empty(t, results[0].Error)
	require.Equal(t, "/b", <-taken)
	require.Equal(t, 0.0, read[object](t, h, "/oriel/api/v1/routing/config")["version"], "nothing is kept")
}

// TestWhoMayWriteTheConfiguration asks as several people.
func TestWhoMayWriteTheConfiguration(t *testing.T) {
	selector := map[auth.Signal][]*labels.Matcher{auth.Logs: {labels.MustNewMatcher(labels.MatchEqual, "namespace", "shop")}}
	for name, tt := range map[string]struct {
		id   *auth.Identity
		may  error
		want int
	}{
		"nobody in particular":            {nil, nil, 200},
		"one whom the operator keeps out": {nil, errors.New("from this machine alone"), 500},
		"an editor":                       {&auth.Identity{Name: "ed", Grants: []auth.Grant{{Scopes: []auth.Scope{auth.AlertsRead, auth.AlertsWrite}}}}, nil, 200},
		"a viewer":                        {&auth.Identity{Name: "vi", Grants: []auth.Grant{{Scopes: []auth.Scope{auth.AlertsRead}}}}, nil, 403},
		"an editor of a part":             {&auth.Identity{Name: "pa", Grants: []auth.Grant{{Scopes: []auth.Scope{auth.AlertsRead, auth.AlertsWrite}, Selectors: selector}}}, nil, 403},
	} {
		t.Run(name, func(t *testing.T) {
			inner := page(t, func(o *alertapi.DeskOptions) { o.MayRoute = func(*http.Request) error { return tt.may } })
			r := chi.NewRouter()
			r.Mount("/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inner.ServeHTTP(w, r.WithContext(auth.With(r.Context(), tt.id)))
			}))
			for _, at := range []string{"/check", "/test", ""} {
				body, method := config1, http.MethodPost
				switch at {
				case "/test":
					body = `{"receiver":"a","draft":{"yaml":"route: {receiver: a}\nreceivers: [{name: a}]\n"}}`
				case "/check":
					body = `{"yaml":""}`
				default:
					method = http.MethodPut
				}
				require.Equal(t, tt.want, put(t, r, method, at, `"0"`, body).Code, at)
			}
			c := read[object](t, r, "/oriel/api/v1/routing/config")
			require.Equal(t, tt.want == 200, c["editable"])
			require.Equal(t, tt.want != 200, c["why"] != nil)
			if tt.id != nil && tt.want == 200 {
				require.Equal(t, tt.id.Name, c["author"])
			}
		})
	}
}

func TestTheFileIsShownAndNotWritten(t *testing.T) {
	h, _ := deskOf(t, func(o *notify.Options) {
		o.Sealer = plainText{}
		o.Source = notify.Source{Name: "oriel.yaml: alertmanager", Text: []byte("# token-1 is old\nroute: {receiver: a}\nreceivers: [{name: a, webhook_configs: [{url: 'https://a.example/token-2'}]}]\n")}
	})
	c := read[object](t, h, "/oriel/api/v1/routing/config")
	require.Equal(t, []any{"oriel.yaml: alertmanager", false}, []any{c["file"], c["editable"]})
	require.Contains(t, c["why"], "the configuration file says who is notified")
	require.NotContains(t, c["yaml"], "token")
	require.Equal(t, http.StatusForbidden, put(t, h, http.MethodPut, "", `"0"`, config1).Code)
}
