package ingest_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
)

// takesAll is a store that keeps nothing.
type takesAll struct{}

func (takesAll) AppenderV2(context.Context) promstorage.AppenderV2 { return taker{} }

type taker struct{ promstorage.AppenderV2 }

func (taker) Append(ref promstorage.SeriesRef, _ labels.Labels, _, _ int64, _ float64, _ *histogram.Histogram, _ *histogram.FloatHistogram, _ promstorage.AOptions) (promstorage.SeriesRef, error) {
	return ref, nil
}

func (taker) Commit() error { return nil }

// BenchmarkSamples is what a sample costs beyond its store, in transactions of
// 2000: of one job each, of jobs that change with every sample, and of more
// series than are followed.
func BenchmarkSamples(b *testing.B) {
	const request = 2000
	for _, c := range []struct {
		name         string
		series, jobs int
	}{{"one job", 50_000, 1}, {"many jobs", 50_000, 50}, {"many series", 1_000_000, 50}} {
		all := make([]labels.Labels, c.series)
		for i := range all {
			all[i] = labels.FromStrings("__name__", "http_request_duration_seconds_bucket", "cluster", "production-eu-west-1", "instance", "10.4.1.1:8080",
				"job", fmt.Sprintf("service-%d", i%c.jobs), "le", "0.5", "namespace", "team", "pod", fmt.Sprint("service-", i))
		}
		for _, watched := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/watched=%v", c.name, watched), func(b *testing.B) {
				var store promstorage.AppendableV2 = takesAll{}
				if watched {
					store = ingest.NewAccount(prometheus.NewRegistry()).Samples(store)
				}
				b.ReportAllocs()
				t, at := int64(1), 0
				for n := 0; n < b.N; n += request {
					app := store.AppenderV2(b.Context())
					for range request {
						if at++; at == c.series {
							at, t = 0, t+15_000
						}
						if _, err := app.Append(promstorage.SeriesRef(at+1), all[at], 0, t, 1, nil, nil, promstorage.AOptions{}); err != nil {
							b.Fatal(err)
						}
					}
					require.NoError(b, app.Commit())
				}
			})
		}
	}
}
