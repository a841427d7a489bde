package promql

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/tsdbutil"
	"github.com/prometheus/prometheus/util/teststorage"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage/metric/bulk"
	"github.com/oriel-obs/oriel/storage/metric/downsample"
)

func TestBuiltinScriptsPassWithFolding(t *testing.T) {
	e := newEngine(t, Options{Limits: query.DefaultLimits()})
	e.Engine = promqltest.NewTestEngineWithOpts(t, options(query.DefaultLimits(), parser.NewParser(promqltest.TestParserOpts)))
	promqltest.RunBuiltinTests(scripts{t, func(name string) bool { return !slices.Contains(behindFlags, name) }}, e)
}

// zooEnd is when the last series of the zoo end, in ms.
const zooEnd = 2 * 3600_000

// zoo has series of every kind for two hours from moment 0. One has samples that
// came late.
func zoo(t testing.TB, r *rand.Rand, options ...teststorage.Option) *teststorage.TestStorage {
	db := teststorage.New(t, append(options, func(o *tsdb.Options) { o.OutOfOrderTimeWindow = 2 * zooEnd })...)
	type kind struct {
		name  string
		value func(before float64) float64
	}
	odd := []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Float64frombits(value.StaleNaN), 0, -1, 1e308}
	counter := func(v float64) float64 {
		if r.IntN(40) == 0 {
			return r.Float64()
		}
		return v + r.Float64()*math.Pow(10, float64(r.IntN(4)))
	}
	kinds := []kind{
		{"steady_total", counter},
		{"counted", counter},
		{"calls_total", func(v float64) float64 {
			if r.IntN(25) == 0 {
				return math.Float64frombits(value.StaleNaN)
			}
			if math.IsNaN(v) {
				v = 0
			}
			return counter(v)
		}},
		{"heat", func(float64) float64 { return r.NormFloat64() * 1e3 }},
		{"odd", func(float64) float64 {
			if r.IntN(3) == 0 {
				return odd[r.IntN(len(odd))]
			}
			return r.NormFloat64()
		}},
		{"phase", func(float64) float64 { return float64(r.IntN(2)) }},
	}
	type appended struct {
		ls labels.Labels
		t  int64
		v  float64
	}
	var all []appended
	every := func(ls labels.Labels, from, to int64, f func(float64) float64) {
		v := 0.0
		for at := from; at < to; at += 15_000 {
			if r.IntN(30) == 0 {
				at += int64(r.IntN(8)) * 60_000 // a gap
			}
			v = f(v)
			all = append(all, appended{ls, at + int64(r.IntN(3)), v})
		}
	}
	const end = int64(zooEnd)
	for _, k := range kinds {
		for host := range 4 {
			for cpu := range 3 {
				from, to := int64(0), end
				if r.IntN(3) == 0 {
					from = r.Int64N(end)
				}
				if r.IntN(3) == 0 {
					to = from + r.Int64N(end)
				}
				ls := labels.FromStrings("__name__", k.name, "job", fmt.Sprint("job", host%2), "host", fmt.Sprint("h", host), "cpu", fmt.Sprint(cpu))
				if cpu == 2 {
					ls = labels.NewBuilder(ls).Set("node", "own").Labels()
				}
				every(ls, from, min(to, end), k.value)
			}
		}
	}
	one := func(float64) float64 { return 1 }
	for host := range 4 {
		name := fmt.Sprint("h", host)
		moved := end
		if host%2 == 0 {
			moved = end / 2
			every(labels.FromStrings("__name__", "node_info", "host", name, "node", "later"+name), moved+600_000, end, one)
		}
		every(labels.FromStrings("__name__", "node_info", "host", name, "node", "n"+name), 0, moved, one)
		every(labels.FromStrings("__name__", "node_twice", "host", name, "node", "a"), 0, end, one)
		every(labels.FromStrings("__name__", "node_twice", "host", name, "node", "b"), end/2, end, one)
	}
	for i := range all { // in order of time for each series only
		app := db.Appender(t.Context())
		_, err := app.Append(0, all[i].ls, all[i].t, all[i].v)
		require.NoError(t, err)
		require.NoError(t, app.Commit())
	}
	for i := range 200 {
		app := db.Appender(t.Context())
		at := int64(i) * 30_000
		for _, name := range []string{"native", "both_total"} {
			ls := labels.FromStrings("__name__", name, "job", "job0", "host", "h0", "cpu", "0")
			if name == "both_total" && i < 100 {
				_, err := app.Append(0, ls, at, float64(i))
				require.NoError(t, err)
				continue
			}
			h := tsdbutil.GenerateTestHistogram(int64(i))
			_, err := app.AppendHistogram(0, ls, at, h, nil)
			require.NoError(t, err)
		}
		require.NoError(t, app.Commit())
	}
	for i := range 100 {
		app := db.Appender(t.Context())
		_, err := app.Append(0, labels.FromStrings("__name__", "heat", "job", "job1", "host", "h1", "cpu", "1"), int64(i)*45_000+7_000, float64(i))
		require.NoError(t, err)
		require.NoError(t, app.Commit())
	}
	return db
}

