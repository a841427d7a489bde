package uiapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/query/uiapi"
)

func TestOnboardingSaysWhetherAnythingWasReceived(t *testing.T) {
	ask := func(o uiapi.Options) *httptest.ResponseRecorder {
		r := chi.NewRouter()
		uiapi.New(o).Mount(r)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/oriel/api/v1/onboarding/check", nil))
		return w
	}
	w := ask(uiapi.Options{
		Empty:    func(context.Context) (bool, error) { return true, nil },
		Sections: map[string]func() any{"ingest": func() any { return map[string]int{"accepted": 7} }, "storage": func() any { return "not for here" }},
	})
	require.Equal(t, http.StatusOK, w.Code)
	require.JSONEq(t, `{"empty": true, "ingest": {"accepted": 7}}`, w.Body.String())

	w = ask(uiapi.Options{})
	require.JSONEq(t, `{"empty": false}`, w.Body.String())

	w = ask(uiapi.Options{Empty: func(context.Context) (bool, error) { return false, fmt.Errorf("busy: %w", fault.ErrUnavailable) }})
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
}
