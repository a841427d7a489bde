package fulltext

import (
	"encoding/binary"
	"fmt"

	"github.com/bits-and-blooms/bitset"
)

// A bloom answers from tokens.bloom, reading a block per stripe and hash.
type bloom struct {
	file     File
	granules int
	stripes  []stripe
}

// A stripe is a run of granules whose filters stand side by side.
type stripe struct {
	first  int   // number of its first granule
	width  int   // granules
	off    int64 // of its first block
	blocks int
}

// openBloom reads the directory of stripes. Blocks are verified when read.
func openBloom(f File) (*bloom, error) {
	size := f.Size()
	tail, err := readAt(f, size-bloomTrailer, bloomTrailer, nil)
	if err != nil {
		return nil, err
	}
	if magic := string(tail[12:]); magic != bloomMagic {
		return nil, corrupt("unknown version or not a file of tokens: it ends in %q, want %q", magic, bloomMagic)
	}
	n := int64(binary.LittleEndian.Uint32(tail))
	dir, err := readAt(f, size-bloomTrailer-n*stripeEntry, n*stripeEntry+12, nil)
	if err != nil {
		return nil, err
	}
	if dir, err = verify(dir); err != nil {
		return nil, fmt.Errorf("directory of stripes: %w", err)
	}
	b := &bloom{file: f, stripes: make([]stripe, n)}
	off := int64(0)
	for i := range b.stripes {
		e := dir[i*stripeEntry:]
		s := stripe{first: b.granules, width: int(e[0]), off: off, blocks: int(binary.LittleEndian.Uint32(e[1:]))}
		if s.width < 1 || s.width > stripeWidth || s.blocks < 1 {
			return nil, corrupt("stripe %d has %d granules in %d blocks", i, s.width, s.blocks)
		}
		b.granules += s.width
		if off += int64(s.blocks) * int64(blockSize(s.width)); off > size {
			return nil, corrupt("stripe %d ends at %d in a file of %d", i, off, size)
		}
		b.stripes[i] = s
	}
	if want := int64(binary.LittleEndian.Uint32(dir[n*stripeEntry+4:])); int64(b.granules) != want {
		return nil, corrupt("stripes of %d granules; want %d", b.granules, want)
	}
	if off != size-bloomTrailer-n*stripeEntry {
		return nil, corrupt("blocks of %d bytes in a file of %d", off, size)
	}
	return b, nil
}

// lookup returns the granules that may hold a token or term of hash h. It
// reads into room, which it may replace by more.
func (b *bloom) lookup(h uint64, room *[]byte) (*bitset.BitSet, error) {
	found := bitset.New(uint(b.granules))
	for i, s := range b.stripes {
		size := int64(blockSize(s.width))
		at := blockOf(h, s.blocks)
		block, err := readAt(b.file, s.off+int64(at)*size, size, *room)
		if err != nil {
			return nil, err
		}
		*room = block
		if block, err = verify(block); err != nil {
			return nil, fmt.Errorf("block %d of stripe %d: %w", at, i, err)
		}
		all := ^uint64(0) >> (64 - s.width)
		row, step := rowsOf(h)
		for range probes {
			all &= bitsAt(block, int(row%blockRows)*s.width)
			row += step
		}
		for g := 0; all != 0; g, all = g+1, all>>1 {
			if all&1 != 0 {
				found.Set(uint(s.first + g))
			}
		}
	}
	return found, nil
}

// bitsAt returns 64 bits of b from the given one on; beyond its end they are 0.
func bitsAt(b []byte, bit int) uint64 {
	var nine [9]byte
	copy(nine[:], b[bit>>3:])
	shift := bit & 7
	return binary.LittleEndian.Uint64(nine[:])>>shift | uint64(nine[8])<<(64-shift)
}