// A poet writes queries.
type poet struct{ *rand.Rand }

func (p poet) one(of ...string) string { return of[p.IntN(len(of))] }

func (p poet) metric() string {
	return p.one("steady_total", "counted", "calls_total", "heat", "odd", "phase", "native", "both_total", "steady_total", "calls_total", "heat")
}

func (p poet) selector() string {
	s := p.metric()
	switch p.IntN(8) {
	case 0:
		s += `{host="h1"}`
	case 1:
		s += `{host=~"h[12]",cpu!="1"}`
	case 2:
		s = `{__name__=~"heat|phase"}`
	case 3:
		s = `{job="job0"}`
	case 4:
		s += `{host="nowhere"}`
	}
	return s
}

func (p poet) offset() string {
	return p.one("", "", "", " offset 7m", " offset -3m", " offset 1h", " @ 3600", " @ end()")
}

func (p poet) ranged() string {
	f := p.one("rate", "rate", "increase", "delta", "irate", "idelta", "sum_over_time", "avg_over_time", "min_over_time", "max_over_time",
		"count_over_time", "last_over_time", "present_over_time", "stddev_over_time", "stdvar_over_time", "first_over_time", "changes",
		"resets", "deriv", "absent_over_time")
	return fmt.Sprintf("%s(%s[%s]%s)", f, p.selector(), p.one("5m", "1m", "15s", "7m13s", "40m", "1ms"), p.offset())
}

func (p poet) vector(depth int) string {
	if depth == 0 {
		if p.IntN(2) == 0 {
			return p.selector() + p.offset()
		}
		return p.ranged()
	}
	switch p.IntN(8) {
	case 0:
		return fmt.Sprintf("%s %s %s", p.vector(depth-1), p.arithmetic(), p.number())
	case 1:
		return fmt.Sprintf("%s %s (%s)", p.number(), p.arithmetic(), p.vector(depth-1))
	case 2, 3:
		return fmt.Sprintf("(%s) %s %s (%s)", p.vector(depth-1), p.arithmetic(), p.matching(), p.vector(0))
	case 4:
		return fmt.Sprintf("(%s) * on (host) group_left (%s) %s", p.vector(0), p.one("node", ""), p.one("node_info", "node_twice", "avg by (host, node) (node_info)"))
	case 5:
		return fmt.Sprintf("%s((%s)[%s:%s]%s)", p.one("max_over_time", "sum_over_time", "rate", "last_over_time"), p.vector(depth-1),
			p.one("10m", "3m7s", "1h"), p.one("", "1m", "45s"), p.one("", "", " offset 5m"))
	default:
		return p.aggregate(depth - 1)
	}
}

