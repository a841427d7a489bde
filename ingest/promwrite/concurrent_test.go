package promwrite_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/prometheus/prometheus/prompb"
	"github.com/stretchr/testify/require"
)

func TestSendersInParallelLoseNothing(t *testing.T) {
	const senders, requests, series = 8, 20, 30
	r := newReceiver(t)
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for i := range requests {
				at := r.now + int64(i*senders+sender) // the senders interleave
				var m prompb.WriteRequest
				q := newRequest2()
				for j := range series {
					pairs := []string{"__name__", "shared", "n", fmt.Sprint(j)}
					if (i+j)%2 == 0 {
						m.Timeseries = append(m.Timeseries, series1(at, float64(at+int64(j)), pairs...))
					} else {
						q.sample(at, float64(at+int64(j)), pairs...)
					}
				}
				for _, w := range []int{
					r.post(typeV1, encode(t, &m)).Code,
					r.post(typeV2, encode(t, &q.Request)).Code,
				} {
					if w != http.StatusNoContent {
						t.Errorf("sender %d, request %d: status %d", sender, i, w)
					}
				}
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, series, r.store.NumSeries())
	require.Len(t, r.points(), senders*requests*series)
	for _, p := range r.points() {
		var n int64
		_, err := fmt.Sscanf(p.series, `{__name__="shared", n="%d"}`, &n)
		require.NoError(t, err)
		require.Equal(t, val(p.series, p.t, float64(p.t+n)), p, "a sample went to another series")
	}
}
