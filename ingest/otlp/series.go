package otlp

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

// Refs remembers the series of hashes. metric.Refs implements it.
type Refs interface {
	// Get returns the series last put under hash, if equal says that its
	// labels are the ones that were hashed.
	Get(hash uint64, equal func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, bool)

	// Put remembers a series that the open transaction has appended to.
	Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels)

	// Count adds the look-ups of a request to the statistics.
	Count(hits, misses int)
}

// noRefs remembers nothing.
type noRefs struct{}

func (noRefs) Get(uint64, func(labels.Labels) bool) (promstorage.SeriesRef, labels.Labels, bool) {
	return 0, labels.EmptyLabels(), false
}
func (noRefs) Put(uint64, promstorage.SeriesRef, labels.Labels) {}
func (noRefs) Count(int, int)                                   {}

// point takes in the attributes of the point whose samples come next. special
// names the label that tells its series apart, or is empty.
func (t *translator) point(attrs pcommon.Map, special string) error {
	t.keys, t.values = t.keys[:0], t.values[:0]
	for k, v := range attrs.All() {
		t.keys = append(t.keys, k)
		t.values = append(t.values, t.text(v))
	}
	var err error
	if t.plain, err = t.find(t.plain, ""); err != nil {
		return err
	}
	t.hash = t.hashOf(t.plain)
	if special != "" {
		if t.specific, err = t.find(t.specific, special); err != nil {
			return err
		}
	}
	t.checked = false
	return nil
}

// find returns the template for t.keys; last is the one that may well do.
func (t *translator) find(last *template, special string) (*template, error) {
	if last != nil && t.isOf(last, special) {
		return last, nil
	}
	t.buf = append(t.buf[:0], special...)
	for _, k := range t.keys {
		t.buf = append(append(t.buf, 0xff), k...)
	}
	if known := t.context.templates[string(t.buf)]; known != nil {
		return known, nil
	}
	key := string(t.buf)
	made, err := t.context.template(t.keys, special)
	if err != nil {
		return nil, err
	}
	for _, name := range made.collided {
		t.collided[name] = struct{}{}
	}
	t.context.templates[key] = made
	return made, nil
}

func (t *translator) isOf(last *template, special string) bool {
	return last.special == special && slices.Equal(last.keys, t.keys)
}

func (t *translator) hashOf(tmpl *template) uint64 {
	b := binary.LittleEndian.AppendUint64(t.buf[:0], tmpl.seed)
	for _, v := range t.values {
		b = append(append(b, v...), 0xff)
	}
	t.buf = b
	return xxhash.Sum64(b)
}

// text returns the label value for v, without making a string where it can.
func (t *translator) text(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeBool:
		return strconv.FormatBool(v.Bool())
	case pcommon.ValueTypeInt:
		n := v.Int()
		s, ok := t.ints[n]
		if !ok {
			s = strconv.FormatInt(n, 10)
			if len(t.ints) >= maxInts {
				clear(t.ints)
			}
			t.ints[n] = s
		}
		return s
	}
	return v.AsString()
}

// maxInts bounds the integers whose text is kept: status codes and the like.
const maxInts = 4096

// The series of a point.
const (
	seriesPlain uint64 = iota
	seriesSum
	seriesCount
	seriesSpecial
)

// A sample is one value of a series.
type sample struct {
	st, t int64 // ms
	v     float64
	h     *histogram.Histogram
	opts  promstorage.AOptions
}

// append appends s to the series of the point that is called name. which and
// bits tell it from the point's others; special is its le or quantile. It
// returns false if the point is refused or the store failed.
func (t *translator) append(name string, which, bits uint64, special string, s *sample) bool {
	tmpl := t.plain
	if which == seriesSpecial {
		tmpl = t.specific
	}
	t.tmpl, t.name, t.special = tmpl, name, special
	hash := mix(mix(t.hash^t.family.hash, which), bits)
	ref, ls, known := t.refs.Get(hash, t.equal)
	if known {
		t.hits++
		t.checked = true // its labels are those of a point that was checked
	} else {
		t.misses++
		if !t.check() {
			return false
		}
		ref, ls = t.build()
	}
	got, err := t.app.Append(ref, ls, s.st, s.t, s.v, s.h, nil, s.opts)
	if err != nil {
		return false
	}
	if got != 0 && (!known || got != ref) {
		t.refs.Put(hash, got, ls)
	}
	return true
}

func mix(h, x uint64) uint64 {
	const prime = 0x9e3779b97f4a7c15
	return bits.RotateLeft64(h^x, 29) * prime
}

// build returns the labels of the series at hand, and its reference if the
// store has it.
func (t *translator) build() (promstorage.SeriesRef, labels.Labels) {
	t.builder.Reset()
	for i := range t.tmpl.slots {
		s := &t.tmpl.slots[i]
		if v := t.value(s); v != "" {
			t.builder.Add(s.name, v)
		}
	}
	if t.get != nil {
		t.builder.Overwrite(&t.scratch)
		if ref, ls := t.get.GetRef(t.scratch, t.scratch.Hash()); ref != 0 {
			return ref, ls
		}
	}
	return 0, t.builder.Labels()
}

var errDiffers = errors.New("labels differ")

// same reports whether ls are the labels of the series at hand.
func (t *translator) same(ls labels.Labels) bool {
	slots := t.tmpl.slots
	differ := ls.Validate(func(l labels.Label) error {
		for len(slots) > 0 {
			s := &slots[0]
			slots = slots[1:]
			v := t.value(s)
			if v == "" {
				continue
			}
			if s.name != l.Name || v != l.Value {
				return errDiffers
			}
			return nil
		}
		return errDiffers
	})
	if differ != nil {
		return false
	}
	for i := range slots {
		if t.value(&slots[i]) != "" {
			return false
		}
	}
	return true
}
