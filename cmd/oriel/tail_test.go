package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"
)

// A connection that breaks among lines of one time costs none of them, and
// shows none twice.
func TestATailGoesOnWhereItBroke(t *testing.T) {
	frame := func(at int, lines ...string) string {
		var values []string
		for _, l := range lines {
			values = append(values, fmt.Sprintf(`["%d","%s"]`, at, l))
		}
		return `{"streams":[{"stream":{"app":"a"},"values":[` + strings.Join(values, ",") + `]}]}`
	}
	connections := [][]string{
		{frame(5, "old"), frame(7, "one", "same", "same")},
		{frame(7, "one", "same", "same", "same", "two"), frame(8, "three")},
	}
	var starts []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer conn.CloseNow()
		n := len(starts)
		starts = append(starts, r.FormValue("start"))
		for _, f := range connections[n] {
			if conn.Write(r.Context(), websocket.MessageText, []byte(f)) != nil {
				return
			}
		}
		_ = conn.Close(websocket.StatusInternalError, "broken")
	}))
	defer srv.Close()

	var out, errs bytes.Buffer
	c := &tailCmd{colorFlag: colorFlag{"never"}, serverFlags: serverFlags{Server: srv.URL}, Output: "text", Since: time.Since(time.Unix(0, 0)) + time.Hour, Count: 7, Query: `{app="a"}`}
	require.NoError(t, c.Run(t.Context(), streams{out: &out, err: &errs}))
	var texts []string
	for line := range strings.Lines(out.String()) {
		fields := strings.Fields(line)
		texts = append(texts, fields[len(fields)-1])
	}
	require.Equal(t, []string{"old", "one", "same", "same", "same", "two", "three"}, texts)
	require.Len(t, starts, 2)
	require.Equal(t, "7", starts[1])
	require.Contains(t, errs.String(), "trying again")
}
