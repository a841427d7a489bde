package datadog

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A sketch is a DDSketch as agents make it: counts of values by key.
//
// Paper: Masson, Rim, Lee: DDSketch, PVLDB 12(12), 2019. The agent's accuracy
// and bias are constants of its own, part of the protocol.
type sketch struct {
	at     int64 // seconds
	sum    float64
	keys   []int32
	counts []uint64
}

const (
	sketchGamma = 1 + 2.0/128 // from one key's value to the next
	sketchBias  = 1338        // the key of the value 1
	sketchInf   = math.MaxInt16
)

// valueOf returns the value that key k stands for, in the middle of its bin.
func valueOf(k int32) float64 {
	switch {
	case k == 0:
		return 0
	case k < 0:
		return -valueOf(-k)
	}
	return math.Pow(sketchGamma, float64(k-sketchBias))
}

// read reads a Dogsketch message.
func (s *sketch) read(message []byte) error {
	*s = sketch{keys: s.keys[:0], counts: s.counts[:0]}
	return fields(message, func(x wireField) error {
		switch x.number {
		case 1:
			s.at = int64(x.n)
		case 6:
			s.sum = math.Float64frombits(x.n)
		case 7:
			return varints(x, func(v uint64) error {
				s.keys = append(s.keys, int32(protowire.DecodeZigZag(v)))
				return nil
			})
		case 8:
			return varints(x, func(v uint64) error {
				s.counts = append(s.counts, v&math.MaxUint32)
				return nil
			})
		}
		return nil
	})
}

// check says what is wrong with s.
func (s *sketch) check() error {
	if len(s.keys) != len(s.counts) {
		return fmt.Errorf("sketch with %d keys and %d counts", len(s.keys), len(s.counts))
	}
	if math.IsNaN(s.sum) || math.IsInf(s.sum, 0) {
		return errors.New("sketch with an infinite sum")
	}
	for _, k := range s.keys {
		if k >= sketchInf || k <= -sketchInf {
			return fmt.Errorf("sketch with key %d, of an infinite value", k)
		}
	}
	return nil
}
