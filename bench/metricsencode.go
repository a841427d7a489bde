package main

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/snappy"
)

const scrape = 15 * time.Second

// sampleTime is the time, in ms, of scrape i of steps, the last being the end.
func sampleTime(end time.Time, i, steps int) int64 {
	return end.Add(-scrape * time.Duration(steps-1-i)).UnixMilli()
}

// encodeMetrics gives each connection a share of the series, and per scrape as
// many requests as that share needs. A series is once in a request, as when
// Prometheus sends what it just scraped.
func encodeMetrics(o *options, steps int) *load {
	all := kubeSeries(o.series, rand.New(rand.NewPCG(o.seed, 0)))
	out := &load{
		header: map[string]string{
			"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
			"X-Prometheus-Remote-Write-Version": "0.1.0",
		},
		conns: make([][]body, o.conns),
	}
	encode := encodeV1
	if o.writeVersion == 2 {
		encode = encodeV2
		out.header["Content-Type"] += ";proto=io.prometheus.write.v2.Request"
		out.header["X-Prometheus-Remote-Write-Version"] = "2.0.0"
	}
	var wg sync.WaitGroup
	for c := range out.conns {
		wg.Go(func() {
			share := all[len(all)*c/o.conns : len(all)*(c+1)/o.conns]
			requests := (len(share) + o.batch - 1) / o.batch
			rnd := rand.New(rand.NewPCG(o.seed, uint64(c+1)))
			var perRequest []func(ms int64) []byte
			for r := range requests {
				perRequest = append(perRequest, encode(share[len(share)*r/requests:len(share)*(r+1)/requests], rnd))
			}
			for i := range steps {
				for r, enc := range perRequest {
					units := len(share)*(r+1)/requests - len(share)*r/requests
					out.conns[c] = append(out.conns[c], body{data: snappy.Encode(nil, enc(sampleTime(o.end, i, steps))), units: units})
				}
			}
		})
	}
	wg.Wait()
	return out
}

// encodeV1 returns a function that advances the series by one scrape and
// encodes it as a prometheus.WriteRequest.
func encodeV1(share []*series, rnd *rand.Rand) func(ms int64) []byte {
	labels := make([][]byte, len(share))
	for i, s := range share {
		for kv := range slices.Chunk(s.labels, 2) {
			labels[i] = pbBytes(labels[i], 1, pbBytes(pbBytes(nil, 1, kv[0]), 2, kv[1]))
		}
	}
	var out, ts, sample []byte
	return func(ms int64) []byte {
		out = out[:0]
		for i, s := range share {
			sample = pbVarint(pbDouble(sample[:0], 1, s.step(rnd)), 2, uint64(ms))
			ts = pbBytes(append(ts[:0], labels[i]...), 2, sample)
			out = pbBytes(out, 1, ts)
		}
		return out
	}
}

// encodeV2 does the same as an io.prometheus.write.v2.Request.
func encodeV2(share []*series, rnd *rand.Rand) func(ms int64) []byte {
	symbols, refs := pbBytes(nil, 4, ""), make([][]byte, len(share))
	known := map[string]int{"": 0}
	for i, s := range share {
		var packed []byte
		for _, text := range s.labels {
			if _, ok := known[text]; !ok {
				known[text] = len(known)
				symbols = pbBytes(symbols, 4, text)
			}
			packed = binary.AppendUvarint(packed, uint64(known[text]))
		}
		refs[i] = pbBytes(nil, 1, packed)
	}
	var out, ts, sample []byte
	return func(ms int64) []byte {
		out = append(out[:0], symbols...)
		for i, s := range share {
			sample = pbVarint(pbDouble(sample[:0], 1, s.step(rnd)), 2, uint64(ms))
			ts = pbBytes(append(ts[:0], refs[i]...), 2, sample)
			out = pbBytes(out, 5, ts)
		}
		return out
	}
}
