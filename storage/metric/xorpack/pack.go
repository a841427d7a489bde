// Package xorpack reads all samples of an XOR chunk at once, and writes chunks
// anew in fewer bytes. The format leaves it to the writer when the window of
// bits changes that is written of each value; tsdb, which cannot know what
// comes, only ever changes it when a value does not fit, so that one wide value
// makes all later ones wide. Whoever has all values can choose the windows that
// take the fewest bits. Every reader of XOR chunks reads them.
package xorpack

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"

	"github.com/prometheus/prometheus/tsdb/chunkenc"
)

// A Packer packs one chunk after the other. Its zero value is ready; it belongs
// to one goroutine.
type Packer struct {
	it      chunkenc.Iterator
	chunk   chunkenc.XORChunk
	samples []sample
	spans   []window // of the changes of value, in their order
	cost    []int32  // fewest bits for the changes from i on
	next    []int32  // where the window that begins at i ends
	out     writer
}

type sample struct {
	t int64
	v float64
}

// A window says how many bits at both ends are not written.
type window struct{ leading, trailing uint8 }

func (w window) width() int32 { return 64 - int32(w.leading) - int32(w.trailing) }

func (w window) union(o window) window {
	return window{min(w.leading, o.leading), min(w.trailing, o.trailing)}
}

const (
	maxLeading = 31    // five bits say it
	changeBits = 5 + 6 // of another window
	headerSize = 2     // number of samples
)

// Pack returns the samples up to the time until, in milliseconds, of the XOR
// chunk whose bytes are data, and the time of the last of them. What it returns
// is data itself if that has these samples in no more bytes.
func (p *Packer) Pack(data []byte, until int64) (packed []byte, last int64, err error) {
	whole, err := p.read(data, until)
	if err != nil {
		return nil, 0, err
	}
	last = p.samples[len(p.samples)-1].t
	p.measure()
	p.choose()
	if p.write(); whole && len(p.out.b) >= len(data) {
		return data, last, nil
	}
	return bytes.Clone(p.out.b), last, nil
}

// read decodes the samples up to until, and reports whether that is all there
// are. There is one at least.
func (p *Packer) read(data []byte, until int64) (whole bool, err error) {
	if len(data) < headerSize {
		return false, fmt.Errorf("XOR chunk of %d bytes", len(data))
	}
	p.chunk.Reset(data)
	p.it = p.chunk.Iterator(p.it)
	p.samples = p.samples[:0]
	whole = true
	for p.it.Next() != chunkenc.ValNone {
		t, v := p.it.At()
		if t > until {
			whole = false
			break
		}
		p.samples = append(p.samples, sample{t, v})
	}
	if err := p.it.Err(); err != nil {
		return false, fmt.Errorf("read XOR chunk: %w", err)
	}
	if n := p.chunk.NumSamples(); whole && len(p.samples) != n {
		return false, fmt.Errorf("read XOR chunk: %d of %d samples", len(p.samples), n)
	}
	if len(p.samples) == 0 {
		return false, fmt.Errorf("XOR chunk without samples up to %d", until)
	}
	return whole, nil
}

// measure notes which bits of each change of value have to be written.
func (p *Packer) measure() {
	p.spans = p.spans[:0]
	for i := 1; i < len(p.samples); i++ {
		if x := p.xor(i); x != 0 {
			p.spans = append(p.spans, window{uint8(min(bits.LeadingZeros64(x), maxLeading)), uint8(bits.TrailingZeros64(x))})
		}
	}
}

func (p *Packer) xor(i int) uint64 {
	return math.Float64bits(p.samples[i].v) ^ math.Float64bits(p.samples[i-1].v)
}

// choose finds, from the last change to the first, up to where the window that
// begins at it is best kept. A window is as wide as its widest changes need, so
// once it got so much wider that beginning anew there is no dearer, no longer
// window is looked at: it could always be cut at that place.
func (p *Packer) choose() {
	n := len(p.spans)
	p.cost = append(p.cost[:0], make([]int32, n+1)...)
	p.next = append(p.next[:0], make([]int32, n)...)
	for i := n - 1; i >= 0; i-- {
		w := p.spans[i]
		best, end := int32(math.MaxInt32), int32(0)
		for j := i; j < n; j++ {
			wider := w.union(p.spans[j])
			if int32(j-i)*(wider.width()-w.width()) >= changeBits {
				break
			}
			w = wider
			if c := changeBits + int32(j-i+1)*w.width() + p.cost[j+1]; c < best {
				best, end = c, int32(j+1)
			}
		}
		p.cost[i], p.next[i] = best, end
	}
}

// write encodes the samples as chunkenc's appender does, but for the windows.
func (p *Packer) write() {
	p.out.reset()
	p.out.b = binary.BigEndian.AppendUint16(p.out.b, uint16(len(p.samples)))
	p.out.b = binary.AppendVarint(p.out.b, p.samples[0].t)
	p.out.b = binary.BigEndian.AppendUint64(p.out.b, math.Float64bits(p.samples[0].v))
	var delta uint64
	var w window
	change, end := 0, 0 // of the values, of the window w
	for i := 1; i < len(p.samples); i++ {
		before := delta
		delta = uint64(p.samples[i].t - p.samples[i-1].t)
		if i == 1 {
			p.out.b = binary.AppendUvarint(p.out.b, delta)
		} else {
			p.out.time(int64(delta - before))
		}
		x := p.xor(i)
		if x == 0 {
			p.out.bits(0b0, 1)
			continue
		}
		if change < end {
			p.out.bits(0b10, 2)
		} else {
			w, end = p.spans[change], int(p.next[change])
			for _, s := range p.spans[change:end] {
				w = w.union(s)
			}
			p.out.bits(0b11, 2)
			p.out.bits(uint64(w.leading), 5)
			p.out.bits(uint64(w.width())&63, 6) // 0 stands for 64
		}
		p.out.bits(x>>w.trailing, int(w.width()))
		change++
	}
}
