package logql_test

import (
	"context"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// spy is a store that remembers the scans it was asked for.
type spy struct {
	storagetest.Memory
	scans      []storage.Scan
	aggregates []storage.Aggregate
}

func (s *spy) Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error) {
	s.aggregates = append(s.aggregates, a)
	return s.Memory.Aggregate(ctx, a)
}

func (s *spy) Scan(ctx context.Context, scan storage.Scan) iter.Seq2[*model.Batch, error] {
	s.scans = append(s.scans, scan)
	return s.Memory.Scan(ctx, scan)
}

func newSpy(t *testing.T) *spy {
	t.Helper()
	s := &spy{}
	bd := model.NewBuilder(model.Logs, 100)
	for i := range 100 {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(fmt.Sprint("a", i%2))}}})
		bd.Row(st, int64(i)*int64(time.Second), fmt.Sprintf("n=%d word", i))
		bd.Attr("http.status", model.Int(int64(200+i%3)))
		bd.Attr("user", model.String(fmt.Sprint("u", i%5)))
	}
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	return s
}

func rangeOf(t *testing.T, src query.EventSource, limits query.Limits, q string, p logql.Params) (*logql.Result, error) {
	t.Helper()
	e, err := logql.Parse(q)
	require.NoError(t, err)
	return logql.NewEngine(src, limits).Range(t.Context(), e, p)
}

func TestQueriesPushDownWhatTheStoreCanDo(t *testing.T) {
	hour := logql.Params{End: int64(time.Hour), Limit: 7}
	metric := logql.Params{Start: int64(50 * time.Second), End: int64(60 * time.Second), Step: 10 * time.Second}
	tests := []struct {
		query   string
		p       logql.Params
		where   string
		project storage.Projection
		reverse bool
		limit   int
		within  model.Range
	}{{
		query: `{app="a0", env!="x", zone="", tier!="", kind=~"a|b"}`, p: hour, reverse: true, limit: 7,
		where: `((stream["app"] = "a0" and not stream["env"] = "x" and (not stream["zone"] exists or stream["zone"] = "") and ` +
			`(stream["tier"] exists and not stream["tier"] = "") and stream["kind"] =~ "^(?s:a|b)$"))`,
		project: storage.Projection{Body: true, EveryAttr: true}, within: model.Range{End: int64(time.Hour)},
	}, {
		query: `{app="a0"} |= "x" != "y" |~ "lit" |~ "(?i)fold" |~ "a|b" |~ "c.d"`, p: hour, reverse: true, limit: 7,
		where: `((stream["app"] = "a0") and body contains "x" and not body contains "y" and body contains "lit" and ` +
			`body contains "FOLD" ignoring case and body =~ "a|b" and body =~ "c.d")`,
		project: storage.Projection{Body: true, EveryAttr: true}, within: model.Range{End: int64(time.Hour)},
	}, {
		query: `{app="a0"} | json |= "x" | line_format "y" |= "z"`, p: hour, reverse: true,
		where:   `((stream["app"] = "a0") and body contains "x")`,
		project: storage.Projection{Body: true, EveryAttr: true}, within: model.Range{End: int64(time.Hour)},
	}, {
		query: `{app="a0"} | user="u1"`, p: hour, reverse: true, limit: 7,
		where:   `((stream["app"] = "a0") and attr["user"] = "u1")`,
		project: storage.Projection{Body: true, EveryAttr: true}, within: model.Range{End: int64(time.Hour)},
	}, {
		query: `stddev_over_time({app="a0"} |= "word" | logfmt | unwrap n [10s] offset 5s) by (http_status)`, p: metric,
		where:  `((stream["app"] = "a0") and body contains "word")`,
		within: model.Range{Start: int64(35*time.Second) + 1, End: int64(55*time.Second) + 1}, project: storage.Projection{Body: true, Attrs: []string{"http.status", "n"}},
	}, {
		query: `sum by (http_status) (rate({app="a0"} |> "<_>word" [10s]))`, p: metric,
		where:  `((stream["app"] = "a0") and (body contains "word"))`,
		within: model.Range{Start: int64(40*time.Second) + 1, End: int64(60*time.Second) + 1}, project: storage.Projection{Body: true, Attrs: []string{"http.status"}},
	}}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			s := newSpy(t)
			_, err := rangeOf(t, s, query.DefaultLimits(), tt.query, tt.p)
			require.NoError(t, err)
			require.Len(t, s.scans, 1)
			got := s.scans[0]
			require.Equal(t, tt.where, got.Where.String())
			require.Equal(t, tt.project, *got.Project)
			require.Equal(t, tt.reverse, got.Reverse)
			require.Equal(t, tt.limit, got.Limit)
			require.Equal(t, tt.within, got.Range)
		})
	}
}

