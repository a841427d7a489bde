package event_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"regexp"
	"slices"
	"strings"
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

// bodyShapes make bodies of a number, a time and a few words. Each makes a
// template of its own, or several, or none.
var bodyShapes = []func(i int, at time.Time, word func() string) string{
	func(i int, at time.Time, word func() string) string {
		exponent := ""
		if i%150 == 100 { // which does not fit
			exponent = "e1"
		}
		return fmt.Sprintf(`{"ts":"%s","level":"%s","n":%d%s,"ms":%d.%02d,"id":"%032x","uuid":"%08x-0000-4000-8000-%012x"}`,
			at.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), word(), i, exponent, i, i%100, i*7919, i, i*31)
	},
	func(i int, _ time.Time, word func() string) string {
		return fmt.Sprintf(`{ "level": "%s", "a": {"b": %d, "list": [%d, {"c":"%s"}]}, "none": null, "o": {} }`, word(), i%3, i, word())
	},
	func(i int, _ time.Time, word func() string) string {
		return fmt.Sprintf(`{"a_b":"%s","a":{"b":%d},"a.b":true,"msg":"level=%s n=%d"}`, word(), i, word(), i)
	},
	func(i int, _ time.Time, word func() string) string {
		return fmt.Sprintf(`level=%s n=%d msg="%s \"%s\"" empty=`, strings.Map(bare, word()), i%4, word(), word())
	},
	func(i int, _ time.Time, word func() string) string { // keys too rare for columns
		return fmt.Sprintf(`{"level":"%s","rare_%d":"%s","also_%d":[%d],"n":%d}`, word(), i%60, word(), i%60, i, i)
	},
	func(i int, _ time.Time, word func() string) string {
		return fmt.Sprintf(`{"n":%d,"level":"%s"`, i, word())
	},
	func(i int, _ time.Time, word func() string) string {
		return fmt.Sprintf("plain %s %d level=info", word(), i)
	},
}

func bare(r rune) rune {
	if r <= ' ' || r == '"' || r == '=' || r == '\\' {
		return '_'
	}
	return r
}

var bodyWords = []string{"info", "error: timeout", "Error", "", `a \\ \"b\" \u00e4`, "\xff", "ünï �", `\ud800`, "level", "n", "17", "true", "c-7 ok"}

func someBodies(t *rapid.T) *model.Batch {
	shapes := rapid.SliceOfNDistinct(rapid.IntRange(0, len(bodyShapes)-1), 1, 4, rapid.ID[int]).Draw(t, "shapes")
	words := rapid.SliceOfN(rapid.SampledFrom(bodyWords), 1, 4).Draw(t, "words")
	rows := rapid.OneOf(rapid.IntRange(10, 200), rapid.IntRange(500, 1000)).Draw(t, "rows")
	random := rapid.Uint32().Draw(t, "random")
	draw := func(n int) int {
		random = random*1664525 + 1013904223
		return int(random>>8) % n
	}
	bd := model.NewBuilder(model.Logs, rows)
	for i := range rows {
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(string(rune('a' + draw(2))))}}})
		at := time.Unix(1_700_000_000, int64(i)*1e6+int64(draw(900_000)))
		word := func() string { return words[draw(len(words))] }
		bd.Row(st, at.UnixNano(), bodyShapes[shapes[draw(len(shapes))]](i, at.Add(-time.Duration(draw(5000))*time.Microsecond), word))
	}
	return bd.Batch()
}

