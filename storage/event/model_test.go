package event_test

import (
	"log/slog"
	"math"
	"regexp"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// TestRandomOperations compares the store with a plain list over random
// appends, flushes, restarts and scans.
func TestRandomOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := event.DefaultConfig()
		cfg.Dir, cfg.FS, cfg.Retention = "data", vfs.NewMem(), 0
		cfg.FlushRows = rapid.IntRange(1, 300).Draw(t, "flush rows")
		reopen := func() *event.Store {
			s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			require.NoError(t, err)
			return s
		}
		s := reopen()
		defer func() { require.NoError(t, s.Close()) }()
		m := new(storagetest.Memory)
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				b := randomBatch(t)
				for _, st := range s.Status(t.Context()) {
					if st.HeadRows >= cfg.FlushRows { // nothing runs that would make room
						require.NoError(t, s.Flush(t.Context()))
					}
				}
				require.NoError(t, m.Append(t.Context(), copyOf(b)))
				require.NoError(t, s.Append(t.Context(), b))
			},
			"flush": func(t *rapid.T) {
				require.NoError(t, s.Flush(t.Context()))
			},
			"restart": func(t *rapid.T) {
				require.NoError(t, s.Close())
				s = reopen()
			},
			"scan": func(t *rapid.T) {
				sc := randomScan(t)
				want, got := storagetest.Rows(t, m, sc), storagetest.Rows(t, s, sc)
				if d := storagetest.Diff(want, got); d != "" {
					t.Fatalf("scan where %v: %+v (-want +got):\n%s", sc.Where, sc, d)
				}
			},
			"catalogue": func(t *rapid.T) {
				sc := randomScan(t)
				f := randomField(t)
				r := storage.ValuesRequest{Signal: sc.Signal, Range: model.AllTime(), Where: sc.Where, Field: f}
				want, err := m.Values(t.Context(), r)
				require.NoError(t, err)
				got, err := s.Values(t.Context(), r)
				require.NoError(t, err)
				require.Equal(t, want, got, "values of %v where %v", f, sc.Where)
				place := rapid.SampledFrom([]storage.Place{storage.Stream, storage.ScopeAttr, storage.Attr, storage.EventAttr, storage.LinkAttr}).Draw(t, "place")
				k := storage.KeysRequest{Signal: sc.Signal, Range: model.AllTime(), Where: sc.Where, Place: place}
				wantKeys, err := m.Keys(t.Context(), k)
				require.NoError(t, err)
				gotKeys, err := s.Keys(t.Context(), k)
				require.NoError(t, err)
				require.Equal(t, wantKeys, gotKeys, "keys of %v where %v", place, sc.Where)
			},
		})
	})
}

func copyOf(b *model.Batch) *model.Batch {
	bd := model.NewBuilder(b.Signal, b.Len())
	for i := range b.Len() {
		st := bd.Stream(b.Stream(i))
		if b.Signal == model.Spans {
			bd.Span(st, b.SpanAt(i))
		} else {
			bd.Row(st, b.Time[i], b.Body[i])
		}
		for _, c := range b.Attrs {
			bd.Attr(c.Key, c.At(i))
		}
	}
	return bd.Batch()
}

var (
	someTime = rapid.OneOf(
		rapid.Int64Range(1_700_000_000_000_000_000, 1_700_000_000_000_000_020),
		rapid.Map(rapid.Int64Range(-3, 3), func(d int64) int64 { return 1_700_006_400_000_000_000 + d }), // midnight
		rapid.SampledFrom([]int64{0, -1, math.MinInt64 / 2, 4_102_444_800_000_000_000}),
	)
	someText = rapid.SampledFrom([]string{"", "a", "ab", "abc", "error: timeout", "Error: Timeout", "ünïcödé", "\xff\x00", `{"k":"v"}`})
	someKey  = rapid.SampledFrom([]string{"app", "level", "k1", "k2", "k3", "k4", "", "with.dot", "ü"})
)

func someValue(t *rapid.T) model.Value {
	return rapid.OneOf(
		rapid.Map(someText, model.String),
		rapid.Map(rapid.Int64Range(-2, 2), model.Int),
		rapid.Map(rapid.SampledFrom([]float64{0, -1.5, math.NaN(), math.Inf(1), math.Copysign(0, -1)}), model.Float),
		rapid.Map(rapid.Bool(), model.Bool),
		rapid.Map(someText, model.Bytes),
		rapid.Just(model.Array(`["a",1]`)), rapid.Just(model.Map(`{"k":1}`)),
	).Draw(t, "value")
}

func someAttrs(t *rapid.T) []model.Attr {
	var out []model.Attr
	for range rapid.IntRange(0, 3).Draw(t, "attrs") {
		out = append(out, model.Attr{Key: someKey.Draw(t, "key"), Value: someValue(t)})
	}
	return model.SortAttrs(out)
}

