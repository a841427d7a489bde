package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/stretchr/testify/require"
)

// smallOptions are the default flags with a fixed end and a small load.
func smallOptions(t *testing.T, args ...string) *options {
	t.Helper()
	args = append([]string{"logs", "-targets", "oriel", "-end", "1800000000", "-lines", "20000", "-series", "1200", "-traces", "500"}, args...)
	o, err := parseOptions(args, io.Discard)
	require.NoError(t, err)
	return o
}

// sum identifies what a load holds, whatever version of a compressor wrote it.
func sum(t *testing.T, l *load) string {
	t.Helper()
	h := sha256.New()
	for _, c := range l.conns {
		for _, b := range c {
			var plain []byte
			var err error
			if l.header["Content-Encoding"] == "snappy" {
				plain, err = snappy.Decode(nil, b.data)
			} else {
				var zip *gzip.Reader
				zip, err = gzip.NewReader(bytes.NewReader(b.data))
				require.NoError(t, err)
				plain, err = io.ReadAll(zip)
			}
			require.NoError(t, err)
			h.Write(plain)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// Figures are compared over months: the default load must stay what it was.
// The sums are of the load with which the first figures were taken.
func TestTheDefaultLoadNeverChanges(t *testing.T) {
	o := smallOptions(t)
	for format, want := range map[string]string{
		"loki": "71d7be454b282ba1", "jsonline": "71467e975981e36b", "es": "0011a92531b7835a",
	} {
		l, err := generateLogs(logFormatOf(format), o)
		require.NoError(t, err)
		require.Equal(t, want, sum(t, l.load), format)
		require.Equal(t, 20000, l.units())
		require.Equal(t, 4516787, l.raw)
		require.Equal(t, "12ee4531-fa50-41a0-a493-fdb63c888f82", l.words.needle)
	}
	for version, want := range map[int]string{1: "97a0f53ddca43a46", 2: "09215446cbe3530a"} {
		o.writeVersion = version
		l := encodeMetrics(o, 10)
		require.Equal(t, want, sum(t, l))
		require.Equal(t, 12000, l.units())
	}
	l := encodeTraces(o)
	require.Equal(t, "7c0b0e5b2f07515e", sum(t, l.load))
	require.Equal(t, 5000, l.units())
	require.Equal(t, "733e8f7148459001dce0a2f8bcc99efd", l.ids[1][3])
}

func TestTheSameSeedGivesTheSameLoadAndAnotherAnother(t *testing.T) {
	full := func(args ...string) string {
		l, err := generateLogs(logFormatOf("loki"), smallOptions(t, append(args, "-mix", "full")...))
		require.NoError(t, err)
		return sum(t, l.load)
	}
	require.Equal(t, full(), full())
	require.NotEqual(t, full(), full("-seed", "2"))
}

func TestTimesSpreadOverTheSpanAndEndAtEnd(t *testing.T) {
	o := smallOptions(t, "-span", "10m")
	require.Equal(t, time.Unix(1_800_000_000, 0), o.end)
	require.Equal(t, o.end.Add(-10*time.Minute), o.start())
	require.Equal(t, o.end.UnixMilli(), sampleTime(o.end, 9, 10))
	require.Equal(t, o.end.Add(-9*scrape).UnixMilli(), sampleTime(o.end, 0, 10))
}
