package scope_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// followers is how many tails follow what comes in.
func (w *world) followers(t *testing.T) (n float64) {
	families, err := w.reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "oriel_tap_followers" {
			n = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	return n
}

func TestALiveTailTellsNothingOfWhatOthersHave(t *testing.T) {
	for _, v := range viewers() {
		t.Run(v.name, func(t *testing.T) {
			w := newWorld(t, func(place) bool { return false }, true)
			srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				w.ServeHTTP(rw, r.WithContext(auth.With(r.Context(), v.id)))
			}))
			defer srv.Close()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(srv.URL, "http")+"/loki/api/v1/tail?query="+url.QueryEscape(`{namespace=~".+"}`), nil)
			require.NoError(t, err)
			if resp.Body != nil {
				defer resp.Body.Close()
			}
			defer func() { _ = conn.CloseNow() }()

			want := map[string]bool{}
			for _, p := range places() {
				if v.sees(p) {
					want[p.tenant+p.namespace+p.service] = true
				}
			}
			got := map[string]bool{}
			require.Eventually(t, func() bool { return w.followers(t) == 1 }, 10*time.Second, time.Millisecond)
			f := filler{t, w, all, true}
			b := model.NewBuilder(model.Logs, 8)
			for i, p := range places() {
				b.Row(b.Stream(&model.Stream{Attrs: f.attrs(p, "service_name", 0)}), end.UnixNano()+int64(i), p.tenant+p.namespace+p.service)
			}
			require.NoError(t, w.tap.Append(ctx, b.Batch()))
			for len(got) < len(want) {
				_, frame, err := conn.Read(ctx)
				require.NoError(t, err)
				var answer struct {
					Streams []struct {
						Stream map[string]string
						Values [][2]string
					}
				}
				require.NoError(t, json.Unmarshal(frame, &answer))
				for _, s := range answer.Streams {
					_, shown := s.Stream[auth.TenantLabel]
					require.Equal(t, v.tenant, shown, string(frame))
					for _, line := range s.Values {
						require.True(t, want[line[1]], "%s is shown %s", v.name, line[1])
						got[line[1]] = true
					}
				}
			}
			require.Equal(t, want, got)
		})
	}
}
