package zipkin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	zipkinmodel "github.com/openzipkin/zipkin-go/model"
	"github.com/openzipkin/zipkin-go/proto/zipkin_proto3"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/internal/fault"
)

// decodeJSON reads an array of spans of version 2.
func decodeJSON(body []byte, p *push) error {
	return elements(body, func(text []byte) error {
		s := &zipkinmodel.SpanModel{}
		if err := unmarshalObject(text, s); err != nil {
			return p.malformed(err)
		}
		if s.TraceID.Empty() {
			return p.malformed(zipkinmodel.ErrValidTraceIDRequired)
		}
		p.add(s)
		return nil
	})
}

// elements calls f for each element of a JSON array, with text that is only
// lent.
func elements(body []byte, f func(text []byte) error) error {
	d := jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	wrong := func(err error) error { return fmt.Errorf("spans are no JSON array: %w: %w", err, fault.ErrInvalid) }
	if kind := d.PeekKind(); kind != jsontext.KindBeginArray && kind != jsontext.KindInvalid {
		return wrong(fmt.Errorf("it begins with %v", kind))
	}
	if _, err := d.ReadToken(); err != nil {
		return wrong(err)
	}
	for d.PeekKind() != jsontext.KindEndArray {
		text, err := d.ReadValue()
		if err != nil {
			return wrong(err)
		}
		if err := f(text); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return wrong(err)
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return wrong(errors.New("text after its end"))
	}
	return nil
}

var errNoObject = errors.New("span is no JSON object")

func unmarshalObject(text []byte, into any) error {
	if text[0] != '{' {
		return errNoObject
	}
	return json.Unmarshal(text, into)
}

// decodeProtobuf reads a zipkin.proto3.ListOfSpans.
func decodeProtobuf(body []byte, p *push) error {
	for len(body) > 0 {
		num, typ, n := protowire.ConsumeField(body)
		if n < 0 {
			return fmt.Errorf("spans are no protobuf: %w: %w", protowire.ParseError(n), fault.ErrInvalid)
		}
		if num == 1 && typ == protowire.BytesType {
			if s, err := protobufSpan(body[:n]); err == nil {
				p.add(s)
			} else if err := p.malformed(err); err != nil {
				return err
			}
		}
		body = body[n:]
	}
	return nil
}

// protobufSpan reads a list of one span.
func protobufSpan(list []byte) (*zipkinmodel.SpanModel, error) {
	var l zipkin_proto3.ListOfSpans
	if err := proto.Unmarshal(list, &l); err != nil {
		return nil, err
	}
	if id := l.Spans[0].TraceId; len(id) == 8 { // the library knows only long ones
		l.Spans[0].TraceId = append(make([]byte, 8, 16), id...)
		var err error
		if list, err = proto.Marshal(&l); err != nil {
			return nil, err
		}
	}
	spans, err := zipkin_proto3.ParseSpans(list, false)
	if err != nil {
		return nil, err
	}
	s := spans[0]
	if s.Timestamp.UnixNano() == 0 {
		s.Timestamp = time.Time{}
	}
	return s, nil
}
