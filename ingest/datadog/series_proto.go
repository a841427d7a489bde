package datadog

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/nativehist"
)

// The messages are those of agent_payload.proto in Datadog's agent-payload,
// read field by field: its generated code makes a string of every tag.

var errWire = errors.New("not the protobuf of a metric payload")

// A wireField is one field of a message.
type wireField struct {
	number protowire.Number
	kind   protowire.Type
	bytes  []byte // of kind Bytes
	n      uint64 // of the others
}

// fields calls f with every field of message.
func fields(message []byte, f func(wireField) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errWire
		}
		message = message[n:]
		x := wireField{number: number, kind: kind}
		switch kind {
		case protowire.VarintType:
			x.n, n = protowire.ConsumeVarint(message)
		case protowire.Fixed64Type:
			x.n, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			x.bytes, n = protowire.ConsumeBytes(message)
		default:
			n = protowire.ConsumeFieldValue(number, kind, message)
		}
		if n < 0 {
			return errWire
		}
		message = message[n:]
		if err := f(x); err != nil {
			return err
		}
	}
	return nil
}

// varints calls f with the numbers of a repeated field, packed or not.
func varints(x wireField, f func(uint64) error) error {
	if x.kind == protowire.VarintType {
		return f(x.n)
	}
	for b := x.bytes; len(b) > 0; {
		v, n := protowire.ConsumeVarint(b)
		if n < 0 {
			return errWire
		}
		if err := f(v); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

// protoSeries adds a MetricPayload.
func (b *intake) protoSeries(body []byte) error {
	err := fields(body, func(x wireField) error {
		if x.number != 1 || x.kind != protowire.BytesType {
			return nil
		}
		return b.protoOneSeries(x.bytes)
	})
	if err != nil {
		return fmt.Errorf("series: %w: %w", err, fault.ErrInvalid)
	}
	return nil
}

func (b *intake) protoOneSeries(message []byte) error {
	b.Reset()
	var typ metricType
	err := fields(message, func(x wireField) error {
		switch {
		case x.number == 1 && x.kind == protowire.BytesType:
			return b.protoResource(x.bytes)
		case x.number == 2 && x.kind == protowire.BytesType:
			b.NameBytes(x.bytes)
		case x.number == 3 && x.kind == protowire.BytesType:
			b.tag(x.bytes)
		case x.number == 5 && x.kind == protowire.VarintType:
			typ = metricType(min(x.n, uint64(gauge)))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return fields(message, func(x wireField) error {
		if x.number != 4 || x.kind != protowire.BytesType {
			return nil
		}
		var at int64
		var v float64
		err := fields(x.bytes, func(x wireField) error {
			switch {
			case x.number == 1 && x.kind == protowire.Fixed64Type:
				v = math.Float64frombits(x.n)
			case x.number == 2 && x.kind == protowire.VarintType:
				at = int64(x.n)
			}
			return nil
		})
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("a point with the value %g", v))
			return nil
		}
		if err == nil {
			b.point(typ, float64(at), v)
		}
		return err
	})
}

// protoResource adds a resource, such as a host, as a label.
func (b *intake) protoResource(message []byte) error {
	var typ, name []byte
	err := fields(message, func(x wireField) error {
		switch {
		case x.number == 1 && x.kind == protowire.BytesType:
			typ = x.bytes
		case x.number == 2 && x.kind == protowire.BytesType:
			name = x.bytes
		}
		return nil
	})
	if err == nil && len(typ) > 0 {
		b.LabelBytes(typ, name)
	}
	return err
}

// protoSketches adds a SketchPayload.
func (b *intake) protoSketches(body []byte) error {
	err := fields(body, func(x wireField) error {
		if x.number != 1 || x.kind != protowire.BytesType {
			return nil
		}
		return b.protoSketch(x.bytes)
	})
	if err != nil {
		return fmt.Errorf("sketches: %w: %w", err, fault.ErrInvalid)
	}
	return nil
}

func (b *intake) protoSketch(message []byte) error {
	b.Reset()
	err := fields(message, func(x wireField) error {
		switch {
		case x.number == 1 && x.kind == protowire.BytesType:
			b.NameBytes(x.bytes)
		case x.number == 2 && x.kind == protowire.BytesType:
			b.Label("host", string(x.bytes))
		case x.number == 4 && x.kind == protowire.BytesType:
			b.tag(x.bytes)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var s sketch
	return fields(message, func(x wireField) error {
		switch {
		case x.number == 3:
			b.Refuse(ingest.ReasonTranslate, 1, errors.New("a distribution of agents before version 6"))
		case x.number == 7 && x.kind == protowire.BytesType:
			if err := s.read(x.bytes); err != nil {
				return err
			}
			b.sketch(&s)
		}
		return nil
	})
}

// sketch adds s to the total of the metric.
func (b *intake) sketch(s *sketch) {
	if err := s.check(); err != nil {
		b.Refuse(ingest.ReasonMalformed, 1, err)
		return
	}
	if s.at < -maxSeconds || s.at > maxSeconds {
		b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("%d is no time", s.at))
		return
	}
	b.add(s.at*1000, 0, func(h *nativehist.Histogram) {
		for i, k := range s.keys {
			h.Count(valueOf(k), s.counts[i])
		}
		h.AddSum(s.sum)
	})
}
