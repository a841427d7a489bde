package event_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/event"
)

// benchBatch returns rows of JSON lines of about 230 bytes over 200 streams,
// a millisecond apart.
func benchBatch(rnd *rand.Rand, from, rows int) (b *model.Batch, size int) {
	words := []string{"checkout", "payment", "declined", "timeout", "upstream", "cache", "miss", "retry", "order", "shipped", "inventory", "session"}
	bd := model.NewBuilder(model.Logs, rows)
	for i := range rows {
		app := rnd.IntN(200)
		st := bd.Stream(&model.Stream{Attrs: []model.Attr{
			{Key: "app", Value: model.String(fmt.Sprintf("app-%d", app))}, {Key: "env", Value: model.String("prod")},
		}})
		level := []string{"info", "info", "info", "warn", "error"}[rnd.IntN(5)]
		line := fmt.Sprintf(`{"ts":"2026-11-22T05:%02d:%02d.%03dZ","level":%q,"msg":"%s %s %s","trace_id":"%016x%016x","request_id":"%08x-%04x","duration_ms":%d,"path":"/api/v1/%s/%d"}`,
			i/60000, i/1000%60, i%1000, level, words[rnd.IntN(12)], words[rnd.IntN(12)], words[rnd.IntN(12)],
			rnd.Uint64(), rnd.Uint64(), rnd.Uint32(), rnd.IntN(65536), rnd.IntN(3000), words[rnd.IntN(12)], rnd.IntN(10000))
		size += len(line)
		bd.Row(st, 1_700_000_000_000_000_000+int64(from+i)*1e6, line)
		bd.Attr("level", model.String(level))
	}
	return bd.Batch(), size
}

const benchRows = 500_000

// benchStore returns a store of benchRows flushed lines.
func benchStore(b *testing.B) *event.Store {
	s := open(b, config(b.TempDir(), nil))
	rnd := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < benchRows; from += 5000 {
		batch, _ := benchBatch(rnd, from, 5000)
		require.NoError(b, s.Append(context.Background(), batch))
		if from%100_000 == 0 {
			require.NoError(b, s.Flush(context.Background()))
		}
	}
	require.NoError(b, s.Flush(context.Background()))
	return s
}

// BenchmarkIngest is one batch of 1000 lines through log, head and flush.
func BenchmarkIngest(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	batches := make([]*model.Batch, b.N)
	total := 0
	for i := range batches {
		var n int
		batches[i], n = benchBatch(rnd, i*1000, 1000)
		total += n
	}
	s := open(b, config(b.TempDir(), nil))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	b.SetBytes(int64(total / b.N))
	b.ReportAllocs()
	b.ResetTimer()
	for _, batch := range batches {
		require.NoError(b, s.Append(context.Background(), batch))
	}
	require.NoError(b, s.Flush(context.Background()))
	b.StopTimer()
	st := s.Status(context.Background())[0]
	b.ReportMetric(float64(st.PartBytes)/float64(total), "disk/raw")
	cancel()
	require.NoError(b, <-done)
}

// BenchmarkFlush is turning a head of 250k lines into a part.
func BenchmarkFlush(b *testing.B) {
	rnd := rand.New(rand.NewPCG(1, 1))
	total := 0
	for range b.N {
		b.StopTimer()
		s := open(b, config(b.TempDir(), nil))
		for from := 0; from < 250_000; from += 5000 {
			batch, n := benchBatch(rnd, from, 5000)
			total += n
			require.NoError(b, s.Append(context.Background(), batch))
		}
		b.StartTimer()
		require.NoError(b, s.Flush(context.Background()))
	}
	b.SetBytes(int64(total / b.N))
}

// BenchmarkScan are queries over benchRows lines in parts.
func BenchmarkScan(b *testing.B) {
	s := benchStore(b)
	body := storage.Field{Place: storage.Body}
	line := &storage.Projection{Body: true}
	for _, q := range []struct {
		name string
		sc   storage.Scan
	}{
		{"newest100", storage.Scan{Project: line, Reverse: true, Limit: 100}},
		{"newest100 frequent word", storage.Scan{Project: line, Reverse: true, Limit: 100, Where: storage.Contains{Field: body, Needle: "timeout"}}},
		{"absent needle", storage.Scan{Project: line, Where: storage.Contains{Field: body, Needle: "no-such-thing-anywhere"}}},
		{"one stream of 200", storage.Scan{Project: line, Where: storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String("app-7")}}},
		{"times and streams of all", storage.Scan{Project: &storage.Projection{}}},
		{"level of all", storage.Scan{Project: &storage.Projection{Attrs: []string{"level"}}}},
		{"level is error", storage.Scan{Project: &storage.Projection{}, Where: storage.Compare{Field: storage.Field{Place: storage.Attr, Key: "level"}, Op: storage.Eq, Value: model.String("error")}}},
		{"bodies of all", storage.Scan{Project: line}},
	} {
		b.Run(q.name, func(b *testing.B) {
			q.sc.Signal, q.sc.Range = model.Logs, model.AllTime()
			b.ReportAllocs()
			rows := 0
			for b.Loop() {
				for batch, err := range s.Scan(context.Background(), q.sc) {
					require.NoError(b, err)
					rows += batch.Len()
				}
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows")
		})
	}
}

// BenchmarkReplay is opening a store after a kill with 100k lines in its log.
func BenchmarkReplay(b *testing.B) {
	cfg := config(b.TempDir(), nil)
	s := open(b, cfg)
	rnd := rand.New(rand.NewPCG(1, 1))
	for from := 0; from < 100_000; from += 1000 {
		batch, _ := benchBatch(rnd, from, 1000)
		require.NoError(b, s.Append(context.Background(), batch))
	}
	require.NoError(b, s.Close())
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		s := open(b, cfg)
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms/open")
		require.NoError(b, s.Close())
	}
}

// BenchmarkMerge is merging the parts of a day: of full heads, and of heads
// that were flushed because nothing came for a while.
func BenchmarkMerge(b *testing.B) {
	for _, q := range []struct {
		name        string
		parts, rows int
	}{
		{"8 full heads", 8, 1 << 17},
		{"240 idle heads", 240, 1000},
	} {
		b.Run(q.name, func(b *testing.B) {
			var raw int64
			var cpu time.Duration
			for range b.N {
				b.StopTimer()
				cfg := config(b.TempDir(), nil)
				cfg.FlushRows, cfg.FlushBytes = 1<<20, 1<<30 // only when told to
				s := open(b, cfg)
				rnd := rand.New(rand.NewPCG(1, 1))
				raw = 0
				for n := range q.parts {
					for from := 0; from < q.rows; from += 1 << 12 {
						batch, size := benchBatch(rnd, n*q.rows+from, min(1<<12, q.rows-from))
						raw += int64(size)
						require.NoError(b, s.Append(context.Background(), batch))
					}
					require.NoError(b, s.Flush(context.Background()))
				}
				before := s.Status(context.Background())[0]
				start := cpuTime()
				b.StartTimer()
				require.NoError(b, s.Merge(context.Background()))
				b.StopTimer()
				cpu += cpuTime() - start
				after := s.Status(context.Background())[0]
				b.ReportMetric(float64(before.PartBytes)/float64(raw), "disk/raw-before")
				b.ReportMetric(float64(after.PartBytes)/float64(raw), "disk/raw")
				b.ReportMetric(float64(after.Parts), "parts")
				require.NoError(b, s.Close())
				b.StartTimer()
			}
			b.ReportMetric(cpu.Seconds()/float64(b.N)/(float64(raw)/1e9), "cpu-s/GB")
		})
	}
}

// cpuTime returns the time of all cores that the process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
