package uiapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/uiapi"
)

func TestQuestionsAboutServicesNameWhatIsWrong(t *testing.T) {
	r := chi.NewRouter()
	h := uiapi.New(uiapi.Options{})
	h.Mount(r)
	h.MountQueries(r)
	for path, want := range map[string]string{
		"services?apdex=fast":                   `apdex: \"fast\" is not a duration`,
		"services?since=x":                      "since: ",
		"services?start=5&end=5":                "end: not after start",
		"services/profiles?since=x":             "since: ",
		"services/operations":                   "service: must be set",
		"traces/xyz/critical-path":              "trace id: ",
		"traces/compare?selected=":              "selected: ",
		"traces/compare?selected={}&baseline=x": "baseline: ",
		"traces/compare?selected={}&limit=0":    `limit: \"0\" is not a positive number`,
		"traces/structure?query=x":              "query: ",
		"traces/structure?query={}&limit=1001":  `limit: \"1001\" is not a number from 1 to 1000`,
		"cardinality/spans?limit=0":             `limit: \"0\" is not a number between 1 and 10000`,
		"cardinality/spans?since=x":             "since: ",
		"cardinality/spans/values":              "attribute: must be set, for instance to span.http.route",
		"cardinality/spans/values?attribute=)":  "attribute: ",
		"correlate":                             "set one of trace_id and service",
		"correlate?trace_id=1&service=x":        "set one of trace_id and service",
		"correlate?trace_id=x":                  "trace_id: ",

		"correlate?trace_id=0af7651916cd43dd8448eb211c80319c&span_id=x": "span_id: ",
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/"+path, nil))
		require.Equal(t, http.StatusBadRequest, w.Code, "%s: %s", path, w.Body)
		require.Contains(t, w.Body.String(), want, path)
	}
}
