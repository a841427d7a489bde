package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSendKeepsTheOrderOfAConnectionAndRetriesRefusals(t *testing.T) {
	var mu sync.Mutex
	got, refused := map[string]string{}, false
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		if string(b) == "a2" && !refused {
			refused = true
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		got[string(b[0])] += string(b)
		if r.Header.Get("X-Kind") != "test" {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer srv.Close()
	l := &load{header: map[string]string{"X-Kind": "test"}, conns: [][]body{
		{{[]byte("a1"), 1}, {[]byte("a2"), 2}, {[]byte("a3"), 3}},
		{{[]byte("b1"), 4}},
	}}
	_, retries, err := l.send(srv.URL)
	require.NoError(t, err)
	require.Equal(t, int64(1), retries)
	require.Equal(t, map[string]string{"a": "a1a2a3", "b": "b1"}, got)

	l.header = nil
	_, _, err = l.send(srv.URL)
	require.ErrorContains(t, err, "400 Bad Request")
}

func TestFirstCutsEachConnectionButLeavesOneBody(t *testing.T) {
	l := &load{conns: [][]body{make([]body, 8), make([]body, 1), nil}}
	cut := l.first(0.25)
	require.Len(t, cut.conns[0], 2)
	require.Len(t, cut.conns[1], 1)
	require.Empty(t, cut.conns[2])
}

func TestRowsAreCountedInEachDialect(t *testing.T) {
	n, err := promRows([]byte(`{"data":{"result":[{"values":[[1,"a"],[2,"b"]]},{"value":[1,"2"]}]}}`))
	require.NoError(t, err)
	require.Equal(t, 3, n)
	n, err = listRows([]byte(`{"data":["a","b"]}`))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = distinctTraces([]byte(`{"traceId":"a"},{"traceId":"b"},{"traceId":"a"}`))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = jaegerAPI.spans([]byte(`{"data":[{"spans":[{},{}]}]}`))
	require.NoError(t, err)
	require.Equal(t, 2, n)
	n, err = tempoAPI.spans([]byte(`{"spans":[{"spanId":"a"},{"spanId":"b"},{"spanId":"c"}]}`))
	require.NoError(t, err)
	require.Equal(t, 3, n)
	_, err = promRows([]byte("oops"))
	require.Error(t, err)
}
