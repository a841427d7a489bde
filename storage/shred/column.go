package shred

import (
	"encoding/hex"
	"strconv"
	"unicode/utf8"
)

// A Type says how a column keeps its values. Whatever the type, a column takes
// only texts that it gives back as they were.
type Type uint8

// The types. Their numbers are stored on disk.
const (
	Text    Type = iota + 1 // as it is
	Int                     // decimal integer of at most 18 digits
	Decimal                 // with Column.Digits digits behind the point, as an integer without it
	Hex                     // lower-case hexadecimal digits of Column.Size bytes, as these
	UUID                    // lower-case, 8-4-4-4-12, as 16 bytes
	Time                    // of Column.Layout, as ns after the line's own time
)

// A Column is the values of one key.
type Column struct {
	Format Format   `json:"format"`
	Path   []string `json:"path"` // keys from the outside in
	Type   Type     `json:"type"`
	Dict   bool     `json:"dict,omitempty"` // few distinct values; of Text and Int

	// What stands around each number; of Int and Decimal.
	Prefix string `json:"prefix,omitempty"`
	Suffix string `json:"suffix,omitempty"`

	UTF8   bool    `json:"utf8,omitempty"`   // of Text: only valid UTF-8
	Digits int     `json:"digits,omitempty"` // of Decimal
	Size   int     `json:"size,omitempty"`   // of Hex, in bytes
	Layout *Layout `json:"layout,omitempty"` // of Time

	// Alphabet has a bit for each byte that is in values, the lowest of the
	// first byte for 0; of Text. Empty means not known.
	Alphabet []byte `json:"alphabet,omitempty"`

	noted *[256]bool // bytes of values so far; nil if nobody notes them
}

const alphabetSize = 256 / 8

// Note takes the bytes of a value of type Text into the alphabet that Encode
// writes. Whoever notes one value of a column must note all of them.
func (c *Column) Note(value string) {
	if c.noted == nil {
		c.noted = new([256]bool)
	}
	for i := range len(value) {
		c.noted[value[i]] = true
	}
}

// setAlphabet makes what has been noted the alphabet.
func (c *Column) setAlphabet() {
	if c.noted == nil {
		return
	}
	c.Alphabet = make([]byte, alphabetSize)
	for b, has := range c.noted {
		if has {
			c.Alphabet[b/8] |= 1 << (b % 8)
		}
	}
}

// spells reports whether all bytes of s are in the alphabet, if that is known.
func (c *Column) spells(s string) bool {
	if len(c.Alphabet) == 0 {
		return true
	}
	for i := range len(s) {
		if b := s[i]; c.Alphabet[b/8]>>(b%8)&1 == 0 {
			return false
		}
	}
	return true
}

// Numeric reports whether the column's values are integers.
func (c *Column) Numeric() bool { return c.Type == Int || c.Type == Decimal || c.Type == Time }

// Width returns the size in bytes of values that all have one, else 0.
func (c *Column) Width() int {
	switch c.Type {
	case Hex:
		return c.Size
	case UUID:
		return 16
	}
	return 0
}

// TakesText reports whether a column of type Text takes the value.
func (c *Column) TakesText(s string) bool { return !c.UTF8 || utf8.ValidString(s) }

// ParseInt returns the number of a numeric column that stands for s, in a line
// of the given time.
func (c *Column) ParseInt(s string, lineTime int64) (n int64, ok bool) {
	if c.Type == Time {
		n, ok = c.Layout.parse(s)
		return n - lineTime, ok
	}
	if len(s) < len(c.Prefix)+len(c.Suffix) || s[:len(c.Prefix)] != c.Prefix || s[len(s)-len(c.Suffix):] != c.Suffix {
		return 0, false
	}
	s = s[len(c.Prefix) : len(s)-len(c.Suffix)]
	if c.Type == Decimal {
		return parseDecimal(s, c.Digits)
	}
	return parseInt(s)
}

