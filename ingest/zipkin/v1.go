package zipkin

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/jaegertracing/jaeger-idl/thrift-gen/zipkincore"
	"github.com/open-telemetry/opentelemetry-collector-contrib/pkg/translator/zipkin/zipkinv1"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/oriel-obs/oriel/internal/fault"
)

// decodeJSONV1 reads an array of spans of version 1.
func decodeJSONV1(body []byte, p *push) error {
	um := zipkinv1.NewJSONTracesUnmarshaler(false)
	return elements(body, func(text []byte) error {
		// The translator trusts that no member is null.
		var members struct {
			BinaryAnnotations []*struct{} `json:"binaryAnnotations"`
		}
		if err := unmarshalObject(text, &members); err != nil {
			return p.malformed(err)
		}
		if slices.Contains(members.BinaryAnnotations, nil) {
			return p.malformed(errors.New("a binary annotation is null"))
		}
		if p.crowded(len(members.BinaryAnnotations)) {
			return nil
		}
		return p.move(um.UnmarshalTraces(append(append([]byte{'['}, text...), ']')))
	})
}

// move takes what a translator returned.
func (p *push) move(td ptrace.Traces, err error) error {
	if err != nil {
		return p.malformed(err)
	}
	td.ResourceSpans().MoveAndAppendTo(p.traces.ResourceSpans())
	return nil
}

// decodeThriftV1 reads a list of spans in thrift's binary protocol.
func decodeThriftV1(body []byte, p *push) error {
	spans, err := thriftSpans(body)
	if err != nil {
		return fmt.Errorf("spans are no thrift: %w: %w", err, fault.ErrInvalid)
	}
	um := zipkinv1.NewThriftTracesUnmarshaler()
	for _, s := range spans {
		if p.crowded(len(s.BinaryAnnotations)) {
			continue
		}
		one, err := thriftList(s)
		if err == nil {
			err = p.move(um.UnmarshalTraces(one))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// thriftSpans decodes a list of spans. No list in it may claim more elements
// than body has bytes, since memory is taken by what a list claims.
func thriftSpans(body []byte) ([]*zipkincore.Span, error) {
	ctx := context.Background()
	buf := thrift.NewTMemoryBuffer()
	buf.Write(body)
	proto := thrift.NewTBinaryProtocolConf(buf, &thrift.TConfiguration{MaxMessageSize: int32(max(len(body), 1))})
	elem, n, err := proto.ReadListBegin(ctx)
	if err != nil {
		return nil, err
	}
	if elem != thrift.STRUCT {
		return nil, fmt.Errorf("list of %v, not of structs", elem)
	}
	var spans []*zipkincore.Span
	for range n {
		s := zipkincore.NewSpan()
		if err := s.Read(ctx, proto); err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return spans, proto.ReadListEnd(ctx)
}

// thriftList encodes a list of one span.
func thriftList(s *zipkincore.Span) ([]byte, error) {
	ctx := context.Background()
	buf := thrift.NewTMemoryBuffer()
	proto := thrift.NewTBinaryProtocolConf(buf, nil)
	if err := proto.WriteListBegin(ctx, thrift.STRUCT, 1); err != nil {
		return nil, err
	}
	if err := s.Write(ctx, proto); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
