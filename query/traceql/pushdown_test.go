package traceql_test

import (
	"context"
	"encoding/json"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/query/traceql/oracletest"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// everything is a store that ignores what it could judge of a query, apart
// from the ids of traces.
type everything struct{ *storagetest.Memory }

func (e everything) Scan(ctx context.Context, s storage.Scan) iter.Seq2[*model.Batch, error] {
	if or, ok := s.Where.(storage.Or); ok && len(or) > 0 {
		if c, ok := or[0].(storage.Compare); ok && c.Field.Place == storage.TraceID {
			return e.Memory.Scan(ctx, s)
		}
	}
	s.Where = nil
	return e.Memory.Scan(ctx, s)
}

// TestPushdownLosesNothing compares each recorded query's answer with that of
// a store which leaves every condition to the engine.
func TestPushdownLosesNothing(t *testing.T) {
	o := oracletest.Load(t, oracleBase)
	store := recordedSpans(t, o)
	pushed := traceql.NewEngine(store, query.DefaultLimits())
	plain := traceql.NewEngine(everything{store}, query.DefaultLimits())
	r := model.RangeOf(oracleBase, oracleBase.Add(oracletest.Window+1))
	scanned, possible := int64(0), int64(0)
	for id, q := range o.Queries() {
		parsed := mustParse(t, q)
		t.Run(id, func(t *testing.T) {
			if parsed.Search != nil {
				want, err := plain.Search(t.Context(), traceql.SearchRequest{Query: parsed, Range: r})
				require.NoError(t, err)
				got, err := pushed.Search(t.Context(), traceql.SearchRequest{Query: parsed, Range: r})
				require.NoError(t, err)
				require.Equal(t, want.Traces, got.Traces, q)
				scanned += int64(got.Inspected)
				possible += int64(want.Inspected)
				return
			}
			req := traceql.MetricsRequest{Query: parsed, Start: r.Start, End: r.End - 1, Step: 300e9}
			want, err := plain.Metrics(t.Context(), req)
			require.NoError(t, err)
			got, err := pushed.Metrics(t.Context(), req)
			require.NoError(t, err)
			wantText, err := json.Marshal(seriesText(want))
			require.NoError(t, err)
			gotText, err := json.Marshal(seriesText(got))
			require.NoError(t, err)
			require.JSONEq(t, string(wantText), string(gotText), q)
		})
	}
	require.Less(t, scanned, possible/4, "the planner hands hardly anything to storage")
}

func seriesText(r *traceql.MetricsResult) map[string][]string {
	out := map[string][]string{}
	for _, s := range r.Series {
		for i, p := range s.Points {
			if p == p {
				out[labelsText(s.Labels)] = append(out[labelsText(s.Labels)], pointText(r.Times[i], p))
			}
		}
	}
	return out
}
