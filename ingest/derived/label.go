package derived

import (
	"strings"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// maxLabelBytes bounds label values: names and attributes may be far longer
// than anybody reads in a legend.
const maxLabelBytes = 512

// Label returns s as a label value: cut to 512 bytes, and valid UTF-8. It
// shares s's memory where it can.
func Label(s string) string {
	if len(s) > maxLabelBytes {
		end := maxLabelBytes
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	if !utf8.ValidString(s) {
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return s
}

// Service returns the service that a stream of spans is of, as a label value.
func Service(s *model.Stream) string {
	if v := s.Attr("service.name").Text(); v != "" {
		return Label(v)
	}
	return ingest.UnknownService
}

// Interned holds strings that are kept, so that they need not be allocated
// each time they come in. It forgets all of them when it is full.
type Interned struct {
	max  int
	strs map[string]string
}

// NewInterned returns an Interned for some max strings.
func NewInterned(max int) *Interned { return &Interned{max: max, strs: map[string]string{}} }

// Bytes returns b as a string.
func (in *Interned) Bytes(b []byte) string {
	if s, ok := in.strs[string(b)]; ok {
		return s
	}
	return in.add(string(b))
}

// String returns a copy of s that does not keep a larger buffer alive.
func (in *Interned) String(s string) string {
	if s == "" {
		return ""
	}
	if have, ok := in.strs[s]; ok {
		return have
	}
	return in.add(strings.Clone(s))
}

func (in *Interned) add(s string) string {
	if len(in.strs) >= in.max {
		clear(in.strs)
	}
	in.strs[s] = s
	return s
}
