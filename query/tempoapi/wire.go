package tempoapi

import (
	"math"
	"strings"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A message is one of tempopb's in protobuf's wire format, as it is written.
// Zero values are left out, as proto3 has it. Field numbers are those of
// tempopb/tempo.proto.
type message []byte

func (m *message) text(num protowire.Number, s string) {
	if s != "" {
		*m = protowire.AppendString(protowire.AppendTag(*m, num, protowire.BytesType), strings.ToValidUTF8(s, "\uFFFD"))
	}
}

// texts writes a repeated string, in which an empty one counts.
func (m *message) texts(num protowire.Number, list []string) {
	for _, s := range list {
		*m = protowire.AppendString(protowire.AppendTag(*m, num, protowire.BytesType), strings.ToValidUTF8(s, "\uFFFD"))
	}
}

func (m *message) number(num protowire.Number, n int64) {
	if n != 0 {
		*m = protowire.AppendVarint(protowire.AppendTag(*m, num, protowire.VarintType), uint64(n))
	}
}

func (m *message) float(num protowire.Number, f float64) {
	if f != 0 {
		*m = protowire.AppendFixed64(protowire.AppendTag(*m, num, protowire.Fixed64Type), math.Float64bits(f))
	}
}

// part writes a message within m.
func (m *message) part(num protowire.Number, inner message) {
	*m = protowire.AppendBytes(protowire.AppendTag(*m, num, protowire.BytesType), inner)
}

// attr writes a KeyValue of OpenTelemetry's common.proto.
func (m *message) attr(num protowire.Number, key string, v model.Value) error {
	b, err := proto.Marshal(&commonpb.KeyValue{Key: strings.ToValidUTF8(key, "\uFFFD"), Value: traceql.OTLPValue(v)})
	if err != nil {
		return err
	}
	m.part(num, b)
	return nil
}

// labels writes the labels of a series.
func (m *message) labels(num protowire.Number, labels []traceql.Label) error {
	for _, l := range labels {
		if err := m.attr(num, l.Name, setValue(l.Value)); err != nil {
			return err
		}
	}
	return nil
}

// searchMessage is a SearchResponse.
func searchMessage(hits []traceql.TraceHit, stats message) (message, error) {
	var m message
	for _, t := range hits {
		hit, err := hitMessage(t)
		if err != nil {
			return nil, err
		}
		m.part(1, hit)
	}
	m.part(2, stats)
	return m, nil
}

// searchStats is a SearchMetrics.
func searchStats(traces int, bytes, spans int64, done bool) message {
	var m message
	m.number(1, int64(traces))
	m.number(2, bytes)
	if done {
		m.number(4, 1)
	}
	m.number(5, 1)
	m.number(7, spans)
	return m
}

// hitMessage is a TraceSearchMetadata.
func hitMessage(t traceql.TraceHit) (message, error) {
	var m message
	m.text(1, strings.TrimLeft(t.ID.String(), "0"))
	if t.RootService == "" {
		m.text(2, noRoot)
	}
	m.text(2, t.RootService)
	m.text(3, t.RootName)
	m.number(4, t.Start)
	m.number(5, min(t.Duration/int64(time.Millisecond), math.MaxUint32))
	for i, set := range t.Sets {
		s, err := setMessage(set)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			m.part(6, s) // deprecated copy of the first
		}
		m.part(7, s)
	}
	for _, name := range sortedKeys(t.Services) {
		var stats, entry message
		stats.number(1, int64(t.Services[name].Spans))
		stats.number(2, int64(t.Services[name].Errors))
		entry.text(1, name)
		entry.part(2, stats)
		m.part(8, entry)
	}
	return m, nil
}

// setMessage is a SpanSet.
func setMessage(set traceql.SpansetHit) (message, error) {
	var m message
	for _, sp := range set.Spans {
		var s message
		s.text(1, sp.ID.String())
		s.text(2, sp.Name)
		s.number(3, sp.Start)
		s.number(4, sp.Duration)
		for _, a := range sp.Attrs {
			if err := s.attr(5, a.Key, a.Value); err != nil {
				return nil, err
			}
		}
		m.part(1, s)
	}
	m.number(2, int64(set.Matched))
	for _, a := range set.Attrs {
		if err := m.attr(3, a.Name, setValue(a.Value)); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// metricsMessage is what QueryRangeResponse and QueryInstantResponse share;
// each writes a series with points itself.
func metricsMessage(res *traceql.MetricsResult, cut string, each func(*traceql.Series) (message, error)) (message, error) {
	var m message
	for _, s := range res.Series {
		series, err := each(s)
		if err != nil {
			return nil, err
		}
		if series != nil {
			m.part(1, series)
		}
	}
	m.part(2, searchStats(0, res.Stats.BytesScanned, res.Stats.RowsScanned, true))
	if cut != "" {
		m.number(3, 1) // PARTIAL
		m.text(4, cut)
	}
	return m, nil
}

// rangeSeries is a TimeSeries of the points at times; nil if there are none.
func rangeSeries(s *traceql.Series, times []int64) (message, error) {
	var m message
	if err := m.labels(1, s.Labels); err != nil {
		return nil, err
	}
	points := 0
	for i, p := range s.Points {
		if math.IsNaN(p) {
			continue
		}
		var sample message
		sample.float(1, p)
		sample.number(2, times[i]/int64(time.Millisecond))
		m.part(2, sample)
		points++
	}
	if points == 0 {
		return nil, nil
	}
	for _, e := range s.Exemplars {
		var ex message
		if err := ex.labels(1, e.Labels); err != nil {
			return nil, err
		}
		ex.float(2, e.Value)
		ex.number(3, e.Time/int64(time.Millisecond))
		m.part(4, ex)
	}
	return m, nil
}

// instantSeries is an InstantSeries; nil if there is no point.
func instantSeries(s *traceql.Series) (message, error) {
	if math.IsNaN(s.Points[0]) {
		return nil, nil
	}
	var m message
	if err := m.labels(1, s.Labels); err != nil {
		return nil, err
	}
	m.float(2, s.Points[0])
	return m, nil
}
