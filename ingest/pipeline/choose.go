package pipeline

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/oriel-obs/oriel/model"
)

type renameStage []renaming

type renaming struct{ to, from string }

func newRename(names map[string]string) (stage, error) {
	if len(names) == 0 {
		return nil, errors.New("name at least one attribute")
	}
	var s renameStage
	for _, to := range slices.Sorted(maps.Keys(names)) {
		if to == "" || names[to] == "" {
			return nil, errors.New("names must not be empty")
		}
		s = append(s, renaming{to, names[to]})
	}
	return s, nil
}

// apply renames all at once, so that two attributes can change places.
func (s renameStage) apply(r *record) bool {
	var found [8]model.Attr
	moved := found[:0]
	for _, n := range s {
		if i := r.index(n.from); i >= 0 {
			moved = append(moved, model.Attr{Key: n.to, Value: r.attrs[i].Value})
		}
	}
	if len(moved) == 0 {
		return true
	}
	r.attrs = slices.DeleteFunc(r.attrs, func(a model.Attr) bool {
		return slices.ContainsFunc(s, func(n renaming) bool { return n.from == a.Key })
	})
	for _, a := range moved {
		r.set(a.Key, a.Value)
	}
	return true
}

var errSelection = errors.New("needs either attributes or if")

func (c *Selection) compile() (*test, error) {
	if (len(c.Attributes) > 0) == (c.If != nil) {
		return nil, errSelection
	}
	return c.If.compile()
}

// dropAttrs drops the attributes named, or all others.
type dropAttrs struct {
	names []string
	keep  bool
}

func (s dropAttrs) apply(r *record) bool {
	r.attrs = slices.DeleteFunc(r.attrs, func(a model.Attr) bool { return slices.Contains(s.names, a.Key) != s.keep })
	return true
}

// dropLines drops the lines for which the condition holds, or all others.
type dropLines struct {
	when *test
	keep bool
}

func (s dropLines) apply(r *record) bool { return s.when.holds(r) == s.keep }

func newDrop(c *Selection) (stage, error) { return newSelection(c, false) }
func newKeep(c *Selection) (stage, error) { return newSelection(c, true) }

func newSelection(c *Selection, keep bool) (stage, error) {
	when, err := c.compile()
	if err != nil {
		return nil, err
	}
	if when == nil {
		return dropAttrs{c.Attributes, keep}, nil
	}
	return dropLines{when, keep}, nil
}

// SamplingRatio is the attribute in which a line that was sampled says which
// share of such lines is kept: it stands for 1 in so many.
const SamplingRatio = "sampling_ratio"

type sampleStage struct {
	ratio float64
	most  uint64 // hashes up to it are kept
	by    string
	when  *test
}

func newSample(c *Sample) (stage, error) {
	if !(c.Ratio >= 0 && c.Ratio <= 1) { // nor NaN
		return nil, fmt.Errorf("ratio: %v is not within 0 and 1", c.Ratio)
	}
	when, err := c.If.compile()
	if err != nil {
		return nil, err
	}
	most := uint64(math.MaxUint64)
	if c.Ratio < 1 {
		most = uint64(c.Ratio * math.MaxUint64)
	}
	return &sampleStage{c.Ratio, most, c.By, when}, nil
}

func (s *sampleStage) apply(r *record) bool {
	if !s.when.holds(r) {
		return true
	}
	if s.ratio == 0 || s.hash(r) > s.most {
		return false
	}
	r.set(SamplingRatio, model.Float(s.ratio))
	return true
}

// hash is the same for records that are kept or dropped together.
func (s *sampleStage) hash(r *record) uint64 {
	if s.by != "" {
		if key := r.text(s.by); key != "" {
			return xxhash.Sum64String(key)
		}
	}
	var d xxhash.Digest
	d.Reset()
	var at [8]byte
	binary.LittleEndian.PutUint64(at[:], uint64(r.time))
	_, _ = d.Write(at[:])
	_, _ = d.WriteString(r.line)
	return d.Sum64()
}
