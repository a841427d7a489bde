package event_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
)

// bodyMakers make lines like those of applications.
var bodyMakers = map[string]func(rnd *rand.Rand, at time.Time) string{
	"json": func(rnd *rand.Rand, at time.Time) string {
		level, msg, status := "info", "request completed", "200"
		switch p := rnd.IntN(100); {
		case p < 2:
			level, msg, status = "error", "upstream reset by peer after "+strconv.Itoa(rnd.IntN(9000)+100)+"ms", "503"
		case p < 7:
			level, msg, status = "warn", "upstream timeout", "504"
		case p < 20:
			level, msg = "debug", "cache lookup"
		}
		return fmt.Sprintf(`{"level":"%s","msg":"%s","method":"%s","path":"/api/v1/%s/%d","status":%s,"duration_ms":%.2f,"customer":"c-%d","trace_id":"%016x%016x","request_id":"%08x-%04x-4%03x-a%03x-%012x"}`,
			level, msg, []string{"GET", "GET", "POST", "PUT"}[rnd.IntN(4)], benchRoutes[skewed(rnd, len(benchRoutes))], rnd.IntN(100000), status,
			rnd.ExpFloat64()*40, skewed(rnd, 1000), rnd.Uint64(), rnd.Uint64(), rnd.Uint32(), rnd.IntN(1<<16), rnd.IntN(1<<12), rnd.IntN(1<<12), rnd.Uint64()>>16)
	},
	"logfmt": func(rnd *rand.Rand, at time.Time) string {
		return fmt.Sprintf(`ts=%s level=%s caller=%s.go:%d msg="%s %s" duration=%.3fms status=%d request_id=%016x`,
			at.UTC().Format("2006-01-02T15:04:05.000000Z07:00"), []string{"info", "info", "debug", "warn"}[rnd.IntN(4)], benchRoutes[skewed(rnd, len(benchRoutes))], rnd.IntN(40),
			benchRoutes[rnd.IntN(len(benchRoutes))], []string{"done", "failed", "retried"}[rnd.IntN(3)], rnd.ExpFloat64()*40, 200+rnd.IntN(5), rnd.Uint64())
	},
	"text": func(rnd *rand.Rand, at time.Time) string {
		return fmt.Sprintf(`10.%d.%d.%d - - [%s] "GET /static/%s/%d.js HTTP/1.1" 200 %d "Mozilla/5.0 (X11; Linux x86_64)" rt=%.3f`, rnd.IntN(4), rnd.IntN(256), rnd.IntN(256),
			at.UTC().Format("02/Jan/2006:15:04:05 -0700"), benchRoutes[skewed(rnd, len(benchRoutes))], rnd.IntN(5000), rnd.IntN(90000), rnd.ExpFloat64()/20)
	},
}

var benchRoutes = strings.Fields("orders users items carts payments sessions reviews stock prices coupons shipments invoices")

// skewed favours low numbers.
func skewed(rnd *rand.Rand, n int) int {
	f := rnd.Float64()
	return int(f * f * f * float64(n))
}

// appendBodies appends lines of one kind, a millisecond apart, from 40 streams.
func appendBodies(b *testing.B, s *event.Store, kind string, lines int) (size int) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < lines; from += 5000 {
		bd := model.NewBuilder(model.Logs, 5000)
		for i := range 5000 {
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(fmt.Sprintf("app-%d", rnd.IntN(40)))}}})
			at := time.Unix(1_700_000_000, int64(from+i)*1e6+rnd.Int64N(1e6))
			line := bodyMakers[kind](rnd, at.Add(-time.Duration(rnd.IntN(3000))*time.Microsecond))
			size += len(line)
			bd.Row(st, at.UnixNano(), line)
		}
		require.NoError(b, s.Append(context.Background(), bd.Batch()))
	}
	return size
}

// BenchmarkFlushBodies is turning a head of lines into a part: its speed, and
// its size without the token index.
func BenchmarkFlushBodies(b *testing.B) {
	for _, kind := range []string{"json", "logfmt", "text"} {
		b.Run(kind, func(b *testing.B) {
			raw, columns := 0, int64(0)
			for range b.N {
				b.StopTimer()
				s := open(b, config(b.TempDir(), nil))
				raw += appendBodies(b, s, kind, 250_000)
				b.StartTimer()
				require.NoError(b, s.Flush(context.Background()))
				b.StopTimer()
				columns += s.ColumnBytes()
				require.NoError(b, s.Close())
				b.StartTimer()
			}
			b.SetBytes(int64(raw / b.N))
			b.ReportMetric(float64(columns)/float64(raw), "columns/raw")
		})
	}
}

