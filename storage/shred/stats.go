package shred

import (
	"strings"
	"unicode/utf8"
)

// stats tell which type suits the values of a key.
type stats struct {
	format Format
	path   []string
	values int

	// Numbers, between prefix and suffix.

	prefix, suffix string // of the first value with a digit
	affixed        bool   // they are known
	ints           int
	decimals       [maxDigits]int // by digits behind the point
	utf8           int
	uuids          int
	hexes          int // of hexSize
	hexSize        int
	times          int // of layout
	layout         *Layout

	distinct map[string]struct{} // of the first so many
	long     int                 // of them, that are longer than a word
}

// Limits of stats.
const (
	dictSample = 4096 // values that are looked at to find whether a dictionary pays
	dictShare  = 4    // it does if each of its words has so many values
	maxWord    = 256  // bytes; longer values count as distinct

	minHex = 4 // bytes
	maxHex = 64
)

func newStats(f Format, path []string) *stats {
	return &stats{format: f, path: path, distinct: map[string]struct{}{}}
}

// look takes in one value.
func (s *stats) look(v string) {
	s.values++
	switch {
	case s.values > dictSample:
	case len(v) > maxWord:
		s.long++
	default:
		s.distinct[v] = struct{}{}
	}
	if utf8.ValidString(v) {
		s.utf8++
	}
	if v == "" {
		return
	}
	s.number(v)
	if s.layout == nil {
		if l, ok := layoutOf(v); ok {
			s.layout = &l
		}
	}
	if s.layout != nil {
		if _, ok := s.layout.parse(v); ok {
			s.times++
		}
	}
	if len(v) == 36 {
		var buf [20]byte
		if _, ok := parseUUID(buf[:0], v); ok {
			s.uuids++
		}
	}
	if s.hexSize == 0 && len(v)%2 == 0 && len(v)/2 >= minHex && len(v)/2 <= maxHex && lowerHex(v) {
		s.hexSize = len(v) / 2
	}
	if len(v) == 2*s.hexSize && lowerHex(v) {
		s.hexes++
	}
}

// maxAffix bounds what stands before or behind numbers.
const maxAffix = 16

// number counts v if it is a number between the prefix and suffix.
func (s *stats) number(v string) {
	if !s.affixed {
		first, last := 0, len(v)
		for first < last && !isDigit(v[first]) {
			first++
		}
		for last > first && !isDigit(v[last-1]) {
			last--
		}
		if first == last {
			return
		}
		if first == 1 && v[0] == '-' {
			first = 0
		}
		if first > maxAffix || len(v)-last > maxAffix || !utf8.ValidString(v) {
			return
		}
		s.prefix, s.suffix, s.affixed = v[:first], v[last:], true
	}
	v, ok1 := strings.CutPrefix(v, s.prefix)
	v, ok2 := strings.CutSuffix(v, s.suffix)
	if !ok1 || !ok2 || v == "" {
		return
	}
	if _, ok := parseInt(v); ok {
		s.ints++
	}
	if point := digits(v, 1); point < len(v) && v[point] == '.' {
		if behind := len(v) - point - 1; behind >= 1 && behind < maxDigits {
			if _, ok := parseDecimal(v, behind); ok {
				s.decimals[behind]++
			}
		}
	}
}

func lowerHex(s string) bool {
	for i := range len(s) {
		if nibbles[s[i]] == 255 {
			return false
		}
	}
	return true
}

// column returns a column for the values. One in a hundred may not fit it.
func (s *stats) column() Column {
	c := Column{Format: s.format, Path: s.path, Type: Text}
	most := func(n int) bool { return s.values-n <= s.values/100 }
	sampled := min(s.values, dictSample)
	few := (len(s.distinct)+s.long)*dictShare <= sampled
	for behind, n := range s.decimals {
		if most(n) && n > 0 {
			c.Type, c.Digits, c.Prefix, c.Suffix = Decimal, behind, s.prefix, s.suffix
			return c
		}
	}
	switch {
	case most(s.ints) && (!few || s.prefix+s.suffix == ""):
		c.Type, c.Dict, c.Prefix, c.Suffix = Int, few, s.prefix, s.suffix
	case few:
		c.Dict, c.UTF8 = true, most(s.utf8)
	case most(s.uuids):
		c.Type = UUID
	case most(s.times):
		c.Type, c.Layout = Time, s.layout
	case most(s.hexes):
		c.Type, c.Size = Hex, s.hexSize
	default:
		c.UTF8 = most(s.utf8)
	}
	return c
}
