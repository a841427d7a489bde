package downsample_test

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage/metric/downsample"

	"github.com/oriel-obs/oriel/storage/metric/metrictest"
)

var (
	yearSeries = flag.Int("year.series", 500, "series of BenchmarkAYear")
	yearDays   = flag.Int("year.days", 90, "days of BenchmarkAYear")
	yearEvery  = flag.Duration("year.every", 5*time.Minute, "interval of the samples of BenchmarkAYear")
	yearDir    = flag.String("year.dir", "", "folder that keeps the blocks of BenchmarkAYear for the next time")
)

// BenchmarkAYear answers charts over a long time. -year.every 15s makes blocks
// of true size; windows are the same whatever the interval.
func BenchmarkAYear(b *testing.B) {
	dir := *yearDir
	if dir == "" {
		dir = b.TempDir()
	}
	l := downsample.DefaultLevels()
	l[0].Retention = model.Duration(30 * 24 * time.Hour) // what charts of a year read of 5m
	f := open(b, dir, l)
	f.now = origin + int64(*yearDays)*day
	if len(f.db.Blocks()) == 0 {
		writeYear(b, dir, f.now)
		require.NoError(b, f.store.Close())
		require.NoError(b, f.db.Close())
		f.reopen(l)
	}
	begin := time.Now()
	f.pass()
	b.Logf("downsampled in %v: %+v", time.Since(begin).Round(time.Millisecond), f.store.Status())
	end := f.now / (12 * hour) * 12 * hour
	from := end - int64(*yearDays-1)*day
	for _, expr := range []string{
		`sum by (job) (rate(http_requests_total[1h]))`,
		`sum by (job) (rate(http_requests_total[12h]))`,
		`sum by (job) (increase(http_requests_total[1d]))`,
		`max by (job) (max_over_time(http_requests_total[12h]))`,
		`avg by (job) (avg_over_time(http_requests_total[12h]))`,
		`sum by (job) (http_requests_total)`,
	} {
		b.Run(expr, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a := query(b.Context(), b, f.store, expr, from, end, 12*hour)
				require.NotEmpty(b, a.series)
				require.NotEmpty(b, a.infos)
			}
		})
	}
}

// writeYear writes blocks of ten days, as a compaction would leave them.
func writeYear(b *testing.B, dir string, until int64) {
	const length = 10 * day
	series := make([]labels.Labels, *yearSeries)
	for i := range series {
		series[i] = yearLabels(i)
	}
	for from := origin; from < until; from += length {
		to := min(from+length, until)
		require.NoError(b, metrictest.WriteBlock(b.Context(), dir, from, to, series, func(i int) ([]chunks.Meta, error) {
			return yearChunks(b, i, from, to), nil
		}))
	}
}

func yearLabels(i int) labels.Labels {
	return labels.FromStrings(
		model.MetricNameLabel, "http_requests_total", "cluster", "eu-west-1", "code", "200", "handler", "/api/v1/query",
		"instance", fmt.Sprintf("10.0.%03d.%03d:9100", i/250, i%250), "job", fmt.Sprint("job", i%20), "method", "GET", "namespace", "production",
	)
}

func yearChunks(b *testing.B, i int, from, to int64) (all []chunks.Meta) {
	every := yearEvery.Milliseconds()
	t := from + int64(i)*37%every
	for t < to {
		c := chunkenc.NewXORChunk()
		app, err := c.Appender()
		require.NoError(b, err)
		m := chunks.Meta{Chunk: c, MinTime: t}
		for n := 0; n < 120 && t < to; n++ {
			app.Append(0, t, float64((t-origin)/1000*int64(i%7+1)+t/every*31%17))
			m.MaxTime = t
			t += every
		}
		all = append(all, m)
	}
	return all
}
