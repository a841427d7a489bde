package xorpack

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

var errDamaged = errors.New("XOR chunk is damaged")

// Unpack appends the samples of the XOR chunk whose bytes are data to times, in
// milliseconds, and values. It reads them several times as fast as an iterator,
// which looks at the bits one after the other and is called for each sample.
// What is returned with an error is of no use.
func Unpack(data []byte, times []int64, values []float64) ([]int64, []float64, error) {
	if len(data) < headerSize {
		return times, values, errDamaged
	}
	n := int(binary.BigEndian.Uint16(data))
	if n == 0 {
		return times, values, nil
	}
	data = data[headerSize:]
	t, k := binary.Varint(data)
	if k <= 0 || len(data) < k+8 {
		return times, values, errDamaged
	}
	v := binary.BigEndian.Uint64(data[k:])
	data = data[k+8:]
	times, values = slices.Grow(times, n), slices.Grow(values, n)
	times, values = append(times, t), append(values, math.Float64frombits(v))
	if n == 1 {
		return times, values, nil
	}
	first, k := binary.Uvarint(data)
	if k <= 0 {
		return times, values, errDamaged
	}
	d := decoder{data: data[k:], t: t, delta: int64(first), v: v}
	have := len(times)
	if !d.rest(times[have:have+n-1], values[len(values):len(values)+n-1]) {
		return times, values, errDamaged
	}
	return times[:have+n-1], values[:len(values)+n-1], nil
}

// A decoder reads samples off bits, the highest of each byte first. Beyond the end
// of data there are zeros.
type decoder struct {
	data     []byte
	pos      uint // of the next bit
	t, delta int64
	v        uint64
}

// wordBits is how many bits of a word are there, whatever the position in a byte.
const wordBits = 57

// wordAt returns the bits at pos, the next one highest.
func wordAt(data []byte, pos uint) uint64 {
	if i := pos / 8; i+8 <= uint(len(data)) {
		return binary.BigEndian.Uint64(data[i:i+8]) << (pos % 8)
	}
	return lastWord(data, pos)
}

func lastWord(data []byte, pos uint) uint64 {
	var b [8]byte
	if i := pos / 8; i < uint(len(data)) {
		copy(b[:], data[i:])
	}
	return binary.BigEndian.Uint64(b[:]) << (pos % 8)
}

// bitsAt returns the n bits at pos, at least one and 64 at most.
func bitsAt(data []byte, pos, n uint) uint64 {
	x := wordAt(data, pos) >> (64 - n)
	if i := pos/8 + 8; pos+n > 8*i && i < uint(len(data)) { // some are in a ninth byte
		x |= uint64(data[i]) >> (8*(i+1) - pos - n)
	}
	return x
}

// rest reads as many samples as there is room for, and reports whether there are
// as many. Its state is in variables of its own, for the speed of it.
func (d *decoder) rest(times []int64, values []float64) bool {
	data, t, delta, v := d.data, d.t, d.delta, d.v
	width, trailing := uint(64), uint(0) // of the last change of value that told them
	values = values[:len(times)]
	// Of the first of these the time is told already, as if it were no later.
	pos := ^uint(0)
	w := wordAt(data, 0) >> 1
	for i := 0; i < len(times); i, w = i+1, wordAt(data, pos) {
		switch {
		case w>>62 == 0: // as much later as the one before, and the same value: as a rule one of several
			f := math.Float64frombits(v)
			same := min(uint(bits.LeadingZeros64(w|1<<(64-wordBits)))/2, uint(len(times)-i))
			pos += 2 * same
			for ; same > 1; same-- {
				t += delta
				times[i], values[i] = t, f
				i++
			}
			t += delta
			times[i], values[i] = t, f
			continue
		case w>>63 == 0: // as much later
			pos++
			w <<= 1
		default:
			d.pos, d.delta = pos, delta
			d.later(w)
			pos, delta = d.pos, d.delta
			w = wordAt(data, pos)
		}
		t += delta
		switch w >> 62 {
		case 0b10: // bits between those of the last change
			pos += 2
			w <<= 2
		case 0b11:
			width = (uint(w>>51)-1)&63 + 1
			leading := uint(w>>57) & 31
			if leading+width > 64 {
				return false
			}
			trailing = 64 - leading - width
			pos += 2 + changeBits
			w <<= 2 + changeBits
		default:
			pos++
			times[i], values[i] = t, math.Float64frombits(v)
			continue
		}
		if width <= wordBits-1-2-changeBits {
			v ^= w >> (64 - width) << trailing
		} else {
			v ^= bitsAt(data, pos, width) << trailing
		}
		pos += width
		times[i], values[i] = t, math.Float64frombits(v)
	}
	return pos <= 8*uint(len(data))
}

// later reads by how much the next sample comes later after the one before than
// that one did; w is the word at pos.
func (d *decoder) later(w uint64) {
	ones, size := uint(bits.LeadingZeros64(^w)), uint(0)
	switch ones {
	case 0:
	case 1:
		size = 14
	case 2:
		size = 17
	case 3:
		size = 20
	default:
		d.delta += int64(bitsAt(d.data, d.pos+4, 64))
		d.pos += 4 + 64
		return
	}
	late := int64(w << (ones + 1) >> (64 - size))
	if size > 0 && late > 1<<(size-1) {
		late -= 1 << size
	}
	d.delta += late
	d.pos += ones + 1 + size
}
