package samples

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/ingest"
)

// A set is a metric's name and labels while they are put together. Everything
// is in text, which the next metric overwrites.
type set struct {
	text    []byte
	name    part
	pairs   []pair
	sorted  bool
	pairsAt uint64 // hash of the pairs, once they are sorted
	compare func(x, y pair) int
}

// A part is text[from:to].
type part struct{ from, to int }

type pair struct{ name, value part }

// Reset forgets the metric.
func (s *set) Reset() {
	s.text, s.pairs = s.text[:0], s.pairs[:0]
	s.name, s.sorted = part{}, false
}

// Label adds a label to the metric.
func (s *set) Label(name, value string) { addLabel(s, name, value) }

// LabelBytes is Label for bytes, which are copied.
func (s *set) LabelBytes(name, value []byte) { addLabel(s, name, value) }

func addLabel[T string | []byte](s *set, name, value T) {
	if len(value) == 0 {
		return
	}
	var p pair
	p.name.from = len(s.text)
	s.text = nameFrom(appendName(s.text, name, false), p.name.from)
	p.name.to = len(s.text)
	s.text = append(s.text, value...)
	p.value = part{p.name.to, len(s.text)}
	s.pairs = append(s.pairs, p)
	s.sorted = false
}

// Name sets the metric's name.
func (s *set) Name(name string) {
	s.name.from = len(s.text)
	s.text = nameFrom(appendName(s.text, name, true), s.name.from)
	s.name.to = len(s.text)
}

// NameBytes is Name of the parts, one after the other, which are copied.
func (s *set) NameBytes(parts ...[]byte) {
	s.name.from = len(s.text)
	for _, p := range parts {
		s.text = appendName(s.text, p, true)
	}
	s.text = nameFrom(s.text, s.name.from)
	s.name.to = len(s.text)
}

// at looks at p as a string, which is valid until text grows.
func (s *set) at(p part) string {
	return unsafe.String(unsafe.SliceData(s.text[p.from:p.to]), p.to-p.from)
}

func (s *set) order(x, y pair) int {
	return cmp.Or(strings.Compare(s.at(x.name), s.at(y.name)), cmp.Compare(x.name.from, y.name.from))
}

// hash depends on name and labels, not on the order of the labels.
func (s *set) hash() uint64 {
	const prime = 0x9e3779b97f4a7c15
	if !s.sorted {
		slices.SortFunc(s.pairs, s.compare)
		s.join()
		h := uint64(len(s.pairs))
		for _, p := range s.pairs {
			h = bits.RotateLeft64(h^xxhash.Sum64String(s.at(p.name)), 29) * prime
			h = bits.RotateLeft64(h^xxhash.Sum64String(s.at(p.value)), 29) * prime
		}
		s.pairsAt, s.sorted = h, true
	}
	return (s.pairsAt ^ xxhash.Sum64String(s.at(s.name))) * prime
}

// join makes one label of those that have the same name.
func (s *set) join() {
	kept := s.pairs[:0]
	for _, p := range s.pairs {
		n := len(kept)
		if n == 0 || s.at(kept[n-1].name) != s.at(p.name) {
			kept = append(kept, p)
			continue
		}
		last := &kept[n-1]
		if s.at(last.value) == s.at(p.value) {
			continue
		}
		from := len(s.text)
		s.text = append(s.text, s.at(last.value)...)
		s.text = append(s.text, ',')
		s.text = append(s.text, s.at(p.value)...)
		last.value = part{from, len(s.text)}
	}
	s.pairs = kept
}

var errDiffers = errors.New("labels differ")

// says reports whether the set, which is sorted, is ls.
func (s *set) says(ls labels.Labels) bool {
	i, named := 0, false
	return ls.Validate(func(l labels.Label) error {
		if l.Name == model.MetricNameLabel {
			if named = l.Value == s.at(s.name); !named {
				return errDiffers
			}
			return nil
		}
		if i == len(s.pairs) || s.at(s.pairs[i].name) != l.Name || s.at(s.pairs[i].value) != l.Value {
			return errDiffers
		}
		i++
		return nil
	}) == nil && named && i == len(s.pairs)
}

// each calls f with the name and every label.
func (s *set) each(f func(name, value string)) {
	f(model.MetricNameLabel, s.at(s.name))
	for _, p := range s.pairs {
		f(s.at(p.name), s.at(p.value))
	}
}

// maxLabelBytes is what Prometheus' labels can hold of one string.
const maxLabelBytes = 1<<24 - 1

// check says what keeps the set from being a series.
func (s *set) check(l ingest.Limits) error {
	name := s.at(s.name)
	if name == "" {
		return errors.New("metric without a name")
	}
	if n := l.MaxLabels; n > 0 && len(s.pairs)+1 > n {
		return fmt.Errorf("series %.128q has %d labels, more than max_labels: %d", name, len(s.pairs)+1, n)
	}
	most := maxLabelBytes
	if n := l.MaxLabelValueBytes; n > 0 && n < most {
		most = n
	}
	if len(name) > most {
		return fmt.Errorf("metric name %.128q has %d bytes, more than max_label_value_bytes: %d", name, len(name), most)
	}
	for _, p := range s.pairs {
		label, value := s.at(p.name), s.at(p.value)
		switch {
		case label == "":
			return fmt.Errorf("series %.128q has a label without a name", name)
		case label == model.MetricNameLabel:
			return fmt.Errorf("series %.128q has a label %s beside its name", name, model.MetricNameLabel)
		case max(len(label), len(value)) > most:
			return fmt.Errorf("series %.128q: label %.64q has %d bytes, more than max_label_value_bytes: %d", name, label, max(len(label), len(value)), most)
		case !utf8.ValidString(value):
			return fmt.Errorf("series %.128q: value of label %.64q is not UTF-8: %.64q", name, label, value)
		}
	}
	return nil
}
