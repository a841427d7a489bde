package graphite

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest/samples/samplestest"
)

func FuzzLine(f *testing.F) {
	for _, s := range []string{"a.b 1 2", "a;b=c;d=e 1.5 1700000000", "a\t1", "a;b 1 2", "a nan 2", " ; 1 2", "a;=b 1 1", "\xff 1 1", "a;b=\xff 1 1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		line = bytes.TrimRight(bytes.ReplaceAll(line, []byte("\n"), nil), "\r\x00")
		if len(line) == 0 {
			return // is no row
		}
		s := samplestest.New()
		srv, err := New(nil, DefaultConfig(), s.Options())
		require.NoError(t, err)
		r := &reader{s: srv, decoder: decoder{rules: srv.rules}}
		r.Line(line)
		r.Flush()
		if n := int(s.Accepted()) + len(s.Refused()); n != 1 {
			t.Fatalf("%q is %d rows: %v %v", line, n, s.Rows(), s.Refused())
		}
	})
}

// The operation is 1000 lines to series that exist.
func BenchmarkLine(b *testing.B) {
	s := samplestest.New()
	o := s.Options()
	o.Store = samplestest.Discard{}
	srv, err := New(nil, DefaultConfig(), o)
	require.NoError(b, err)
	var all [][]byte
	for i := range 1000 {
		all = append(all, fmt.Appendf(nil, "servers.web%d.cpu.idle;region=eu-west-1;rack=%s 93.5 1700000000", i, strings.Repeat("r", i%5)))
	}
	r := &reader{s: srv, decoder: decoder{rules: srv.rules}}
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range all {
			r.Line(line)
		}
		r.Flush()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/sample")
}
