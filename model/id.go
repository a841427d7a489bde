package model

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// A TraceID is a W3C trace id: 16 bytes, all zero meaning none.
type TraceID [16]byte

// A SpanID is a W3C span id: 8 bytes, all zero meaning none.
type SpanID [8]byte

// IsZero reports whether id is absent.
func (id TraceID) IsZero() bool { return id == TraceID{} }

// IsZero reports whether id is absent.
func (id SpanID) IsZero() bool { return id == SpanID{} }

// String returns 32 lower-case hex digits, or "" when the id is absent.
func (id TraceID) String() string {
	if id.IsZero() {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// String returns 16 lower-case hex digits, or "" when the id is absent.
func (id SpanID) String() string {
	if id.IsZero() {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// ParseTraceID reads 1 to 32 hex digits of either case; shorter ids are padded
// with zeros on the left, as Tempo and Jaeger do for 64-bit ids.
func ParseTraceID(s string) (TraceID, error) {
	var id TraceID
	if err := parseHex(id[:], s); err != nil {
		return TraceID{}, fmt.Errorf("trace id %q: %w", s, err)
	}
	return id, nil
}

// ParseSpanID reads 1 to 16 hex digits of either case, padded on the left.
func ParseSpanID(s string) (SpanID, error) {
	var id SpanID
	if err := parseHex(id[:], s); err != nil {
		return SpanID{}, fmt.Errorf("span id %q: %w", s, err)
	}
	return id, nil
}

func parseHex(dst []byte, s string) error {
	digits := 2 * len(dst)
	if s == "" || len(s) > digits {
		return fmt.Errorf("has %d digits; want 1 to %d", len(s), digits)
	}
	_, err := hex.Decode(dst, []byte(strings.Repeat("0", digits-len(s))+s))
	return err
}