func (p poet) arithmetic() string {
	return p.one("+", "-", "*", "/", "%", "^", "atan2", "==", "!=", ">", "<", ">=", "<=", "== bool", "> bool")
}

func (p poet) number() string { return p.one("1", "0", "-2.5", "NaN", "Inf", "(3)") }

func (p poet) matching() string {
	return p.one("", "on (host, cpu)", "ignoring (node)", "on (host) group_left", "on (host) group_left (node)", "on (host) group_right (node, cpu)",
		"ignoring (cpu, node) group_left", "on (host, job) group_right", "ignoring (host) group_left (host)")
}

func (p poet) aggregate(depth int) string {
	op := p.one("sum", "sum", "sum", "avg", "avg", "count", "min", "max", "group", "stddev", "stdvar")
	by := p.one("", "by (host)", "by (job, cpu)", "without (cpu)", "without (host, job)", "by (__name__)", "by (nothing, host)", "by ()", "without ()", "by (node)")
	return fmt.Sprintf("%s %s (%s)", op, by, p.vector(depth))
}

func (p poet) query() string {
	q := p.aggregate(p.IntN(3))
	switch p.IntN(12) {
	case 0:
		return "topk(2, " + p.aggregate(0) + ")"
	case 1:
		return "absent(" + q + ")"
	case 2:
		return "timestamp(" + q + ")"
	case 3:
		return q + " / " + p.aggregate(0)
	case 4:
		return "-" + q
	case 5:
		return fmt.Sprintf("label_replace(%s, \"x\", \"$1\", \"host\", \"(.*)\")", q)
	case 6:
		// The engine takes what is @ in a parameter to be so at the first step only, and
		// reads on from there in samples that storage was not asked for.
		of := p.aggregate(0)
		for strings.Contains(of, "@") {
			of = p.aggregate(0)
		}
		return "quantile(scalar(" + of + "), heat)"
	case 7:
		return p.vector(2)
	}
	return q
}

// ordered says that the engine adds floats in the same order each time. What
// comes out of an operator between vectors, or functions like label_replace, it
// has in an order that changes.
func ordered(q string) bool {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(q)
	if err != nil {
		return false
	}
	yes := true
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		below := slices.ContainsFunc(path, func(p parser.Node) bool {
			switch p.(type) {
			case *parser.AggregateExpr, *parser.SubqueryExpr:
				return true
			}
			return false
		})
		switch n := n.(type) {
		case *parser.BinaryExpr:
			yes = yes && !below
		case *parser.Call:
			yes = yes && (!below || strings.HasSuffix(n.Func.Name, "_over_time") || slices.Contains([]string{"rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv"}, n.Func.Name))
		}
		return nil
	})
	return yes
}

func same(a, b float64, exactly bool) bool {
	if math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b) {
		return true
	}
	if exactly {
		return false
	}
	return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) || math.Abs(a-b) < 1e-9
}

func notes(res *promql.Result) []string {
	var all []string
	for _, note := range res.Warnings.AsErrors() {
		all = append(all, note.Error())
	}
	slices.Sort(all)
	return all
}

var aSeries = regexp.MustCompile(`[a-z_]*\{[^}]*\}`)

