package event_test

import (
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

var update = flag.Bool("update", false, "write the folder of a new format version to testdata")

// fixture is rows of every kind that the format tells apart. It must not
// change: the folders of released versions hold it.
func fixture(signal model.Signal, n int) *model.Batch {
	start := time.Date(2026, 11, 21, 23, 59, 0, 0, time.UTC).UnixNano() // goes on into the next day
	bd := model.NewBuilder(signal, n)
	var streams []uint32
	for i := range 5 {
		st := &model.Stream{Attrs: []model.Attr{
			{Key: "app", Value: model.String(fmt.Sprint("app-", i))},
			{Key: "replicas", Value: model.Int(int64(i))},
		}}
		if i == 4 {
			st = &model.Stream{ScopeName: "lib", ScopeVersion: "1.2", ScopeAttrs: []model.Attr{{Key: "k", Value: model.Bool(true)}}}
		}
		streams = append(streams, bd.Stream(st))
	}
	for i := range n {
		at := start + int64(i)*int64(200*time.Millisecond) + int64(i%7)
		stream := streams[i*i%5]
		if signal == model.Spans {
			bd.Span(stream, fixtureSpan(i, at))
		} else {
			bd.Row(stream, at, fixtureLine(i, at))
		}
		bd.Attr("level", model.String([]string{"info", "info", "warn", "error"}[i%4]))
		bd.Attr("n", model.Int(int64(i-10)))
		switch i % 3 {
		case 0:
			bd.Attr("ratio", model.Float(float64(i)/7))
			bd.Attr("mixed", model.Bool(i%2 == 0))
		case 1:
			bd.Attr("mixed", model.String("text"))
			bd.Attr("raw", model.Bytes("\x00\xff"))
		}
		if i%50 == 0 {
			bd.Attr(fmt.Sprint("rare_", i), model.Array(`["a",1,{"b":null}]`))
			bd.Attr("map", model.Map(`{"a":{"b":[1,2.5]}}`))
		}
	}
	return bd.Batch()
}

func fixtureLine(i int, at int64) string {
	when := time.Unix(0, at).UTC()
	switch i % 10 {
	case 0, 1, 2:
		return fmt.Sprintf(`{"ts":"%s","level":"info","msg":"request completed","status":%d,"took":%d.%02d,"customer":"c-%d","trace_id":"%032x","ok":%t,"nested":{"a":[1,%d],"b":null}}`,
			when.Format("2006-01-02T15:04:05.000Z"), 200+i%3, i, i%100, i*31%17, i*7919, i%2 == 0, i)
	case 3:
		return fmt.Sprintf(`{"level":"error","msg":"panic: \u0022oops\u0022\n\tat line %d","request_id":"5f3c9a77-41d2-4b0e-9c55-%012x"}`, i, i)
	case 4, 5:
		return fmt.Sprintf(`ts=%s level=warn msg="upstream \"timeout\" %d" dur=%dms`, when.Format(time.RFC3339Nano), i, i*3)
	case 6:
		return "broken \xc3\x28 bytes " + fmt.Sprint(i)
	case 7:
		return ""
	case 8:
		return fmt.Sprintf(`{"a":1,"a":%d}`, i) // a key twice: no template
	}
	return fmt.Sprintf(`10.0.%d.%d - - [%s] "GET /static/%d.js HTTP/1.1" 200 %d`, i%4, i%256, when.Format("02/Jan/2006:15:04:05 -0700"), i, i*100)
}

func fixtureSpan(i int, at int64) model.Span {
	sp := model.Span{
		TraceID: model.TraceID{0: 1, 15: byte(i / 4)}, SpanID: model.SpanID{6: byte(i >> 8), 7: byte(i + 1)}, Name: fmt.Sprint("GET /", i%6), Kind: model.SpanKind(i % 6),
		Start: at, Duration: int64(i) * 1e6, Status: model.StatusCode(i % 3), Flags: uint32(i % 2), DroppedAttrs: uint32(i % 5 / 4),
	}
	if i%4 > 0 {
		sp.ParentID = model.SpanID{7: byte(i)}
	}
	if i%6 == 0 {
		sp.StatusMessage, sp.TraceState = "connection refused", "vendor=1"
		sp.Events = []model.Event{{Time: at + 5, Name: "exception", Attrs: []model.Attr{{Key: "exception.type", Value: model.String("IOError")}}, DroppedAttrs: 2}}
		sp.Links = []model.Link{{TraceID: model.TraceID{9}, SpanID: model.SpanID{9}, TraceState: "x", Attrs: []model.Attr{{Key: "why", Value: model.Int(int64(i))}}, Flags: 1}}
	}
	return sp
}

// fixtureRows is how many rows of a signal the folder has in parts, and beyond
// these in the write-ahead log.
const (
	fixtureParts = 900
	fixtureLog   = 60
)

func fixtureBatches(signal model.Signal) (parts, log *model.Batch) {
	n := fixtureParts
	if signal == model.Spans {
		n = 360
	}
	return fixture(signal, n), fixture(signal, fixtureLog)
}

// TestFormatVersion1 opens the folder that the first version of the format
// wrote, which must open for ever. If what is written changes so that this
// fails, that takes a new version beside it, not a new folder.
func TestFormatVersion1(t *testing.T) {
	const golden = "testdata/v1"
	if *update {
		require.NoError(t, os.RemoveAll(golden))
		writeFixture(t, golden)
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(golden)))
	s := open(t, config(dir, nil))
	want := &storagetest.Memory{}
	for _, signal := range signals {
		parts, _ := fixtureBatches(signal)
		require.NoError(t, want.Append(t.Context(), parts))
	}
	gone, err := want.Delete(t.Context(), fixtureDelete)
	require.NoError(t, err)
	require.Greater(t, gone.Rows, int64(10))
	for i, signal := range signals {
		_, log := fixtureBatches(signal)
		require.NoError(t, want.Append(t.Context(), log))
		st := s.Status(t.Context())[i]
		require.Zero(t, st.Quarantined)
		require.Equal(t, 2, st.Parts, "one a day")
		require.Equal(t, fixtureLog, st.HeadRows)
	}
	check := func() {
		for _, sc := range fixtureScans() {
			require.Empty(t, storagetest.Diff(storagetest.Rows(t, want, sc), storagetest.Rows(t, s, sc)), "%v where %v", sc.Signal, sc.Where)
		}
	}
	check()
	require.NoError(t, s.Flush(t.Context())) // what was in the log
	check()
	require.NoError(t, s.Merge(t.Context())) // what was deleted is gone
	check()
}

