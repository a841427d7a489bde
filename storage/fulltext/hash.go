package fulltext

import "unicode/utf8"

// Tokens and terms are known by a 64-bit hash: FNV-1a over their bytes, then a
// finisher, as FNV's low bits mix badly. It is part of the on-disk format.
const (
	hashSeed  = 14695981039346656037
	hashPrime = 1099511628211
)

func finish(h uint64) uint64 {
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	return max(1, h^h>>32) // 0 is a free slot of a hashSet
}

func hashRune(h uint64, r rune) uint64 {
	var buf [utf8.UTFMax]byte
	for _, c := range buf[:utf8.EncodeRune(buf[:], r)] {
		h = (h ^ uint64(c)) * hashPrime
	}
	return h
}

// hashBytes adds s to the unfinished hash h.
func hashBytes[T string | []byte](h uint64, s T) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * hashPrime
	}
	return h
}

// A hashSet is a set of hashes in open addressing, emptied for every granule.
// Its starting size fits the second-level cache of today's processors.
type hashSet struct {
	slots []uint64 // a power of two; 0 is free
	list  []uint64 // what is in it, in order of arrival
}

const hashSetSize = 1 << 16

func (s *hashSet) reset() {
	if len(s.slots) != hashSetSize {
		s.slots = make([]uint64, hashSetSize) // also after an unusual granule
	} else {
		clear(s.slots)
	}
	s.list = s.list[:0]
}

// add adds h and reports whether it is new.
func (s *hashSet) add(h uint64) bool {
	mask := uint64(len(s.slots) - 1)
	for p := (h ^ h>>32) & mask; ; p = (p + 1) & mask {
		switch s.slots[p] {
		case h:
			return false
		case 0:
			s.slots[p] = h
			s.list = append(s.list, h)
			if 2*len(s.list) > len(s.slots) {
				s.grow()
			}
			return true
		}
	}
}

func (s *hashSet) grow() {
	s.slots = make([]uint64, 2*len(s.slots))
	mask := uint64(len(s.slots) - 1)
	for _, h := range s.list {
		p := (h ^ h>>32) & mask
		for s.slots[p] != 0 {
			p = (p + 1) & mask
		}
		s.slots[p] = h
	}
}
