package jaegerapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// QueryService is the gRPC service of version 3.
const QueryService = "jaeger.api_v3.QueryService"

// RegisterGRPC adds the service to s, which must use rawgrpc.Codec. Summaries
// of traces are left out.
func (h *Handler) RegisterGRPC(s *grpc.Server) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: QueryService, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			rawgrpc.Unary(QueryService, "GetServices", h.grpcServices),
			rawgrpc.Unary(QueryService, "GetOperations", h.grpcOperations),
			rawgrpc.Unary(QueryService, "GetDependencies", h.grpcDependencies),
		},
		Streams: []grpc.StreamDesc{
			rawgrpc.Stream("GetTrace", h.grpcTrace),
			rawgrpc.Stream("FindTraces", h.grpcFind),
		},
	}, h)
}

// Field numbers here are those of api_v3/query_service.proto.

func appendText(b []byte, num protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, num, protowire.BytesType), s)
}

func appendPart(b []byte, num protowire.Number, part []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), part)
}

func (h *Handler) grpcServices(ctx context.Context, _ rawgrpc.Frame) (out rawgrpc.Frame, err error) {
	names, err := h.serviceNames(ctx)
	for _, n := range names {
		out = appendText(out, 1, n)
	}
	return out, err
}

func (h *Handler) grpcOperations(ctx context.Context, in rawgrpc.Frame) (out rawgrpc.Frame, err error) {
	v, err := values(in, map[protowire.Number]string{1: "service", 2: "spanKind"})
	if err != nil {
		return nil, err
	}
	if v.Get("service") == "" {
		return nil, errNoService
	}
	ops, err := h.listOperations(ctx, v.Get("service"), v.Get("spanKind"))
	for _, o := range ops {
		out = appendPart(out, 1, appendText(appendText(nil, 1, o.Name), 2, o.SpanKind))
	}
	return out, err
}

func (h *Handler) grpcDependencies(ctx context.Context, in rawgrpc.Frame) (out rawgrpc.Frame, err error) {
	v, err := values(in, map[protowire.Number]string{1: "startTime time", 2: "endTime time"})
	if err != nil {
		return nil, err
	}
	r, err := rangeV3(v)
	if err != nil {
		return nil, err
	}
	all, err := h.calls(ctx, r)
	for _, d := range all {
		part := appendText(appendText(nil, 1, d.Parent), 2, d.Child)
		out = appendPart(out, 1, protowire.AppendVarint(protowire.AppendTag(part, 3, protowire.VarintType), uint64(d.CallCount)))
	}
	return out, err
}

func (h *Handler) grpcTrace(ctx context.Context, in rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
	v, err := values(in, map[protowire.Number]string{1: "id", 2: "startTime time", 3: "endTime time"})
	if err != nil {
		return err
	}
	id, err := model.ParseTraceID(v.Get("id"))
	if err != nil {
		return invalidf("malformed parameter trace_id: %q", v.Get("id"))
	}
	r, err := rangeV3(v)
	if err != nil {
		return err
	}
	t, err := h.whole(ctx, id, r)
	if err != nil {
		return err
	}
	return sendTrace(t, send)
}

// grpcFind sends a message for each trace.
func (h *Handler) grpcFind(ctx context.Context, in rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
	q, err := h.grpcSearch(in, func(url.Values) {})
	if err != nil {
		return err
	}
	found, _, err := h.find(ctx, q)
	if err != nil {
		return err
	}
	for _, t := range found {
		if err := sendTrace(t, send); err != nil {
			return err
		}
	}
	return nil
}

// grpcSearch reads a search, once complete has filled in what may be left out.
func (h *Handler) grpcSearch(in rawgrpc.Frame, complete func(url.Values)) (searchRequest, error) {
	v, err := values(in, map[protowire.Number]string{1: "query message"})
	if err != nil {
		return searchRequest{}, err
	}
	v, err = values([]byte(v.Get("query")), map[protowire.Number]string{
		1: "query.serviceName", 2: "query.operationName", 3: "query.attributes map", 4: "query.startTimeMin time", 5: "query.startTimeMax time",
		6: "query.durationMin duration", 7: "query.durationMax duration", 8: "query.searchDepth",
	})
	if err != nil {
		return searchRequest{}, err
	}
	complete(v)
	return searchRequestV3(v)
}

func sendTrace(t *traceql.Trace, send func(rawgrpc.Frame) error) error {
	b, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: t.OTLP().ResourceSpans})
	if err != nil {
		return fmt.Errorf("encode trace: %w", err)
	}
	return send(b)
}

// values reads a request as the parameters of its HTTP form. params has their
// names by field number and, after a blank, how to read what is neither text
// nor number.
func values(in []byte, params map[protowire.Number]string) (url.Values, error) {
	v := url.Values{}
	attributes := map[string]string{}
	for len(in) > 0 {
		num, typ, n := protowire.ConsumeTag(in)
		if n < 0 {
			return nil, notProtobuf(protowire.ParseError(n))
		}
		in = in[n:]
		size := protowire.ConsumeFieldValue(num, typ, in)
		if size < 0 {
			return nil, notProtobuf(protowire.ParseError(size))
		}
		field := in[:size]
		in = in[size:]
		name, kind, _ := strings.Cut(params[num], " ")
		switch {
		case name == "":
		case typ == protowire.VarintType:
			if x, _ := protowire.ConsumeVarint(field); x != 0 {
				v.Set(name, strconv.FormatInt(int64(x), 10))
			}
		case typ == protowire.BytesType:
			b, _ := protowire.ConsumeBytes(field)
			text, err := fieldText(b, kind, attributes)
			if err != nil {
				return nil, err
			}
			v.Set(name, text)
		}
	}
	return v, nil
}

// fieldText writes a field as its HTTP parameter. attributes gathers the
// entries of a map.
func fieldText(b []byte, kind string, attributes map[string]string) (string, error) {
	switch kind {
	case "time":
		t := &timestamppb.Timestamp{}
		if err := proto.Unmarshal(b, t); err != nil {
			return "", notProtobuf(err)
		}
		if t.AsTime().IsZero() {
			return "", nil // Go's clients of version 2 send the zero Time for none
		}
		return t.AsTime().Format(time.RFC3339Nano), nil
	case "duration":
		d := &durationpb.Duration{}
		if err := proto.Unmarshal(b, d); err != nil {
			return "", notProtobuf(err)
		}
		return d.AsDuration().String(), nil
	case "map":
		pair, err := values(b, map[protowire.Number]string{1: "key", 2: "value"})
		if err != nil {
			return "", err
		}
		attributes[pair.Get("key")] = pair.Get("value")
		text, err := json.Marshal(attributes)
		return string(text), err
	}
	return string(b), nil
}

func notProtobuf(err error) error {
	return fmt.Errorf("decode request: %w: %w", err, fault.ErrInvalid)
}