func randomBatch(t *rapid.T) *model.Batch {
	sig := rapid.SampledFrom([]model.Signal{model.Logs, model.Spans}).Draw(t, "signal")
	rows := rapid.IntRange(1, 20).Draw(t, "rows")
	bd := model.NewBuilder(sig, rows)
	byte1 := func() byte { return rapid.Byte().Draw(t, "byte") % 4 }
	for range rows {
		st := bd.Stream(&model.Stream{Attrs: someAttrs(t)})
		at, text := someTime.Draw(t, "time"), someText.Draw(t, "text")
		if sig == model.Logs {
			bd.Row(st, at, text)
		} else {
			sp := model.Span{
				TraceID: model.TraceID{0: byte1(), 15: byte1()}, SpanID: model.SpanID{7: byte1()}, ParentID: model.SpanID{7: byte1()},
				Name: text, Kind: model.SpanKind(byte1()), Status: model.StatusCode(byte1() % 3), Start: at,
				Duration: rapid.Int64Range(0, 5).Draw(t, "duration"), TraceState: someText.Draw(t, "state"), Flags: math.MaxUint32,
				StatusMessage: someText.Draw(t, "message"), DroppedAttrs: uint32(byte1()),
			}
			for range byte1() % 3 {
				sp.Events = append(sp.Events, model.Event{Time: someTime.Draw(t, "event"), Name: someText.Draw(t, "name"), Attrs: someAttrs(t)})
				sp.Links = append(sp.Links, model.Link{TraceID: model.TraceID{15: byte1()}, SpanID: model.SpanID{7: byte1()}, Attrs: someAttrs(t)})
			}
			bd.Span(st, sp)
		}
		for _, a := range someAttrs(t) {
			bd.Attr(a.Key, a.Value)
		}
	}
	return bd.Batch()
}

func randomField(t *rapid.T) storage.Field {
	f := storage.Field{Place: storage.Place(rapid.IntRange(int(storage.Body), int(storage.LinkAttr)).Draw(t, "place"))}
	switch f.Place {
	case storage.Stream, storage.Attr, storage.ScopeAttr, storage.EventAttr, storage.LinkAttr:
		f.Key = someKey.Draw(t, "key")
	}
	return f
}

func randomPredicate(t *rapid.T, depth int) storage.Predicate {
	kinds := 4
	if depth > 0 {
		kinds = 7
	}
	several := func() (out []storage.Predicate) {
		for range rapid.IntRange(0, 3).Draw(t, "operands") {
			out = append(out, randomPredicate(t, depth-1))
		}
		return out
	}
	switch rapid.IntRange(1, kinds).Draw(t, "predicate") {
	case 1:
		return storage.Exists{Field: randomField(t)}
	case 2:
		v := someValue(t)
		if rapid.Bool().Draw(t, "an id") {
			v = model.String(model.TraceID{15: rapid.Byte().Draw(t, "byte") % 4}.String())
		}
		return storage.Compare{Field: randomField(t), Op: storage.Op(rapid.IntRange(int(storage.Eq), int(storage.Ge)).Draw(t, "op")), Value: v}
	case 3:
		return storage.Contains{Field: randomField(t), Needle: someText.Draw(t, "needle"), FoldCase: rapid.Bool().Draw(t, "fold")}
	case 4:
		re := rapid.SampledFrom([]string{"a", "^ab?$", "(?i)ERROR", "", "x"}).Draw(t, "regexp")
		return storage.Match{Field: randomField(t), Regexp: regexp.MustCompile(re)}
	case 5:
		return storage.And(several())
	case 6:
		return storage.Or(several())
	default:
		return storage.Not{P: randomPredicate(t, depth-1)}
	}
}

func randomScan(t *rapid.T) storage.Scan {
	sc := storage.Scan{
		Signal:  rapid.SampledFrom([]model.Signal{model.Logs, model.Spans}).Draw(t, "signal"),
		Range:   model.AllTime(),
		Reverse: rapid.Bool().Draw(t, "reverse"),
		Limit:   rapid.SampledFrom([]int{0, 0, 1, 5, 50}).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "narrow") {
		sc.Range = model.Range{Start: someTime.Draw(t, "start"), End: someTime.Draw(t, "end")}
	}
	if rapid.Bool().Draw(t, "filtered") {
		sc.Where = randomPredicate(t, 2)
	}
	if rapid.Bool().Draw(t, "projected") {
		sc.Project = &storage.Projection{
			Body: rapid.Bool().Draw(t, "body"), EveryAttr: rapid.Bool().Draw(t, "every"), Span: rapid.Bool().Draw(t, "span"),
			Events: rapid.Bool().Draw(t, "events"), Links: rapid.Bool().Draw(t, "links"),
			Attrs: rapid.SliceOfN(someKey, 0, 2).Draw(t, "attrs"),
		}
	}
	return sc
}
