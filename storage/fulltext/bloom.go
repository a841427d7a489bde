package fulltext

import (
	"bufio"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// The shape of tokens.bloom; see docs/format/tokens.md.
const (
	bloomMagic   = "ORIELTB1"
	bitsPerHash  = 16
	probes       = 6    // rows that one hash sets; 0.1 % of absent hashes seem present
	blockRows    = 2048 // rows that one read fetches and one checksum covers
	stripeWidth  = 64   // granules whose bits stand side by side
	stripeHashes = 4 << 20
	bloomTrailer = 4 + 4 + 4 + 8 // stripes, granules, crc, magic
	stripeEntry  = 1 + 4         // granules, blocks
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A bloomWriter writes a Bloom filter of many granules, sliced by bit: a row
// holds the same bit of every granule of a stripe, so that a look-up reads a
// few rows of one block, not every granule's filter. All rows that concern a
// hash are in one block.
type bloomWriter struct {
	w         *bufio.Writer
	hashes    []uint64 // of the granules of the stripe so far, one after the other
	ends      []int    // where each granule's hashes end
	block     []byte   // scratch: the blocks of a stripe
	directory []byte
	granules  int
	stripes   int
}

// add takes in the next granule's hashes.
func (b *bloomWriter) add(hashes []uint64) error {
	b.hashes = append(b.hashes, hashes...)
	b.ends = append(b.ends, len(b.hashes))
	b.granules++
	if len(b.ends) == stripeWidth || len(b.hashes) >= stripeHashes {
		return b.flush()
	}
	return nil
}

// flush writes the stripe.
func (b *bloomWriter) flush() error {
	width := len(b.ends)
	blocks := stripeBlocks(b.ends)
	size := blockSize(width)
	if need := blocks * size; cap(b.block) < need {
		b.block = make([]byte, need)
	} else {
		b.block = b.block[:need]
		clear(b.block)
	}
	at := 0
	for g, end := range b.ends {
		for _, h := range b.hashes[at:end] {
			setRows(b.block[blockOf(h, blocks)*size:], h, width, g)
		}
		at = end
	}
	for i := range blocks {
		block := b.block[i*size : (i+1)*size]
		binary.LittleEndian.PutUint32(block[size-4:], crc32.Checksum(block[:size-4], castagnoli))
	}
	b.directory = append(b.directory, byte(width))
	b.directory = binary.LittleEndian.AppendUint32(b.directory, uint32(blocks))
	b.stripes++
	b.hashes, b.ends = b.hashes[:0], b.ends[:0]
	_, err := b.w.Write(b.block)
	return err
}

// stripeBlocks returns how many blocks give the fullest granule bitsPerHash,
// unless it is far from the others: then all are sized for one and a half times
// their mean.
func stripeBlocks(ends []int) int {
	most, at := 0, 0
	for _, end := range ends {
		most, at = max(most, end-at), end
	}
	mean := at / len(ends)
	rows := bitsPerHash * min(most, mean+mean/2+1)
	return max(1, (rows+blockRows-1)/blockRows)
}

// blockSize returns the bytes of one block: its rows, without gaps, and their
// checksum.
func blockSize(width int) int { return blockRows*width/8 + 4 }

// blockOf returns the block of hash h.
func blockOf(h uint64, blocks int) int { return int((h >> 32) * uint64(blocks) >> 32) }

// setRows sets the bits of hash h for granule g of width.
func setRows(block []byte, h uint64, width, g int) {
	row, step := rowsOf(h)
	for range probes {
		bit := int(row%blockRows)*width + g
		block[bit>>3] |= 1 << (bit & 7)
		row += step
	}
}

// rowsOf returns the first row of h, and the distance of each from the one
// before; both modulo blockRows.
func rowsOf(h uint64) (row, step uint32) { return uint32(h), uint32(h)>>11 | 1 }

// close writes what is left. It does not close the file.
func (b *bloomWriter) close() error {
	if len(b.ends) > 0 {
		if err := b.flush(); err != nil {
			return err
		}
	}
	t := b.directory
	t = binary.LittleEndian.AppendUint32(t, uint32(b.stripes))
	t = binary.LittleEndian.AppendUint32(t, uint32(b.granules))
	t = binary.LittleEndian.AppendUint32(t, crc32.Checksum(t, castagnoli))
	t = append(t, bloomMagic...)
	if _, err := b.w.Write(t); err != nil {
		return err
	}
	return b.w.Flush()
}

// reset makes b write to w, keeping its memory.
func (b *bloomWriter) reset(w io.Writer) {
	b.w.Reset(w)
	b.hashes, b.ends, b.directory, b.granules, b.stripes = b.hashes[:0], b.ends[:0], b.directory[:0], 0, 0
}