// BenchmarkScanBodies are queries about the bodies of 500k JSON lines.
func BenchmarkScanBodies(b *testing.B) {
	s := open(b, config(b.TempDir(), nil))
	appendBodies(b, s, "json", 250_000)
	require.NoError(b, s.Flush(context.Background()))
	appendBodies(b, s, "json", 250_000)
	require.NoError(b, s.Flush(context.Background()))
	body := storage.Field{Place: storage.Body}
	field := func(label string) storage.Field { return storage.Field{Place: storage.JSON, Key: label} }
	is := func(label, value string) storage.Predicate {
		return storage.Compare{Field: field(label), Op: storage.Eq, Value: model.String(value)}
	}
	for _, q := range []struct {
		name  string
		where storage.Predicate
		limit int
		by    []storage.Field
	}{
		{name: "newest 100", limit: 100},
		{name: "all lines"},
		{name: "frequent word newest 100", where: storage.Contains{Field: body, Needle: "timeout"}, limit: 100},
		{name: "frequent word", where: storage.Contains{Field: body, Needle: "timeout"}},
		{name: "key and value", where: storage.Contains{Field: body, Needle: `"status":503`}},
		{name: "absent piece", where: storage.Contains{Field: body, Needle: `no-such`}},
		{name: "two fields newest 100", where: storage.And{is("customer", "c-77"), is("status", "503")}, limit: 100},
		{name: "regexp", where: storage.Match{Field: body, Regexp: regexp.MustCompile("reset by .* after 8[0-9]{3}ms")}},
		{name: "count regexp", where: storage.Match{Field: body, Regexp: regexp.MustCompile("reset by .* after 8[0-9]{3}ms")}, by: []storage.Field{}},
		{name: "count by level", by: []storage.Field{field("level")}},
		{name: "count by customer", by: []storage.Field{field("customer")}},
		{name: "count by trace", by: []storage.Field{field("trace_id")}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if q.by != nil {
					_, err := s.Aggregate(context.Background(), storage.Aggregate{Signal: model.Logs, Range: model.AllTime(), Where: q.where, By: q.by})
					require.NoError(b, err)
					continue
				}
				for _, err := range s.Scan(context.Background(), storage.Scan{
					Signal: model.Logs, Range: model.AllTime(), Where: q.where, Limit: q.limit, Reverse: q.limit > 0, Project: &storage.Projection{Body: true},
				}) {
					require.NoError(b, err)
				}
			}
		})
	}
}

// BenchmarkMixedBodies are queries about the JSON lines of a part that has as
// many lines of plain text again, less a third, in the same granules.
func BenchmarkMixedBodies(b *testing.B) {
	const lines = 250_000
	s := open(b, config(b.TempDir(), nil))
	rnd := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < lines; from += 5000 {
		bd := model.NewBuilder(model.Logs, 5000)
		for i := range 5000 {
			kind := "json"
			if rnd.IntN(5) < 2 {
				kind = "text"
			}
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{
				{Key: "logtype", Value: model.String(kind)}, {Key: "pod", Value: model.String(strconv.Itoa(rnd.IntN(100)))},
			}})
			at := time.Unix(1_700_000_000, int64(from+i)*1_800_000)
			bd.Row(st, at.UnixNano(), bodyMakers[kind](rnd, at))
		}
		require.NoError(b, s.Append(context.Background(), bd.Batch()))
	}
	require.NoError(b, s.Flush(context.Background()))
	field := func(label string) storage.Field { return storage.Field{Place: storage.JSON, Key: label} }
	is := func(f storage.Field, value string) storage.Predicate {
		return storage.Compare{Field: f, Op: storage.Eq, Value: model.String(value)}
	}
	isJSON := is(storage.Field{Place: storage.Stream, Key: "logtype"}, "json")
	reset := storage.Match{Field: storage.Field{Place: storage.Body}, Regexp: regexp.MustCompile("reset by .* after 8[0-9]{3}ms")}
	for _, q := range []struct {
		name  string
		where storage.Predicate
		by    []storage.Field
		step  time.Duration
	}{
		{name: "two fields", where: storage.And{isJSON, is(field("customer"), "c-77"), is(field("status"), "503")}},
		{name: "count regexp", where: reset, by: []storage.Field{}},
		{name: "count by minute and level", where: isJSON, by: []storage.Field{field("level")}, step: time.Minute},
		{name: "count by customer", where: isJSON, by: []storage.Field{field("customer")}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if q.by != nil {
					_, err := s.Aggregate(context.Background(), storage.Aggregate{
						Signal: model.Logs, Range: model.AllTime(), Where: q.where, By: q.by, Step: int64(q.step),
					})
					require.NoError(b, err)
					continue
				}
				for _, err := range s.Scan(context.Background(), storage.Scan{
					Signal: model.Logs, Range: model.AllTime(), Where: q.where, Limit: 100, Reverse: true, Project: &storage.Projection{Body: true},
				}) {
					require.NoError(b, err)
				}
			}
		})
	}
}