func compare(t *testing.T, q string, want, got *promql.Result, exactly bool) {
	t.Helper()
	if want.Err != nil {
		text := func(err error) string { return aSeries.ReplaceAllString(err.Error(), "{}") } // whichever is found first
		require.Error(t, got.Err, q)
		require.Equal(t, text(want.Err), text(got.Err), q)
		return
	}
	require.NoError(t, got.Err, q)
	require.Equal(t, notes(want), notes(got), q)
	var a, b promql.Matrix
	switch v := want.Value.(type) {
	case promql.Matrix:
		a, b = v, got.Value.(promql.Matrix)
	case promql.Vector:
		for _, s := range v {
			a = append(a, promql.Series{Metric: s.Metric, Floats: []promql.FPoint{{T: s.T, F: s.F}}, Histograms: []promql.HPoint{{T: s.T, H: s.H}}})
		}
		for _, s := range got.Value.(promql.Vector) {
			b = append(b, promql.Series{Metric: s.Metric, Floats: []promql.FPoint{{T: s.T, F: s.F}}, Histograms: []promql.HPoint{{T: s.T, H: s.H}}})
		}
	default:
		require.Equal(t, want.Value, got.Value, q)
		return
	}
	if !exactly {
		byLabels := func(x, y promql.Series) int { return labels.Compare(x.Metric, y.Metric) }
		slices.SortFunc(a, byLabels)
		slices.SortFunc(b, byLabels)
	}
	require.Len(t, b, len(a), q)
	for i := range a {
		require.Equal(t, a[i].Metric.String(), b[i].Metric.String(), q)
		require.Equal(t, a[i].Histograms, b[i].Histograms, q)
		require.Len(t, b[i].Floats, len(a[i].Floats), "%s: %s", q, a[i].Metric)
		for k, p := range a[i].Floats {
			require.Equal(t, p.T, b[i].Floats[k].T, q)
			require.True(t, same(p.F, b[i].Floats[k].F, exactly), "%s: %s at %d: %v, not %v", q, a[i].Metric, p.T, b[i].Floats[k].F, p.F)
		}
	}
}

func seedOfRun() uint64 {
	if v, err := strconv.ParseUint(os.Getenv("FOLD_SEED"), 10, 64); err == nil {
		return v
	}
	return 1
}

func TestFoldedQueriesAnswerAsTheEngineDoes(t *testing.T) {
	for name, change := range map[string]func(*testing.T, *teststorage.TestStorage){
		"samples in memory": func(*testing.T, *teststorage.TestStorage) {},
		"samples in a block": func(t *testing.T, db *teststorage.TestStorage) {
			require.NoError(t, db.CompactHead(tsdb.NewRangeHead(db.Head(), 0, zooEnd-1)))
			require.NoError(t, db.CompactOOOHead(t.Context()))
		},
		"samples in both": func(t *testing.T, db *teststorage.TestStorage) {
			require.NoError(t, db.CompactHead(tsdb.NewRangeHead(db.Head(), 0, zooEnd/2-1)))
			require.Len(t, db.Blocks(), 1)
		},
		"samples in blocks that overlap": func(t *testing.T, db *teststorage.TestStorage) {
			for i := range int64(3) {
				require.NoError(t, db.CompactHead(tsdb.NewRangeHead(db.Head(), i*zooEnd/4, (i+1)*zooEnd/4-1)))
			}
			require.NoError(t, db.CompactOOOHead(t.Context()))
			require.Len(t, db.Blocks(), 4)
		},
	} {
		t.Run(name, func(t *testing.T) { testFolded(t, change) })
	}
}

