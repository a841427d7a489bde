package xorpack

// A writer appends bits to bytes, the highest first.
type writer struct {
	b    []byte
	free int // bits of the last byte that are not written
}

func (w *writer) reset() { w.b, w.free = w.b[:0], 0 }

// bits appends the lowest n bits of v.
func (w *writer) bits(v uint64, n int) {
	if n < 64 {
		v &= 1<<n - 1
	}
	if w.free > 0 {
		if n < w.free {
			w.free -= n
			w.b[len(w.b)-1] |= byte(v << w.free)
			return
		}
		n -= w.free
		w.b[len(w.b)-1] |= byte(v >> n)
		w.free = 0
	}
	for n >= 8 {
		n -= 8
		w.b = append(w.b, byte(v>>n))
	}
	if n > 0 {
		w.free = 8 - n
		w.b = append(w.b, byte(v<<w.free))
	}
}

// time appends by how much a sample comes later after the one before than that
// one did.
func (w *writer) time(late int64) {
	switch {
	case late == 0:
		w.bits(0b0, 1)
	case fits(late, 14):
		w.bits(0b10, 2)
		w.bits(uint64(late), 14)
	case fits(late, 17):
		w.bits(0b110, 3)
		w.bits(uint64(late), 17)
	case fits(late, 20):
		w.bits(0b1110, 4)
		w.bits(uint64(late), 20)
	default:
		w.bits(0b1111, 4)
		w.bits(uint64(late), 64)
	}
}

// fits is the range that the format gives to n bits: -2ⁿ⁻¹ is not in it.
func fits(x int64, n int) bool { return -(1<<(n-1)) < x && x <= 1<<(n-1) }
