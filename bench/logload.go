package main

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// logBatch is how many raw bytes of lines make a request, as Grafana Alloy
// batches.
const logBatch = 1 << 20

// rareEvery is how many lines there are to a rare one.
const rareEvery = 62_500

// A logLoad is an encoded log workload and what its queries ask for.
type logLoad struct {
	*load
	raw       int   // bytes of the lines alone
	perStream []int // generated lines of each of the streams
	words     searchWords
}

// searchWords are what is searched for in a load.
type searchWords struct {
	needle   string // in one line, somewhere in the middle
	rare     string // in few lines
	frequent string // in some percent of the lines
	few      string // of real logs, a JSON field with few values; may be ""
	many     string // of real logs, a JSON field with many values; may be ""
}

// A logBatcher gathers the lines of one connection into bodies.
type logBatcher struct {
	format  logFormat
	streams []logStream
	entries [][]logEntry
	size    int
	units   int

	bodies []body
	raw    int // bytes of all lines
}

func newLogBatcher(format logFormat, streams []logStream) *logBatcher {
	return &logBatcher{format: format, streams: streams, entries: make([][]logEntry, len(streams))}
}

// add takes over line.
func (b *logBatcher) add(stream int, at time.Time, line []byte) {
	b.entries[stream] = append(b.entries[stream], logEntry{at, line})
	b.size += len(line)
	b.raw += len(line)
	b.units++
	if b.size >= logBatch {
		b.cut()
	}
}

// cut ends the body begun.
func (b *logBatcher) cut() {
	if b.units == 0 {
		return
	}
	b.bodies = append(b.bodies, body{data: b.format.encode(b.streams, b.entries), units: b.units})
	b.size, b.units = 0, 0
	for i := range b.entries {
		b.entries[i] = b.entries[i][:0]
	}
}

// generateLogs deals the streams out to the connections. Times advance evenly
// over the span, and within a stream they never go back.
func generateLogs(format logFormat, o *options) (*logLoad, error) {
	all := logStreams(o.streams, o.mix)
	out := &logLoad{
		load:  &load{header: format.header, stream: format.stream, conns: make([][]body, o.conns)},
		words: searchWords{rare: "segfault", frequent: "timeout"}, perStream: make([]int, len(all)),
	}
	perConn := o.lines / o.conns
	raw := make([]int, o.conns)
	needles := make([]string, o.conns)
	var wg sync.WaitGroup
	for c := range o.conns {
		wg.Go(func() {
			var mine []logStream
			for i, s := range all {
				if i%o.conns == c {
					mine = append(mine, s)
				}
			}
			g := newLineMaker(rand.New(rand.NewPCG(o.seed, uint64(c))))
			batch := newLogBatcher(format, mine)
			gap := o.span / time.Duration(perConn)
			for i := range perConn {
				at := o.start().Add(gap*time.Duration(i) + time.Duration(c))
				k := g.rnd.IntN(len(mine))
				wantNeedle := needles[c] == "" && i >= perConn/2
				if c == 0 && wantNeedle {
					k = nextOfKind(mine, k, "json")
				}
				rare := (i+1)%rareEvery == 0
				if rare {
					k = nextOfKind(mine, k, "text")
				}
				line := g.line(nil, mine[k].kind, at, rare)
				if wantNeedle && mine[k].kind == "json" {
					needles[c] = g.lastReq
				}
				batch.add(k, at, line)
				out.perStream[k*o.conns+c]++
			}
			batch.cut()
			out.conns[c], raw[c] = batch.bodies, batch.raw
		})
	}
	wg.Wait()
	for c := range o.conns {
		out.raw += raw[c]
		if out.words.needle == "" {
			out.words.needle = needles[c]
		}
	}
	if out.words.needle == "" {
		return nil, errors.New("no connection has JSON lines to take the needle from: change -mix or -conns")
	}
	return out, nil
}

// nextOfKind returns the first stream of the kind from k on, or k if this
// connection has none.
func nextOfKind(streams []logStream, k int, kind string) int {
	for i := range streams {
		if j := (k + i) % len(streams); streams[j].kind == kind {
			return j
		}
	}
	return k
}