// testFolded compares what the engine makes of samples that tsdb reads with what
// folding makes of those that are read as in a server, of a store to which the same
// was done. Of some series a quarter of an hour is deleted.
func testFolded(t *testing.T, change func(*testing.T, *teststorage.TestStorage)) {
	seed := seedOfRun()
	p := poet{rand.New(rand.NewPCG(seed, 0))}
	animals := func() *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }
	plain := zoo(t, animals())
	db := zoo(t, animals(), func(o *tsdb.Options) { o.BlockQuerierFunc = bulk.Querier })
	for _, s := range []*teststorage.TestStorage{plain, db} {
		change(t, s)
		require.NoError(t, s.Delete(t.Context(), 2_700_000, 3_600_000, labels.MustNewMatcher(labels.MatchRegexp, "host", "h[23]"), labels.MustNewMatcher(labels.MatchEqual, "cpu", "1")))
	}
	fast, err := downsample.Open(downsample.Options{Dir: t.TempDir(), DB: db.DB, Log: promslog.NewNopLogger()})
	require.NoError(t, err)
	defer func() { require.NoError(t, fast.Close()) }()
	ours := newEngine(t, Options{Limits: query.DefaultLimits()})
	n := 500
	if testing.Short() {
		n = 100
	}
	asked, failed, answered := 0, 0, 0
	defer func() {
		t.Logf("%d queries, %d failed, %d with values; %v parts folded, %v unfit", asked, failed, answered, testutil.ToFloat64(ours.folds.folded), testutil.ToFloat64(ours.folds.unfit))
	}()
	for range n {
		q := p.query()
		if _, err := ours.Parser.ParseExpr(q); err != nil {
			continue
		}
		start := time.Unix(p.Int64N(7000), p.Int64N(2)*5e8)
		end := start.Add(time.Duration(p.Int64N(3600)) * time.Second)
		step := time.Duration(p.Int64N(600)+1) * time.Second
		opts := promql.NewPrometheusQueryOpts(false, []time.Duration{0, 0, time.Minute, 20 * time.Second}[p.IntN(4)])
		name := fmt.Sprintf("%s from %d to %d each %s", q, start.UnixMilli(), end.UnixMilli(), step)

		instant := func(e promql.QueryEngine, db promstorage.Queryable, at time.Time) promql.Query {
			x, err := e.NewInstantQuery(t.Context(), &source{db}, opts, q, at)
			require.NoError(t, err, q)
			t.Cleanup(x.Close)
			return x
		}
		theirs, folded := instant(ours.Engine, plain, start), instant(ours, fast, start)
		// Only subqueries are evaluated at more than one step.
		compare(t, "at a moment: "+name, theirs.Exec(t.Context()), folded.Exec(t.Context()), ordered(q) || !strings.Contains(q, ":"))

		ranged := func(e promql.QueryEngine, db promstorage.Queryable) promql.Query {
			x, err := e.NewRangeQuery(t.Context(), &source{db}, opts, q, start, end, step)
			require.NoError(t, err, q)
			t.Cleanup(x.Close)
			return x
		}
		theirs, folded = ranged(ours.Engine, plain), ranged(ours, fast)
		want := theirs.Exec(t.Context())
		asked++
		if want.Err != nil {
			failed++
		} else if m := want.Value.(promql.Matrix); len(m) > 0 {
			answered++
		}
		compare(t, name, want, folded.Exec(t.Context()), ordered(q))
		if want.Err == nil {
			require.Equal(t, theirs.Stats().Samples.TotalSamples, folded.Stats().Samples.TotalSamples, "samples of "+name)
			if !strings.Contains(q, ":") {
				require.Equal(t, theirs.Stats().Samples.SamplesRead, folded.Stats().Samples.SamplesRead, "samples read of "+name)
			}
		}
	}
}

// A witness notes what is asked of a store.
type witness struct {
	promstorage.Queryable
	asked map[string]bool
}

func (w witness) Querier(mint, maxt int64) (promstorage.Querier, error) {
	w.asked[fmt.Sprint("from ", mint, " to ", maxt)] = true
	q, err := w.Queryable.Querier(mint, maxt)
	return witnessed{q, w.asked}, err
}

type witnessed struct {
	promstorage.Querier
	asked map[string]bool
}

func (w witnessed) Select(ctx context.Context, sorted bool, h *promstorage.SelectHints, ms ...*labels.Matcher) promstorage.SeriesSet {
	w.asked[fmt.Sprintf("%v %v %+v", ms, sorted, *h)] = true
	return w.Querier.Select(ctx, sorted, h, ms...)
}

