package scope_test

import (
	"context"
	"net/url"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

func TestSomebodyDeletesWhatTheySee(t *testing.T) {
	for _, v := range viewers() {
		w := newWorld(t, all, true)
		d := scope.Deleter(w.events)
		ctx := auth.With(t.Context(), v.id)
		for _, signal := range []model.Signal{model.Logs, model.Spans} {
			_, err := d.Delete(ctx, storage.DeleteRequest{Signal: signal, Range: model.AllTime()})
			require.NoError(t, err)
		}
		left := newWorld(t, func(p place) bool { return !v.sees(p) }, true)
		for path, params := range map[string]url.Values{
			"/oriel/api/v1/logs/query": {"query": {`{namespace=~".+"}`}, "start": {startNs}, "end": {endNs}, "limit": {"1000"}},
			"/tempo/api/search":        {"q": {"{}"}, "start": {startS}, "end": {endS}, "limit": {"1000"}, "spss": {"100"}},
		} {
			_, got := w.ask(t, nil, path, params)
			_, want := left.ask(t, nil, path, params)
			require.Equal(t, want, got, v.name)
		}

		other := &auth.Identity{Tenants: []string{"c"}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}
		require.Len(t, d.Deletes(t.Context()), len(d.Deletes(ctx)))
		require.Empty(t, d.Deletes(auth.With(t.Context(), other)), "what others delete is theirs to know")
	}
}

func TestThereIsNothingToDeleteWithWhereThatIsNotAllowed(t *testing.T) {
	require.Nil(t, scope.Deleter(nil))
}

func TestSelectorsAreNarrowedToWhatIsSeen(t *testing.T) {
	up := []*labels.Matcher{labels.MustNewMatcher(labels.MatchEqual, "__name__", "up")}
	require.Nil(t, scope.Selectors(t.Context(), nil))
	require.Equal(t, [][]*labels.Matcher{up}, scope.Selectors(t.Context(), [][]*labels.Matcher{up}))

	ctx := auth.With(t.Context(), shopOnly(auth.Metrics))
	require.Len(t, scope.Selectors(ctx, nil), 1)
	require.Equal(t, `namespace="shop"`, scope.Selectors(ctx, nil)[0][0].String())
	require.Len(t, scope.Selectors(ctx, [][]*labels.Matcher{up})[0], 2)

	nothing := scope.Selectors(auth.With(t.Context(), &auth.Identity{}), nil)
	require.NotNil(t, nothing)
	require.Empty(t, nothing)
}

// Whatever somebody selects, they get rows and series of their own alone, and
// none of them says whose it is.
func FuzzSelectors(f *testing.F) {
	for _, s := range []string{`{namespace="bank"}`, `{__tenant_id__="b"}`, `{__tenant_id__!="a"}`, `{namespace=~".*",__tenant_id__=~"a|b"}`, `{a="b"} |= "x" or "y"`, `up`} {
		f.Add(s)
	}
	whole := newWorld(f, all, true)
	rows, series := scope.Events(whole.events), scope.Metrics(whole.metrics)
	id := &auth.Identity{Tenants: []string{"a"}, Grants: []auth.Grant{{Scopes: []auth.Scope{auth.QueryMetrics, auth.QueryLogs, auth.QueryTraces}, Selectors: shopOnly(auth.Metrics, auth.Logs, auth.Traces).Grants[0].Selectors}}}
	f.Fuzz(func(t *testing.T, text string) {
		ctx := auth.With(context.Background(), id)
		check := func(signal model.Signal, where storage.Predicate) {
			for b, err := range rows.Scan(ctx, storage.Scan{Signal: signal, Range: model.AllTime(), Where: where}) {
				require.NoError(t, err)
				for i := range b.Len() {
					require.Equal(t, "shop", b.Stream(i).Attr("namespace").Str())
					require.True(t, b.Stream(i).Attr(auth.TenantLabel).IsNone())
					for _, c := range b.Attrs {
						if c.Key == "of_shop" {
							require.Equal(t, "a", c.Vals[0].Str())
						}
					}
				}
			}
		}
		if where, err := logql.ParsePredicate(text); err == nil {
			check(model.Logs, where)
		}
		if where, err := traceql.ParsePredicate(text); err == nil {
			check(model.Spans, where)
		}
		ms, err := parser.NewParser(parser.Options{}).ParseMetricSelector(text)
		if err != nil {
			return
		}
		q, err := series.Querier(start.UnixMilli(), end.UnixMilli())
		require.NoError(t, err)
		defer q.Close()
		set := q.Select(ctx, false, nil, ms...)
		for set.Next() {
			ls := set.At().Labels()
			require.Equal(t, "shop", ls.Get("namespace"))
			require.NotEqual(t, "only_of_b_shop", ls.Get("__name__"))
			require.False(t, ls.Has(auth.TenantLabel))
		}
		require.NoError(t, set.Err())
	})
}
