package downsample_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour

	origin = 20_000 * day // the data of tests begins here
)

// levels are of 5m and 1h, at once.
func levels() []downsample.Level {
	return []downsample.Level{{Resolution: model.Duration(5 * time.Minute)}, {Resolution: model.Duration(time.Hour)}}
}

// A fixture is a database, the store beside it, and the time.
type fixture struct {
	testing.TB
	dir   string
	db    *tsdb.DB
	store *downsample.Store
	now   int64 // ms
}

func open(t testing.TB, dir string, levels []downsample.Level) *fixture {
	t.Helper()
	f := &fixture{TB: t, dir: dir, now: origin + 60*day}
	f.reopen(levels)
	t.Cleanup(f.close)
	return f
}

func (f *fixture) reopen(levels []downsample.Level) {
	f.Helper()
	o := tsdb.DefaultOptions()
	o.RetentionDuration, o.NoLockfile = 0, true
	o.MinBlockDuration, o.MaxBlockDuration = 12*hour, 2*day // few files
	o.OutOfOrderTimeWindow = 100 * day
	var err error
	f.db, err = tsdb.Open(f.dir, promslog.NewNopLogger(), nil, o, nil)
	require.NoError(f, err)
	f.db.DisableCompactions()
	f.openStore(levels)
}

func (f *fixture) openStore(levels []downsample.Level) {
	f.Helper()
	var err error
	f.store, err = downsample.Open(downsample.Options{
		Dir: f.dir + "/downsampled", Levels: levels, DB: f.db, Log: promslog.NewNopLogger(), Registerer: prometheus.NewRegistry(),
		Now: func() time.Time { return time.UnixMilli(f.now) },
	})
	require.NoError(f, err)
}

func (f *fixture) close() {
	require.NoError(f, f.store.Close())
	require.NoError(f, f.db.Close())
}

// A series has a sample at t if at says so.
type series struct {
	labels labels.Labels
	at     func(t int64) (v float64, ok bool)
	hist   func(t int64) *histogram.Histogram
}

// write appends samples every interval in (from, to].
func (f *fixture) write(from, to, interval int64, all ...series) {
	f.Helper()
	for t := from; t <= to; {
		app := f.db.Appender(f.Context())
		for n := 0; n < 1000 && t <= to; n++ {
			for i, s := range all {
				// Scrapes are not at whole seconds, nor all at the same time.
				at := t + int64(i)*731
				if s.hist != nil {
					_, err := app.AppendHistogram(0, s.labels, at, s.hist(at), nil)
					require.NoError(f, err)
				} else if v, ok := s.at(at); ok {
					_, err := app.Append(0, s.labels, at, v)
					require.NoError(f, err)
				}
			}
			t += interval
		}
		require.NoError(f, app.Commit())
	}
}

// compact writes the head as blocks, but for its end.
func (f *fixture) compact() {
	f.Helper()
	f.db.EnableCompactions()
	require.NoError(f, f.db.Compact(f.Context()))
	f.db.DisableCompactions()
}

func (f *fixture) pass() {
	f.Helper()
	require.NoError(f, f.store.Pass(f.Context()))
}

// dropSamples is what retention does: blocks up to a time are gone.
func (f *fixture) dropSamples(until int64, levels []downsample.Level) {
	f.Helper()
	var dirs []string
	for _, b := range f.db.Blocks() {
		if b.MaxTime() <= until {
			dirs = append(dirs, b.Dir())
		}
	}
	require.NotEmpty(f, dirs)
	f.close()
	for _, d := range dirs {
		require.NoError(f, os.RemoveAll(d))
	}
	f.reopen(levels)
}

func named(kind string) labels.Labels {
	return labels.FromStrings(model.MetricNameLabel, "m_total", "kind", kind)
}

var engine = promql.NewEngine(promql.EngineOpts{
	MaxSamples: 1e9, Timeout: time.Minute, EnableAtModifier: true, EnableNegativeOffset: true,
	Parser: parser.NewParser(parser.Options{EnableExperimentalFunctions: true}),
},
)

type answer struct {
	series map[string]map[int64]float64 // by labels and time
	infos  []string
}

// query evaluates expr from start to end, from whatever src is.
func query(ctx context.Context, t testing.TB, src promstorage.Queryable, expr string, start, end, step int64) answer {
	t.Helper()
	q, err := engine.NewRangeQuery(ctx, src, nil, expr, time.UnixMilli(start), time.UnixMilli(end), time.Duration(step)*time.Millisecond)
	require.NoError(t, err, expr)
	defer q.Close()
	res := q.Exec(ctx)
	require.NoError(t, res.Err, expr)
	m, err := res.Matrix()
	require.NoError(t, err)
	a := answer{series: map[string]map[int64]float64{}}
	for _, s := range m {
		points := map[int64]float64{}
		for _, p := range s.Floats {
			points[p.T] = p.F
		}
		a.series[s.Metric.String()] = points
	}
	_, a.infos = res.Warnings.AsStrings("", 0, 0)
	return a
}

func at(d time.Duration) context.Context {
	return storage.WithMaxResolution(context.Background(), d)
}