// Attributes keep their own names in the store; labels have legal ones.
func TestAttributesAreLabels(t *testing.T) {
	s := newSpy(t)
	res, err := rangeOf(t, s, query.DefaultLimits(), `{app="a0"} | http_status="201" | user="u2"`, logql.Params{End: int64(time.Hour)})
	require.NoError(t, err)
	require.NotEmpty(t, res.Streams)
	for _, st := range res.Streams {
		require.Equal(t, `{app="a0", http_status="201", user="u2"}`, st.Labels.String())
		require.Equal(t, `{http_status="201", user="u2"}`, st.Entries[0].Metadata.String())
	}
	require.Positive(t, res.Stats.RowsScanned)
}

func TestLimitsNameTheirSetting(t *testing.T) {
	minute := logql.Params{End: int64(time.Minute), Step: time.Second}
	tests := []struct {
		name   string
		limits query.Limits
		query  string
		p      logql.Params
		err    string
	}{
		{"lines", query.Limits{MaxLines: 5}, `{app="a0"}`, logql.Params{End: 1, Limit: 6}, "limit > query.max_lines (6 > 5)"},
		{"rows", query.Limits{MaxLines: 5, MaxRows: 10}, `{app="a0"} | logfmt | line_format "" |= "y"`, minute, "raise query.max_rows"},
		{"memory of lines", query.Limits{MaxMemory: 200}, `{app=~".+"}`, minute, "raise query.max_memory"},
		{"memory of series", query.Limits{MaxMemory: 30}, `count_over_time({app=~".+"} | logfmt [1m])`, minute, "raise query.max_memory"},
		{"series", query.Limits{MaxSeries: 3}, `count_over_time({app=~".+"} | logfmt [1m])`, minute, "maximum number of series (3) reached"},
		{"rows that the store counts", query.Limits{MaxRows: 10}, `count_over_time({app="a0"}[1m])`, minute, "raise query.max_rows"},
		{"series of groups", query.Limits{MaxSeries: 3}, `sum by (user) (count_over_time({app=~".+"}[1m]))`, minute, "maximum number of series (3) reached"},
		{"points", query.Limits{MaxPoints: 30}, `vector(1)`, minute, "query.max_points"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := rangeOf(t, newSpy(t), tt.limits, tt.query, tt.p)
			require.ErrorContains(t, err, tt.err)
			require.ErrorIs(t, err, fault.ErrLimit)
		})
	}
}

func TestQueriesStopWhenTheirTimeIsOver(t *testing.T) {
	e, err := logql.Parse(`{app="a0"}`)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = logql.NewEngine(newSpy(t), query.DefaultLimits()).Range(ctx, e, logql.Params{End: int64(time.Hour)})
	require.ErrorIs(t, err, context.Canceled)

	limits := query.DefaultLimits()
	limits.Timeout = time.Nanosecond
	_, err = rangeOf(t, newSpy(t), limits, `{app="a0"}`, logql.Params{End: int64(time.Hour)})
	require.ErrorIs(t, err, fault.ErrTimeout)
	require.ErrorContains(t, err, "query.timeout")
}

func TestTemplatesThatGoOnForEverFail(t *testing.T) {
	for _, tmpl := range []string{
		`{{ range 1000000000000 }}{{ end }}`,
		`{{ if true }}{{ range $i := 100000 }}{{ range $j := 100000 }}{{ end }}{{ end }}{{ end }}`,
		`{{ define "x" }}{{ if . }}{{ template "x" (slice . 1) }}{{ template "x" (slice . 1) }}{{ end }}{{ end }}{{ template "x" (repeat 60 "y") }}`,
	} {
		res, err := rangeOf(t, newSpy(t), query.DefaultLimits(), fmt.Sprintf("{app=`a0`} | user=`u2` | line_format %q | keep user", tmpl), logql.Params{End: int64(time.Hour)})
		require.NoError(t, err)
		require.Equal(t, "TemplateFormatErr", res.Streams[0].Labels.Get("__error__"))
		require.Contains(t, res.Streams[0].Labels.Get("__error_details__"), "template does more than 10000 steps")
	}
	res, err := rangeOf(t, newSpy(t), query.DefaultLimits(), "{app=`a0`} | user=`u2` | line_format `{{ range $k, $v := . }}{{ $k }}={{ $v }},{{ end }}` | keep user", logql.Params{End: int64(time.Hour), Limit: 1})
	require.NoError(t, err)
	require.Equal(t, "app=a0,http_status=200,user=u2,", strings.ReplaceAll(strings.ReplaceAll(res.Streams[0].Entries[0].Line, "201", "200"), "202", "200"))
}

