package scope_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/query/tracediff"
)

func TestADifferenceTellsNothingOfWhatOthersHave(t *testing.T) {
	whole, viewers := pairs(t)
	diff := func(w *world, id *auth.Identity, format string) (int, string) {
		body := fmt.Sprintf(`{"base":{"traceId":"%032x"},"compare":{"traceId":"%032x"},"format":%q}`, 1, 2, format)
		r := httptest.NewRequestWithContext(auth.With(t.Context(), id), http.MethodPost, "/tempo/api/v2/traces/diff", strings.NewReader(body))
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, r)
		return rec.Code, plain(rec.Body.String(), true)
	}
	for _, format := range []string{tracediff.PatchV0, tracediff.SummaryV0, tracediff.ComposedV0} {
		status, everything := diff(whole, nil, format)
		require.Equal(t, http.StatusOK, status, everything)
		for _, v := range viewers {
			status, got := diff(whole, v.id, format)
			wantStatus, want := diff(v.own, nil, format)
			require.Equal(t, wantStatus, status, "%s: %s", v.name, got)
			require.Equal(t, want, got, "as %s", v.name)
			require.NotEqual(t, everything, got, "as %s: this tests nothing", v.name)
		}
	}
}