func TestStorageIsAskedAsTheEngineAsksIt(t *testing.T) {
	p := poet{rand.New(rand.NewPCG(seedOfRun(), 1))}
	e := newEngine(t, Options{Limits: query.DefaultLimits()})
	for range 1000 {
		q := p.query()
		if _, err := e.Parser.ParseExpr(q); err != nil {
			continue
		}
		start, step := time.UnixMilli(p.Int64N(7e6)), time.Duration(p.Int64N(600)+1)*time.Second
		end := start.Add(time.Duration(p.Int64N(20)) * step)
		asked := func(e promql.QueryEngine, instant bool) map[string]bool {
			w := witness{nothing{}, map[string]bool{}}
			x, err := e.NewRangeQuery(t.Context(), &source{w}, nil, q, start, end, step)
			if instant {
				x, err = e.NewInstantQuery(t.Context(), &source{w}, nil, q, start)
			}
			require.NoError(t, err, q)
			defer x.Close()
			require.NoError(t, x.Exec(t.Context()).Err, q)
			return w.asked
		}
		require.Equal(t, asked(e.Engine, false), asked(e, false), q)
		require.Equal(t, asked(e.Engine, true), asked(e, true), q)
	}
}

func TestFoldingIsWithinTheLimitsOfTheQuery(t *testing.T) {
	db := zoo(t, rand.New(rand.NewPCG(1, 2)))
	limits := query.DefaultLimits()
	limits.MaxSamples = 100
	e := newEngine(t, Options{Limits: limits})
	ask := func(ctx context.Context, q string) *promql.Result {
		x, err := e.NewRangeQuery(t.Context(), db, nil, q, time.Unix(0, 0), time.Unix(3600, 0), time.Minute)
		require.NoError(t, err)
		t.Cleanup(x.Close)
		return x.Exec(ctx)
	}
	require.Equal(t, promql.ErrTooManySamples("query execution"), ask(t.Context(), "sum by (cpu) (heat)").Err)
	require.Equal(t, 0.0, testutil.ToFloat64(e.folds.unfit))
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var canceled promql.ErrQueryCanceled
	require.ErrorAs(t, ask(gone, "sum(heat)").Err, &canceled)
}

func TestOnlyWhatFitsIsFolded(t *testing.T) {
	db := zoo(t, rand.New(rand.NewPCG(1, 2)))
	for q, want := range map[string][2]float64{
		"sum(rate(steady_total[5m]))":                                   {1, 0},
		"sum(heat) / sum(heat)":                                         {2, 0},
		"topk(1, sum by (host) (heat))":                                 {1, 0},
		"heat * on (host) group_left (node) node_info{host=~\"h[13]\"}": {1, 0},
		"max_over_time(sum(heat)[10m:1m])":                              {1, 0},
		"heat":                                                          {0, 0},
		"sum(heat @ 100)":                                               {0, 0},
		"quantile(0.5, heat)":                                           {0, 0},
		"sum(abs(heat))":                                                {0, 0},
		`sum(rate({job="job0"}[5m]))`:                                   {0, 0},
		"sum(native)":                                                   {0, 1},
		"sum(rate(both_total[10m]))":                                    {0, 1},
		"count(heat * on (host) group_left (node) node_twice)":          {0, 1},
		"sum(heat) + sum(native)":                                       {1, 1},
	} {
		e := newEngine(t, Options{Limits: query.DefaultLimits()})
		x, err := e.NewRangeQuery(t.Context(), db, nil, q, time.Unix(2700, 0), time.Unix(4500, 0), time.Minute)
		require.NoError(t, err)
		x.Exec(t.Context())
		x.Close()
		require.Equal(t, want, [2]float64{testutil.ToFloat64(e.folds.folded), testutil.ToFloat64(e.folds.unfit)}, q)
	}
	o := Options{Limits: query.DefaultLimits()}
	o.Config.NoFolding = true
	e := newEngine(t, o)
	x, err := e.NewRangeQuery(t.Context(), db, nil, "sum(heat)", time.Unix(2700, 0), time.Unix(4500, 0), time.Minute)
	require.NoError(t, err)
	require.NoError(t, x.Exec(t.Context()).Err)
	x.Close()
	require.Equal(t, 0.0, testutil.ToFloat64(e.folds.folded))
}