var signals = []model.Signal{model.Logs, model.Spans}

func fixtureScans() (scans []storage.Scan) {
	body := storage.Field{Place: storage.Body}
	is := func(p storage.Place, key string, v model.Value) storage.Predicate {
		return storage.Compare{Field: storage.Field{Place: p, Key: key}, Op: storage.Eq, Value: v}
	}
	for _, where := range []storage.Predicate{
		nil,
		storage.Contains{Field: body, Needle: "5f3c9a77-41d2-4b0e-9c55-000000000021"},
		storage.Contains{Field: body, Needle: `timeout\" 1`},
		storage.Match{Field: body, Regexp: regexp.MustCompile(`panic.*line \d3`)},
		is(storage.JSON, "customer", model.String("c-3")),
		is(storage.JSON, "nested_b", model.String("x")),
		is(storage.JSONPath, strings.Join([]string{"nested", "a"}, storage.PathSeparator), model.String("[1,42]")),
		is(storage.Logfmt, "dur", model.String("12ms")),
		is(storage.Attr, "mixed", model.Bool(true)),
		is(storage.Stream, "app", model.String("app-1")),
		storage.Exists{Field: storage.Field{Place: storage.Attr, Key: "rare_50"}},
	} {
		scans = append(scans, storage.Scan{Signal: model.Logs, Range: model.AllTime(), Where: where})
	}
	for _, where := range []storage.Predicate{
		nil,
		is(storage.TraceID, "", model.String(model.TraceID{0: 1, 15: 7}.String())),
		is(storage.EventAttr, "exception.type", model.String("IOError")),
		is(storage.StatusMessage, "", model.String("connection refused")),
		is(storage.ScopeAttr, "k", model.Bool(true)),
		storage.Compare{Field: storage.Field{Place: storage.Duration}, Op: storage.Gt, Value: model.Int(50e6)},
	} {
		scans = append(scans, storage.Scan{Signal: model.Spans, Range: model.AllTime(), Where: where, Reverse: true})
	}
	return scans
}

// fixtureDelete hides rows of the parts. They are deleted before the rows come
// that are in the log alone.
var fixtureDelete = storage.DeleteRequest{
	Signal: model.Logs, Range: model.AllTime(),
	Where: storage.Or{
		storage.Compare{Field: storage.Field{Place: storage.Attr, Key: "n"}, Op: storage.Eq, Value: model.Int(7)},
		storage.Match{Field: storage.Field{Place: storage.JSON, Key: "customer"}, Regexp: regexp.MustCompile("^c-1[12]$")},
	},
}

// writeFixture makes a folder as a process leaves it that was killed: rows in
// parts, some of them deleted, and later ones in the log alone.
func writeFixture(t *testing.T, dir string) {
	t.Helper()
	s, err := event.Open(config(dir, nil), slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)
	for _, signal := range signals {
		parts, _ := fixtureBatches(signal)
		require.NoError(t, s.Append(t.Context(), parts))
	}
	require.NoError(t, s.Flush(t.Context()))
	_, err = s.Delete(t.Context(), fixtureDelete)
	require.NoError(t, err)
	for _, signal := range signals {
		_, log := fixtureBatches(signal)
		require.NoError(t, s.Append(t.Context(), log))
	}
	require.NoError(t, s.Close())
	size := int64(0)
	require.NoError(t, filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if info, infoErr := d.Info(); err == nil && infoErr == nil {
			size += info.Size()
		}
		return err
	}))
	require.Less(t, size, int64(1<<20), "the repository keeps this for ever")
}
