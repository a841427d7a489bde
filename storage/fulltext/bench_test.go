package fulltext_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/fulltext"
)

const (
	benchGranuleRows = 4096
	benchUUID        = "deadbeef-0bad-4caf-8123-0123456789ab"
	benchTrace       = "4bf92f3577b34da6a3ce929d0e0e4736"
)

// A logMaker makes lines as a fleet of services writes them: JSON, logfmt,
// access logs and stack traces, with ids of their own and words by Zipf's law.
type logMaker struct {
	rnd   *rand.Rand
	words []string
	word  *rand.Zipf
	user  *rand.Zipf
	now   time.Time
}

func newLogMaker() *logMaker {
	rnd := rand.New(rand.NewPCG(7, 11))
	m := &logMaker{rnd: rnd, now: time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)}
	parts := strings.Fields("con ta re quest ser vice time out han dle fail ed open close pay ment user or der cache miss hit base que ry node shard lock wait")
	seen := map[string]bool{}
	for len(m.words) < 20000 {
		w := ""
		for range 2 + rnd.IntN(3) {
			w += parts[rnd.IntN(len(parts))]
		}
		if !seen[w] {
			seen[w] = true
			m.words = append(m.words, w)
		}
	}
	m.word = rand.NewZipf(rnd, 1.15, 4, uint64(len(m.words)-1))
	m.user = rand.NewZipf(rnd, 1.05, 50, 100000)
	return m
}

func (m *logMaker) phrase(n int) string {
	w := make([]string, n)
	for i := range w {
		w[i] = m.words[m.word.Uint64()]
	}
	return strings.Join(w, " ")
}

func (m *logMaker) uuid() string {
	a, b := m.rnd.Uint64(), m.rnd.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48, b&0xffffffffffff)
}

func (m *logMaker) line() string {
	m.now = m.now.Add(time.Duration(1000 + m.rnd.IntN(1000000)))
	level := []string{"INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"}[m.rnd.IntN(6)]
	switch k := m.rnd.IntN(20); {
	case k < 9:
		return fmt.Sprintf(`{"ts":%q,"level":%q,"msg":%q,"trace_id":"%016x%016x","user":"user-%d","duration_ms":%d,"component":%q}`,
			m.now.Format(time.RFC3339Nano), level, m.phrase(5+m.rnd.IntN(5)), m.rnd.Uint64(), m.rnd.Uint64(), m.user.Uint64(),
			m.rnd.IntN(900), m.words[100+m.rnd.IntN(200)])
	case k < 15:
		return fmt.Sprintf(`10.%d.%d.%d - - [%s] "GET /api/v1/%s/%d?session=%08x HTTP/1.1" %d %d "https://example.com/%s" "Mozilla/5.0 (X11; Linux x86_64) Chrome/%d.0" rid=%s`,
			m.rnd.IntN(32), m.rnd.IntN(256), m.rnd.IntN(256), m.now.Format("02/Jan/2006:15:04:05 -0700"), m.words[m.rnd.IntN(60)], m.rnd.IntN(50000),
			m.rnd.Uint32(), []int{200, 200, 201, 404, 500}[m.rnd.IntN(5)], m.rnd.IntN(60000), m.words[m.rnd.IntN(60)], 100+m.rnd.IntN(30), m.uuid())
	case k < 17:
		return fmt.Sprintf("%s ERROR [%s] java.lang.IllegalStateException: %s\n\tat com.example.%s.%s(%s.java:%d)", m.now.Format(time.RFC3339Nano),
			m.words[200+m.rnd.IntN(50)], m.phrase(4), m.words[m.rnd.IntN(300)], m.words[m.word.Uint64()], m.words[m.rnd.IntN(300)], m.rnd.IntN(800))
	}
	return fmt.Sprintf(`level=%s ts=%s caller=%s.go:%d msg="%s" request_id=%s status=%d dur=%dms`, strings.ToLower(level), m.now.Format(time.RFC3339Nano),
		m.words[m.rnd.IntN(300)], m.rnd.IntN(900), m.phrase(6+m.rnd.IntN(8)), m.uuid(), 200+m.rnd.IntN(5)*100, m.rnd.IntN(4000))
}

// granules makes n granules, with one needle of each kind two thirds in.
func (m *logMaker) granules(n int) (out []*model.Batch, bytes int64) {
	streams := make([]*model.Stream, 200)
	for i := range streams {
		streams[i] = &model.Stream{Attrs: []model.Attr{
			{Key: "app", Value: model.String(fmt.Sprintf("svc-%d", i%40))}, {Key: "pod", Value: model.String(fmt.Sprintf("svc-%d-%x", i%40, 0xabc0+i))},
		}}
	}
	for g := range n {
		b := &model.Batch{Signal: model.Logs, Streams: streams, Time: make([]int64, benchGranuleRows)}
		for i := range benchGranuleRows {
			l := m.line()
			if g == n*2/3 && i == 1000 {
				l += " rid=" + benchUUID + " trace=" + benchTrace + " xylophonequartz"
			}
			bytes += int64(len(l))
			b.Body = append(b.Body, l)
			b.StreamOf = append(b.StreamOf, uint32(m.rnd.IntN(len(streams))))
		}
		out = append(out, b)
	}
	return out, bytes
}

// cpu returns the processor time the process has used, which other processes
// on the machine do not stretch.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkBuild indexes a part of 64 granules (262,144 lines).
func BenchmarkBuild(b *testing.B) {
	granules, size := newLogMaker().granules(64)
	bloom, dict := files(b, granules)
	b.SetBytes(size)
	b.ReportAllocs()
	x := fulltext.NewBuilder(io.Discard, io.Discard)
	start := cpu(b)
	for b.Loop() {
		x.Reset(io.Discard, io.Discard)
		for _, g := range granules {
			require.NoError(b, x.Add(g, nil))
		}
		require.NoError(b, x.Finish())
	}
	b.ReportMetric((cpu(b)-start).Seconds()/float64(b.N)/float64(size)*1e9, "cpu-s/GB")
	b.ReportMetric(float64(len(bloom))/float64(size), "bloom/raw")
	b.ReportMetric(float64(len(dict))/float64(size), "dict/raw")
}

// BenchmarkGranules asks an index of 64 granules.
func BenchmarkGranules(b *testing.B) {
	granules, _ := newLogMaker().granules(64)
	bloom, dict := files(b, granules)
	for _, bm := range []struct {
		name string
		p    storage.Predicate
	}{
		{"uuid", contains(benchUUID)},
		{"trace", contains(benchTrace)},
		{"rare word", contains("xylophone")},
		{"frequent word", contains("timeout")},
		{"phrase", contains(`level=info ts=2026`)},
		{"regexp", matches(`xylo(phone|gram)quartz$`)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			x, err := fulltext.Open(bytes.NewReader(bloom), bytes.NewReader(dict), fulltext.NewCache(64<<20))
			require.NoError(b, err)
			n := len(candidates(b, x, bm.p))
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := x.Granules(bm.p)
				require.NoError(b, err)
			}
			b.ReportMetric(float64(n), "candidates")
		})
	}
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			x, err := fulltext.Open(bytes.NewReader(bloom), bytes.NewReader(dict), fulltext.NewCache(64<<20))
			require.NoError(b, err)
			_, _, err = x.Granules(contains("xylophone"))
			require.NoError(b, err)
		}
	})
}
