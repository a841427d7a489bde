package logrecord

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of a date, besides RFC 3339, in the order they are
// tried. A fraction of seconds after a point or comma is read with any of
// them. Without a zone, times are UTC.
var layouts = [...]string{
	"2006-01-02T15:04:05Z0700",
	"2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 MST",
	"2006-01-02T15:04:05",
	"2006-01-02 15:04:05",
	"2006-01-02T15:04Z07:00",
	"2006-01-02T15:04",
	"2006-01-02 15:04",
	"2006-01-02",
	"2006/01/02 15:04:05",
	time.RFC1123Z,
	time.RFC1123,
	"02/Jan/2006:15:04:05 -0700", // access logs
}

// maxDateBytes is more than any date has.
const maxDateBytes = 64

// ParseTime reads a time: a date in one of the usual forms, or a number since
// the Unix epoch of seconds, milliseconds, microseconds or nanoseconds, told
// apart by its digits before the point (to 10, 13, 16 and more). The empty
// text and zero give 0, which stands for the time of arrival. ok is false for
// anything else, and for what 64-bit nanoseconds cannot hold.
func ParseTime(s string) (unixNano int64, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, true
	}
	if len(s) > maxDateBytes {
		return 0, false
	}
	if n, ok := parseEpoch(s); ok {
		return n, true
	}
	t, err := time.Parse(time.RFC3339, s)
	for i := 0; err != nil && i < len(layouts); i++ {
		t, err = time.Parse(layouts[i], s)
	}
	if err != nil || t.Year() < 1678 || t.Year() > 2261 {
		return 0, false
	}
	return t.UnixNano(), true
}

// parseEpoch reads a decimal number without losing a digit; other numbers,
// such as those with an exponent, go through a float.
func parseEpoch(s string) (int64, bool) {
	if !isDigit(s[len(s)-1]) || !isDigit(s[0]) && s[0] != '-' {
		return 0, false // no number ends or begins like this
	}
	whole, fraction, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.ContainsAny(fraction, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || math.Abs(f) >= math.MaxInt64 {
			return 0, false
		}
		n, fraction = int64(f), "" // sub-unit digits are beyond a float of this size, or not worth it
	}
	unit := int64(1)
	switch size := max(n, -n); {
	case size < 1e11:
		unit = 1e9
	case size < 1e14:
		unit = 1e6
	case size < 1e17:
		unit = 1e3
	}
	if n >= math.MaxInt64/unit || n <= math.MinInt64/unit {
		return 0, false
	}
	ns := n * unit
	for scale := unit / 10; fraction != ""; scale /= 10 {
		if !isDigit(fraction[0]) {
			return 0, false
		}
		if d := int64(fraction[0]-'0') * scale; n < 0 {
			ns -= d
		} else {
			ns += d
		}
		fraction = fraction[1:]
	}
	return ns, true
}
