package uiapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query/uiapi"
)

func get(t *testing.T, path string) (int, map[string]any) {
	t.Helper()
	r := chi.NewRouter()
	uiapi.New(uiapi.Options{
		Version:   "1.2.3",
		StartedAt: time.Unix(1_700_000_000, 0),
		Sections:  map[string]func() any{"ingest": func() any { return map[string]int{"rows": 7} }},
	}).Mount(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	var body map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body), w.Body)
	return w.Code, body
}

func TestStatusHoldsEverySection(t *testing.T) {
	code, body := get(t, "/oriel/api/v1/status")
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, "1.2.3", body["version"])
	require.Equal(t, "2023-11-14T22:13:20Z", body["startedAt"])
	require.Equal(t, map[string]any{"rows": 7.0}, body["ingest"])
}

func TestUnknownEndpointIsJSON(t *testing.T) {
	code, body := get(t, "/oriel/api/v1/nothing")
	require.Equal(t, http.StatusNotFound, code)
	require.Contains(t, body["error"], "no such endpoint")
}