func someBodyField(t *rapid.T) storage.Field {
	return rapid.SampledFrom([]storage.Field{
		{Place: storage.Body},
		{Place: storage.JSON, Key: "level"},
		{Place: storage.JSON, Key: "a_b"},
		{Place: storage.JSON, Key: "n"},
		{Place: storage.JSON, Key: ""},
		{Place: storage.JSON, Key: "ts"},
		{Place: storage.JSON, Key: "a_list"},
		{Place: storage.JSON, Key: "ms"},
		{Place: storage.JSON, Key: "absent"},
		{Place: storage.JSONPath, Key: "a\x00b"},
		{Place: storage.JSONPath, Key: "a"},
		{Place: storage.JSONPath, Key: "a\x00list"},
		{Place: storage.JSONPath, Key: "none"},
		{Place: storage.JSONPath, Key: "a\x00list\x00[1]\x00c"},
		{Place: storage.JSONPath, Key: "o"},
		{Place: storage.JSONPath, Key: ""},
		{Place: storage.JSONPath, Key: "uuid"},
		{Place: storage.JSON, Key: "rare_7"},
		{Place: storage.JSONPath, Key: "also_7"},
		{Place: storage.Logfmt, Key: "level"},
		{Place: storage.Logfmt, Key: "msg"},
		{Place: storage.Logfmt, Key: "empty"},
		{Place: storage.Logfmt, Key: ""},
	}).Draw(t, "field")
}

func someBodyPredicate(t *rapid.T, bodies []string, depth int) storage.Predicate {
	f := someBodyField(t)
	pieceOf := func() string {
		if rapid.IntRange(0, 9).Draw(t, "whole value") == 0 {
			i := rapid.IntRange(0, 100).Draw(t, "i")
			return rapid.SampledFrom([]string{fmt.Sprintf("%032x", i*7919), fmt.Sprintf("%08x-0000-4000-8000-%012x", i, i*31), fmt.Sprintf("%d.%02d", i, i)}).Draw(t, "value")
		}
		body := rapid.SampledFrom(bodies).Draw(t, "of")
		from := rapid.IntRange(0, len(body)).Draw(t, "from")
		return body[from:min(len(body), from+rapid.IntRange(0, 40).Draw(t, "length"))]
	}
	switch rapid.IntRange(0, 4+2*depth).Draw(t, "predicate") {
	case 0:
		return storage.Contains{Field: f, Needle: pieceOf()}
	case 1:
		needle := pieceOf()
		if rapid.Bool().Draw(t, "upper") {
			needle = strings.ToUpper(needle)
		}
		return storage.Contains{Field: f, Needle: needle, FoldCase: true}
	case 2:
		re := rapid.SampledFrom([]string{
			`level":"(info|error)`, "er+or: time", `"n":\d+,`, "(error|c-7).*x?", "(?i)INFO.* n", `err.*out$`, `\binfo`, "err.*time", "error: t.*ou", "out.*info", "c-7 [a-z]+", `le.*in"?`, `^\{.*\}$`, "", `[a-z]+=\w+`, `17|(?i:TRUE)|"b": [01]`,
		}).Draw(t, "regexp")
		return storage.Match{Field: f, Regexp: regexp.MustCompile(re)}
	case 3:
		v := rapid.SampledFrom([]string{"info", "error: timeout", "", "17", "0", "true", `a \ "b" ä`, bodies[len(bodies)/2], "level"}).Draw(t, "value")
		return storage.Compare{Field: f, Op: storage.Op(rapid.IntRange(int(storage.Eq), int(storage.Ge)).Draw(t, "op")), Value: model.String(v)}
	case 4:
		return storage.Exists{Field: f}
	case 5, 6:
		return storage.Not{P: someBodyPredicate(t, bodies, depth-1)}
	case 7:
		return storage.And{someBodyPredicate(t, bodies, depth-1), someBodyPredicate(t, bodies, depth-1)}
	default:
		return storage.Or{someBodyPredicate(t, bodies, depth-1), someBodyPredicate(t, bodies, depth-1)}
	}
}