func TestTemplatesThatWriteTooMuchFail(t *testing.T) {
	for _, tmpl := range []string{
		`{{ repeat 10000000 "xx" }}`, `{{ $x := repeat 1000000 "a" }}{{ replace "a" $x $x }}`, `{{ $x := repeat 1000000 "a" }}{{ Replace $x "" $x -1 }}`,
		`{{ $x := repeat 1000000 "a" }}{{ regexReplaceAll "a" $x $x }}`, `{{ $x := repeat 1000000 "a" }}{{ print $x $x }}`,
		`{{ $x := repeat 1000000 "a" }}{{ printf "%s%s" $x $x }}`, `{{ $x := repeat 1000000 "\n" }}{{ indent 100 $x }}`, `{{ alignLeft 100000000 "x" }}`,
		`{{ $x := repeat 1000000 "a" }}{{ range 100 }}{{ $x }}{{ end }}`,
	} {
		res, err := rangeOf(t, newSpy(t), query.DefaultLimits(), fmt.Sprintf("{app=`a0`} | line_format %q | keep app", tmpl), logql.Params{End: int64(time.Hour), Limit: 1})
		require.NoError(t, err)
		require.Equal(t, "TemplateFormatErr", res.Streams[0].Labels.Get("__error__"), tmpl)
	}
}

func TestExtremeTimesAreHarmless(t *testing.T) {
	s := newSpy(t)
	for _, q := range []string{`count_over_time({app="a0"}[100y])`, `count_over_time({app="a0"}[200y] offset 200y)`, `sum_over_time({app="a0"} | logfmt | unwrap n [200y] offset -200y)`} {
		for _, p := range []logql.Params{
			{Start: math.MinInt64, End: math.MaxInt64, Step: math.MaxInt64},
			{Start: math.MinInt64, End: math.MinInt64},
			{Start: math.MaxInt64, End: math.MaxInt64, Step: 1},
			{Start: 0, End: math.MaxInt64, Step: math.MaxInt64},
			{Start: -1, End: math.MaxInt64, Step: math.MaxInt64 / 2},
		} {
			_, err := rangeOf(t, s, query.DefaultLimits(), q, p)
			require.NoError(t, err)
		}
	}
	_, err := rangeOf(t, s, query.Limits{}, `vector(1)`, logql.Params{Start: math.MinInt64, End: math.MaxInt64, Step: 1})
	require.ErrorIs(t, err, fault.ErrLimit)
}

// Grouping while lines are read gives what grouping afterwards gives.
func TestGroupingIsTheSameEarlyOrLate(t *testing.T) {
	s := newSpy(t)
	p := logql.Params{Start: int64(10 * time.Second), End: int64(90 * time.Second), Step: 7 * time.Second}
	for _, inner := range []string{
		`count_over_time({app=~"a."} | logfmt [20s])`, `rate({app=~"a."}[20s])`, `bytes_over_time({app=~"a."}[13s])`,
		`sum_over_time({app=~"a."} | logfmt | unwrap n [20s])`, `rate({app=~"a."} | logfmt | unwrap n [20s])`,
	} {
		for _, by := range []string{"by (app)", "by (user)", "by ()", "without (user)", "by (n)", "without (n, http_status)"} {
			early, err := rangeOf(t, s, query.DefaultLimits(), "sum "+by+" ("+inner+")", p)
			require.NoError(t, err)
			late, err := rangeOf(t, s, query.DefaultLimits(), "sum "+by+" (("+inner+") + 0)", p)
			require.NoError(t, err)
			require.Len(t, early.Matrix, len(late.Matrix), "%s %s", by, inner)
			for i, want := range late.Matrix {
				got := early.Matrix[i]
				require.Equal(t, want.Labels.String(), got.Labels.String())
				require.Len(t, got.Points, len(want.Points))
				for j := range want.Points {
					require.Equal(t, want.Points[j].Time, got.Points[j].Time)
					require.InDelta(t, want.Points[j].Value, got.Points[j].Value, 1e-9)
				}
			}
		}
	}
}
