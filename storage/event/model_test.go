package event_test

import (
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"testing"
	"time"

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
// appends, flushes, merges, deletes, restarts and scans, while the retention of
// some streams runs out.
func TestRandomOperations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := event.DefaultConfig()
		cfg.Dir, cfg.FS, cfg.Retention = "data", vfs.NewMem(), 0
		cfg.FlushRows = rapid.IntRange(1, 300).Draw(t, "flush rows")
		cfg.MaxPartRows = rapid.SampledFrom([]int64{50, 1000, 1 << 20}).Draw(t, "max part rows")
		cfg.MergeEagerly()
		short := storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String("a")}
		cfg.Streams = []event.StreamRetention{{Period: event.Duration(36 * time.Hour), Where: short}}
		now := time.Date(2023, 11, 14, 12, 0, 0, 0, time.UTC)
		reopen := func() *event.Store {
			s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			require.NoError(t, err)
			s.ExpireAt(now)
			return s
		}
		s := reopen()
		defer func() { require.NoError(t, s.Close()) }()
		m := new(storagetest.Memory)
		expire := func(t *rapid.T) { // in the model, as of now
			end := now.Add(-36 * time.Hour).Truncate(24 * time.Hour).UnixNano()
			for _, sig := range []model.Signal{model.Logs, model.Spans} {
				_, err := m.Delete(t.Context(), storage.DeleteRequest{Signal: sig, Range: model.Range{Start: math.MinInt64, End: end}, Where: short})
				require.NoError(t, err)
			}
		}
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
				expire(t)
			},
			"merge": func(t *rapid.T) {
				require.NoError(t, s.Merge(t.Context()))
			},
			"a day later": func(t *rapid.T) {
				now = now.Add(24 * time.Hour)
				s.ExpireAt(now)
				expire(t)
			},
			"delete": func(t *rapid.T) {
				sc := randomScan(t)
				if sc.Where == nil {
					return // too much of a good thing
				}
				r := storage.DeleteRequest{Signal: sc.Signal, Range: sc.Range, Where: sc.Where, DryRun: true}
				would, err := s.Delete(t.Context(), r)
				require.NoError(t, err)
				r.DryRun = rapid.Bool().Draw(t, "dry run")
				want, err := m.Delete(t.Context(), r)
				require.NoError(t, err)
				got, err := s.Delete(t.Context(), r)
				require.NoError(t, err)
				require.Equal(t, want.Rows, would.Rows, "dry run")
				require.Equal(t, want.Rows, got.Rows)
			},
			"settle": func(t *rapid.T) {
				require.NoError(t, s.Flush(t.Context()))
				require.NoError(t, s.Merge(t.Context()))
				require.Empty(t, s.Deletes(t.Context()), "nothing is left of what was deleted")
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
			"aggregate": func(t *rapid.T) {
				a := randomAggregate(t)
				want, got := storagetest.Groups(t, m, a), storagetest.Groups(t, s, a)
				if d := storagetest.DiffGroups(want, got); d != "" {
					t.Fatalf("aggregate by %v of %v where %v: %+v (-want +got):\n%s", a.By, a.Of, a.Where, a, d)
				}
				a.MaxGroups = max(len(want)-1, 1)
				if _, err := s.Aggregate(t.Context(), a); len(want) > 1 {
					require.ErrorIs(t, err, storage.ErrTooManyGroups)
				}
			},
			"catalogue": func(t *rapid.T) {
				sc := randomScan(t)
				f := randomField(t)
				r := storage.ValuesRequest{Signal: sc.Signal, Range: sc.Range, Where: sc.Where, Field: f}
				want, err := m.Values(t.Context(), r)
				require.NoError(t, err)
				got, err := s.Values(t.Context(), r)
				require.NoError(t, err)
				require.Equal(t, want, got, "values of %v where %v", f, sc.Where)
				place := rapid.SampledFrom([]storage.Place{storage.Stream, storage.ScopeAttr, storage.Attr, storage.EventAttr, storage.LinkAttr, storage.JSON, storage.Logfmt}).Draw(t, "place")
				k := storage.KeysRequest{Signal: sc.Signal, Range: model.AllTime(), Where: sc.Where, Place: place}
				wantKeys, err := m.Keys(t.Context(), k)
				require.NoError(t, err)
				gotKeys, err := s.Keys(t.Context(), k)
				require.NoError(t, err)
				require.Equal(t, storagetest.KeyNames(wantKeys), storagetest.KeyNames(gotKeys), "keys of %v where %v", place, sc.Where)
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

// someBody is text, JSON or logfmt, of few shapes, so that bodies are shredded
// in some parts and kept whole in others.
func someBody(t *rapid.T) string {
	text := rapid.SampledFrom([]string{
		"", "info", "error: timeout", `a \"b\" \u00e4`, "ünï", "\xff", `\ud800`, "c-7", "17", "true", "2023-11-14T22:13:20.000Z", "00112233445566778899aabbccddeeff",
	})
	scalar := rapid.SampledFrom([]string{"0", "-1", "200", "1.50", "0.25", "1e400", "99999999999999999999", "true", "null", "{}", `["x",{"b":1}]`, `"z"`})
	switch rapid.IntRange(0, 7).Draw(t, "shape") {
	case 0:
		return someText.Draw(t, "text")
	case 1, 2:
		return fmt.Sprintf(`{"level":"%s","n":%s,"a":{"b":"%s"}}`, text.Draw(t, "text"), scalar.Draw(t, "scalar"), text.Draw(t, "text"))
	case 3:
		return fmt.Sprintf("{ \"a\" : { \"b\" : %s }, \"level\":\"%s\" }\n", scalar.Draw(t, "scalar"), text.Draw(t, "text"))
	case 4:
		return fmt.Sprintf(`{"a_b":%s,"a":{"b":"%s"},"level":"x"}`, scalar.Draw(t, "scalar"), text.Draw(t, "text"))
	case 5:
		return fmt.Sprintf(`{"n":1,"n":%s,"msg":"level=\"%s\" n=1"}`, scalar.Draw(t, "scalar"), text.Draw(t, "text"))
	case 6:
		return fmt.Sprintf(`level=%s n=%s`, text.Draw(t, "text"), scalar.Draw(t, "scalar"))
	default:
		return fmt.Sprintf(`level="%s" n= msg="%s"`, text.Draw(t, "text"), text.Draw(t, "text"))
	}
}

// someNeedle is a piece of a body as a rule.
func someNeedle(t *rapid.T) string {
	body := someBody(t)
	from := rapid.IntRange(0, len(body)).Draw(t, "from")
	return body[from:rapid.IntRange(from, min(len(body), from+12)).Draw(t, "to")]
}

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
			bd.Row(st, at, someBody(t))
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
	f := storage.Field{Place: storage.Place(rapid.IntRange(int(storage.Body), int(storage.LogfmtKey)).Draw(t, "place"))}
	switch f.Place {
	case storage.JSON, storage.Logfmt, storage.LogfmtKey:
		f.Key = rapid.SampledFrom([]string{"level", "n", "a_b", "msg", "absent", ""}).Draw(t, "label")
	case storage.JSONPath:
		f.Key = rapid.SampledFrom([]string{"level", "n", "a", "a\x00b", "n\x00[1]\x00b", "absent", ""}).Draw(t, "path")
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
		switch rapid.IntRange(0, 3).Draw(t, "operand") {
		case 0:
			v = model.String(rapid.SampledFrom([]string{"info", "z", "0", "ünï", "", `a "b" ä`, "x"}).Draw(t, "text"))
		case 1:
			v = model.String(model.TraceID{15: rapid.Byte().Draw(t, "byte") % 4}.String())
		}
		return storage.Compare{Field: randomField(t), Op: storage.Op(rapid.IntRange(int(storage.Eq), int(storage.Ge)).Draw(t, "op")), Value: v}
	case 3:
		return storage.Contains{Field: randomField(t), Needle: someNeedle(t), FoldCase: rapid.Bool().Draw(t, "fold")}
	case 4:
		re := rapid.SampledFrom([]string{"a", "^ab?$", "(?i)ERROR", "", "x", `level":"(info|error)`, "er+or: time", `"n":\d+,`, "(error|c-7).*x?", "(?i)INFO.* msg"}).Draw(t, "regexp")
		return storage.Match{Field: randomField(t), Regexp: regexp.MustCompile(re)}
	case 5:
		return storage.And(several())
	case 6:
		return storage.Or(several())
	default:
		return storage.Not{P: randomPredicate(t, depth-1)}
	}
}

func randomAggregate(t *rapid.T) storage.Aggregate {
	sc := randomScan(t)
	a := storage.Aggregate{
		Signal: sc.Signal, Range: sc.Range, Where: sc.Where, ByStream: rapid.Bool().Draw(t, "by stream"),
		Step:   rapid.SampledFrom([]int64{0, 1, 3, int64(time.Hour), math.MaxInt64}).Draw(t, "step"),
		Origin: someTime.Draw(t, "origin"),
		Bytes:  rapid.Bool().Draw(t, "bytes"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "by") {
		a.By = append(a.By, randomField(t))
	}
	if rapid.Bool().Draw(t, "of") {
		f := randomField(t)
		a.Of = &f
	}
	return a
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