// AppendInt appends the text that n stands for in a line of the given time.
func (c *Column) AppendInt(dst []byte, n, lineTime int64) []byte {
	if c.Type == Time {
		return c.Layout.append(dst, n+lineTime)
	}
	dst = append(dst, c.Prefix...)
	if c.Type == Decimal {
		dst = appendDecimal(dst, n, c.Digits)
	} else {
		dst = strconv.AppendInt(dst, n, 10)
	}
	return append(dst, c.Suffix...)
}

// ParseFixed appends the bytes of a column of Width that stand for s.
func (c *Column) ParseFixed(dst []byte, s string) (b []byte, ok bool) {
	if c.Type == UUID {
		return parseUUID(dst, s)
	}
	if len(s) != 2*c.Size {
		return dst, false
	}
	return parseHex(dst, s)
}

// AppendFixed appends the text that b, of the column's Width, stands for.
func (c *Column) AppendFixed(dst, b []byte) []byte {
	if c.Type == UUID {
		return appendUUID(dst, b)
	}
	return hex.AppendEncode(dst, b)
}

// maxDigits is how many digits always fit an int64.
const maxDigits = 18

// parseInt reads a number the way it is written by default: no leading zeros,
// no plus, no minus before zero.
func parseInt(s string) (int64, bool) {
	neg := s != "" && s[0] == '-'
	if neg {
		s = s[1:]
	}
	if s == "" || len(s) > maxDigits || s[0] == '0' && (neg || len(s) > 1) {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}

// parseDecimal reads a number with so many digits behind the point, and at
// least one but no needless zero before it.
func parseDecimal(s string, behind int) (int64, bool) {
	neg := s != "" && s[0] == '-'
	if neg {
		s = s[1:]
	}
	point := len(s) - behind - 1
	if point < 1 || len(s)-1 > maxDigits || s[point] != '.' || s[0] == '0' && point > 1 {
		return 0, false
	}
	n := int64(0)
	for i := range len(s) {
		if i == point {
			continue
		}
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	if neg {
		if n == 0 {
			return 0, false
		}
		n = -n
	}
	return n, true
}

func appendDecimal(dst []byte, n int64, behind int) []byte {
	u := uint64(n)
	if n < 0 {
		dst = append(dst, '-')
		u = -u
	}
	digits := 1
	for rest := u / 10; rest > 0; rest /= 10 {
		digits++
	}
	digits = max(digits, behind+1) // 5 is 0.05
	dst = append(dst, "00000000000000000000.0"[:digits+1]...)
	for i, at := 0, len(dst)-1; i <= digits; i, at = i+1, at-1 {
		if i == behind {
			dst[at] = '.'
			continue
		}
		dst[at] = '0' + byte(u%10)
		u /= 10
	}
	return dst
}

// nibbles tells the value of a lower-case hexadecimal digit, or 255.
var nibbles = func() (t [256]byte) {
	for c := range t {
		t[c] = 255
	}
	for i, c := range "0123456789abcdef" {
		t[c] = byte(i)
	}
	return t
}()

func parseHex(dst []byte, s string) ([]byte, bool) {
	bad := byte(0)
	for i := 0; i+1 < len(s); i += 2 {
		hi, lo := nibbles[s[i]], nibbles[s[i+1]]
		bad |= hi | lo
		dst = append(dst, hi<<4|lo)
	}
	return dst, bad < 16
}

// uuidDashes are where dashes are in a UUID.
var uuidDashes = [...]int{8, 13, 18, 23}

func parseUUID(dst []byte, s string) ([]byte, bool) {
	if len(s) != 36 {
		return dst, false
	}
	start, good := 0, true
	for _, dash := range uuidDashes {
		if s[dash] != '-' {
			return dst, false
		}
		var ok bool
		dst, ok = parseHex(dst, s[start:dash])
		good = good && ok
		start = dash + 1
	}
	dst, ok := parseHex(dst, s[start:])
	return dst, good && ok
}

func appendUUID(dst, b []byte) []byte {
	dst = append(hex.AppendEncode(dst, b[:4]), '-')
	dst = append(hex.AppendEncode(dst, b[4:6]), '-')
	dst = append(hex.AppendEncode(dst, b[6:8]), '-')
	dst = append(hex.AppendEncode(dst, b[8:10]), '-')
	return hex.AppendEncode(dst, b[10:16])
}