// kinds are series of every shape.
func kinds() []series {
	counter := func(step float64, resets ...int64) func(int64) (float64, bool) {
		return func(t int64) (float64, bool) {
			begin := origin
			for _, r := range resets {
				if t >= r {
					begin = r
				}
			}
			return math.Floor(float64(t-begin) / 15000 * step), true
		}
	}
	gauge := func(t int64) (float64, bool) {
		return 100 + 50*math.Sin(float64(t)/1e7) + float64(t/1000%17), true
	}
	return []series{
		{labels: named("plain_total"), at: counter(3)},
		{labels: named("reset_total"), at: counter(7, origin+3*hour+17*minute, origin+3*hour+44*minute, origin+20*hour, origin+30*hour+2*minute+7)},
		{labels: named("gauge"), at: gauge},
		{labels: named("gaps"), at: func(t int64) (float64, bool) {
			v, _ := gauge(t)
			return v, (t-origin)/(7*hour)%2 == 0
		}},
		{labels: named("stale"), at: func(t int64) (float64, bool) {
			v, _ := gauge(t)
			switch in := (t - origin) % (5 * hour); {
			case in < 4*hour+30*minute-15*second:
				return v, true
			case in < 4*hour+30*minute:
				return math.Float64frombits(value.StaleNaN), true
			}
			return 0, false
		}},
		{labels: named("nan"), at: func(t int64) (float64, bool) {
			v, _ := gauge(t)
			if t/hour%3 == 0 {
				v = math.NaN()
			}
			return v, true
		}},
		{labels: named("infinite"), at: func(t int64) (float64, bool) {
			v, _ := gauge(t)
			if t/minute%97 == 0 {
				v = math.Inf(1)
			}
			return v, true
		}},
		{labels: named("short_total"), at: func(t int64) (float64, bool) {
			v, _ := counter(5)(t)
			return v, t > origin+10*hour+20*minute && t < origin+28*hour+50*minute
		}},
		{labels: named("sparse"), at: func(t int64) (float64, bool) {
			v, _ := gauge(t)
			return v, (t-origin)/(15*second)%40 == 0
		}},
	}
}

func dataset(t testing.TB, levels []downsample.Level) *fixture {
	f := open(t, t.TempDir(), levels)
	f.write(origin+1, origin+4*day, 15*second, kinds()...)
	f.compact()
	f.pass()
	return f
}

func close2(a, b, tolerance float64) bool {
	if math.IsNaN(a) || math.IsNaN(b) || math.IsInf(a, 0) || math.IsInf(b, 0) {
		return math.IsNaN(a) == math.IsNaN(b) && (math.IsNaN(a) || a == b)
	}
	return math.Abs(a-b) <= tolerance*math.Max(math.Abs(a), math.Abs(b))+1e-9
}

func diff(want, got answer, tolerance float64) string {
	var b strings.Builder
	for name, points := range want.series {
		for t, v := range points {
			g, ok := got.series[name][t]
			if !ok || !close2(v, g, tolerance) {
				fmt.Fprintf(&b, "%s at %v: want %v, got %v %v\n", name, time.Duration(t-origin)*time.Millisecond, v, g, ok)
			}
		}
	}
	for name, points := range got.series {
		for t, v := range points {
			if _, ok := want.series[name][t]; !ok {
				fmt.Fprintf(&b, "%s at %v: want nothing, got %v\n", name, time.Duration(t-origin)*time.Millisecond, v)
			}
		}
	}
	return b.String()
}

func TestWindowsAnswerAlignedRangesAsSamplesDo(t *testing.T) {
	f := dataset(t, levels())
	all := `m_total`
	tests := []struct {
		expr      string
		tolerance float64
	}{
		{`sum_over_time(` + all + `[1h])`, 1e-12},
		{`sum_over_time(` + all + `[3h])`, 1e-12},
		{`min_over_time(` + all + `[1h])`, 0},
		{`max_over_time(` + all + `[2h])`, 0},
		{`count_over_time(` + all + `[1h])`, 0},
		{`last_over_time(` + all + `[1h])`, 0},
		{`present_over_time(` + all + `[1h])`, 0},
		{`sum by (kind) (` + all + `)`, 0},
		{all, 0},
		{`avg_over_time(m_total{kind!~"gaps|stale|short.+|nan|sparse"}[6h])`, 1e-12},
		{`increase(m_total{kind=~"plain_total|reset_total"}[1h])`, 0.01},
		{`rate(m_total{kind=~"plain_total|reset_total"}[6h])`, 0.002},
		{`rate(m_total{kind="short_total"}[1h])`, 0.15},
		{`delta(m_total{kind="gauge"}[1h] offset 1h)`, 10},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			for _, resolution := range []time.Duration{5 * time.Minute, time.Hour} {
				want := query(t.Context(), t, f.db, tt.expr, origin+6*hour, origin+3*day, hour)
				got := query(at(resolution), t, f.store, tt.expr, origin+6*hour, origin+3*day, hour)
				require.Empty(t, diff(want, got, tt.tolerance), "%v", resolution)
				require.NotEmpty(t, want.series)
				require.Len(t, got.infos, 1)
				require.Contains(t, got.infos[0], "downsampled to "+model.Duration(resolution).String())
			}
		})
	}
}
