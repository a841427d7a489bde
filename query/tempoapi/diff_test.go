package tempoapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func postDiff(t *testing.T, h http.Handler, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/tempo/api/v2/traces/diff", strings.NewReader(body)))
	return w
}

func TestTraceDiffInEachFormat(t *testing.T) {
	h := server(t)
	for format, want := range map[string]string{
		"":                          "version base compare stats modified added removed warnings",
		"trace-patch-v0":            "version base compare stats modified added removed warnings",
		"trace-summary-v0-native":   "version base compare signals trust stats changedServices services",
		"trace-summary-v0-composed": "version summary patch",
	} {
		w := postDiff(t, h, fmt.Sprintf(`{"base":{"traceId":%q},"compare":{"traceId":%q},"format":%q}`, traceA, shortID, format))
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		var doc map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &doc))
		for _, key := range strings.Fields(want) {
			require.Contains(t, doc, key)
			delete(doc, key)
		}
		require.Empty(t, doc)
	}
	w := postDiff(t, h, fmt.Sprintf(`{"base":{"traceId":%q,"start":%d,"end":%d},"compare":{"traceId":%q}}`, traceA, t0-1, t0+1, shortID))
	var patch struct {
		Base, Compare struct {
			TraceID   string
			SpanCount int
		}
		Stats struct{ AddedSpans, RemovedSpans int }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &patch), w.Body)
	require.Equal(t, traceA, patch.Base.TraceID)
	require.Equal(t, "0000000000000000"+shortID, patch.Compare.TraceID)
	require.Equal(t, []int{2, 1, 1, 2}, []int{patch.Base.SpanCount, patch.Compare.SpanCount, patch.Stats.AddedSpans, patch.Stats.RemovedSpans})
}

func TestTraceDiffRefuses(t *testing.T) {
	h := server(t)
	side := func(s string) string { return `{"traceId":"` + traceA + `"` + s + `}` }
	for body, want := range map[string]struct {
		status int
		text   string
	}{
		`{`: {400, "invalid trace diff request body: "}, `[]`: {400, "invalid trace diff request body: "},
		`{"base":` + side("") + `}`: {400, "compare.traceId is required"}, `{"compare":` + side("") + `}`: {400, "base.traceId is required"},
		`{"base":{"traceId":"xyz"},"compare":` + side("") + `}`:                                          {400, "invalid base.traceId: trace IDs can only contain hex"},
		`{"base":` + side("") + `,"compare":{"traceId":"` + strings.Repeat("a", 33) + `"}}`:              {400, "invalid compare.traceId: trace IDs can't be larger"},
		`{"base":` + side("") + `,"compare":` + side("") + `,"format":"html"}`:                           {400, `invalid format "html": must be one of `},
		`{"base":` + side(`,"start":7,"end":7`) + `,"compare":` + side("") + `}`:                         {400, "base.start must be before base.end. received start=7 end=7"},
		`{"base":` + side("") + `,"compare":` + side(`,"start":-1`) + `}`:                                {400, "compare.start: -1 is not a Unix time"},
		`{"base":{"traceId":"77"},"compare":` + side("") + `}`:                                           {404, "Not Found"},
		`{"base":` + side("") + `,"compare":` + side(`,"start":1,"end":2`) + `}`:                         {404, "Not Found"},
		`{"base":` + side("") + `,"compare":` + side(``) + `,"x":"` + strings.Repeat("a", 70_000) + `"}`: {413, "limit of 65536 bytes"},
	} {
		w := postDiff(t, h, body)
		require.Equal(t, want.status, w.Code, "%.80s: %s", body, w.Body)
		require.Contains(t, w.Body.String(), want.text)
	}
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodHead, http.MethodDelete} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/tempo/api/v2/traces/diff", nil))
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		require.Contains(t, w.Body.String(), "Method Not Allowed")
	}
}
