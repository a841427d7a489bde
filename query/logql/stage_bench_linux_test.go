package logql

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkStage is what a parser stage alone costs. MB/cpu-s is per second of
// processor time, which other programs on the machine hardly change.
func BenchmarkStage(b *testing.B) {
	lines := map[string][]string{}
	size := map[string]int{}
	for i := range 1000 {
		for kind, text := range map[string]string{
			"json": fmt.Sprintf(`{"level":"%s","msg":"request completed","method":"GET","path":"/api/v1/orders/%d","status":%d,"duration_ms":%d.25,"customer":"c-%d","trace_id":"%032x","request_id":"%08x-0000-4000-a000-%012x"}`,
				[]string{"info", "warn", "error"}[i%3], i, 200+i%7, i%90, i%50, i*7919, i, i),
			"logfmt": fmt.Sprintf(`ts=2026-11-22T05:00:00.%03dZ level=%s caller=server.go:%d msg="request completed in time" tenant=t-%d method=GET route=/orders duration=%dms bytes=%d trace_id=%032x`,
				i, []string{"info", "warn", "error"}[i%3], i%600, i%300, i%90, i*7, i*7919),
		} {
			lines[kind] = append(lines[kind], text)
			size[kind] += len(text)
		}
	}
	for _, s := range []struct {
		kind, query string
		only        wanted
	}{
		{"json", `{a="b"} | json`, nil},
		{"json", `{a="b"} | json`, wanted{"level": true}},
		{"json", `{a="b"} | json level="level"`, nil},
		{"logfmt", `{a="b"} | logfmt`, nil},
		{"logfmt", `{a="b"} | logfmt`, wanted{"level": true}},
		{"logfmt", `{a="b"} | logfmt level`, nil},
	} {
		b.Run(fmt.Sprint(s.query, " of ", len(s.only)), func(b *testing.B) {
			e, err := Parse(s.query)
			require.NoError(b, err)
			p, err := e.(*LogExpr).Stages[0].compile()
			require.NoError(b, err)
			if w, ok := p.(interface{ want(wanted) }); ok {
				w.want(s.only)
			}
			stream := []label{{"app", "api", fromStream}, {"cluster", "eu-1", fromStream}, {"pod", "p7", fromStream}}
			var l line
			b.ReportAllocs()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			start := threadTime(b)
			for b.Loop() {
				for _, text := range lines[s.kind] {
					l.reset(0, text, stream)
					p.process(&l)
				}
			}
			b.ReportMetric(float64(size[s.kind])*float64(b.N)/1e6/(threadTime(b)-start).Seconds(), "MB/cpu-s")
		})
	}
}

// threadTime returns the processor time of this thread.
func threadTime(b *testing.B) time.Duration {
	const thread = 1 // RUSAGE_THREAD of Linux
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(thread, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