// TestShreddedBodiesAnswerLikeWholeOnes asks a store whose bodies are shredded,
// where they can be, what a plain list is asked.
func TestShreddedBodiesAnswerLikeWholeOnes(t *testing.T) {
	shredded := 0
	rapid.Check(t, func(t *rapid.T) {
		cfg := event.DefaultConfig()
		cfg.Dir, cfg.FS, cfg.Retention = "data", vfs.NewMem(), 0
		cfg.MergeEagerly()
		s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Close()) }()
		m := new(storagetest.Memory)
		var bodies []string
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			b := someBodies(t)
			bodies = append(bodies, b.Body...)
			require.NoError(t, m.Append(t.Context(), copyOf(b)))
			require.NoError(t, s.Append(t.Context(), b))
			require.NoError(t, s.Flush(t.Context()))
		}
		if rapid.Bool().Draw(t, "merge") {
			require.NoError(t, s.Merge(t.Context()))
		}
		shredded += s.ShreddedParts()

		for range 8 {
			where := someBodyPredicate(t, bodies, 2)
			if rapid.Bool().Draw(t, "of one app") {
				where = storage.And{where, storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String("a")}}
			}
			sc := storage.Scan{
				Signal: model.Logs, Range: model.AllTime(), Where: where,
				Limit: rapid.SampledFrom([]int{0, 3}).Draw(t, "limit"), Reverse: rapid.Bool().Draw(t, "reverse"),
			}
			if rapid.Bool().Draw(t, "some time") {
				sc.Range.Start = time.Unix(1_700_000_000, rapid.Int64Range(0, 5e8).Draw(t, "start")).UnixNano()
			}
			if d := storagetest.Diff(storagetest.Rows(t, m, sc), storagetest.Rows(t, s, sc)); d != "" {
				t.Fatalf("scan where %v (-want +got):\n%s", sc.Where, d)
			}
			a := storage.Aggregate{
				Signal: model.Logs, Range: sc.Range, Where: sc.Where, Bytes: rapid.Bool().Draw(t, "bytes"), By: []storage.Field{someBodyField(t)},
			}
			if of := someBodyField(t); rapid.Bool().Draw(t, "of") {
				a.Of = &of
			}
			require.Equal(t, groups(t, m, a), groups(t, s, a), "%v where %v", a.By, a.Where)
		}
	})
	require.Greater(t, shredded, 50)
}

// groups returns what an aggregate gives, as text in order.
func groups(t *rapid.T, from interface {
	Aggregate(ctx context.Context, a storage.Aggregate) ([]storage.Group, error)
}, a storage.Aggregate,
) (out []string) {
	gs, err := from.Aggregate(t.Context(), a)
	require.NoError(t, err)
	for _, g := range gs {
		for i := range g.Buckets { // is rounded differently in another order
			g.Buckets[i].Sum = math.Round(g.Buckets[i].Sum*1e3) / 1e3
		}
		out = append(out, fmt.Sprintf("%v: %+v", g.Key, g.Buckets))
	}
	slices.Sort(out)
	return out
}

func TestLongBodiesFillSeveralPages(t *testing.T) {
	cfg := event.DefaultConfig()
	cfg.Dir, cfg.FS, cfg.Retention = "data", vfs.NewMem(), 0
	s, err := event.Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	bd := model.NewBuilder(model.Logs, 12)
	st := bd.Stream(&model.Stream{})
	var want []string
	for i := range 12 {
		line := fmt.Sprintf(`{"level":"info","msg":"%d %s"}`, i, strings.Repeat("x", 3<<20))
		if i%4 == 3 {
			line = line[1:]
		}
		want = append(want, line)
		bd.Row(st, int64(i), line)
	}
	require.NoError(t, s.Append(t.Context(), bd.Batch()))
	require.NoError(t, s.Flush(t.Context()))
	require.Equal(t, 1, s.ShreddedParts())
	for needle, rows := range map[string][]string{"x": want, `"10 x`: want[10:11], "11 xxx": want[11:12], "y": nil} {
		var got []string
		where := storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: needle}
		for b, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime(), Where: where}) {
			require.NoError(t, err)
			got = append(got, b.Body...)
		}
		require.Len(t, got, len(rows), needle)
		for i := range rows {
			require.True(t, rows[i] == got[i], "%s: row %d", needle, i)
		}
	}
	require.NoError(t, s.Close())
}
