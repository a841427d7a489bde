package tempoapi

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/rawgrpc"
	"github.com/oriel-obs/oriel/query/traceql"
)

// StreamingService is the gRPC service that Grafana asks where its data source
// has streaming on.
const StreamingService = "tempopb.StreamingQuerier"

// RegisterGRPC adds the service to s, which must use rawgrpc.Codec. A request
// means what the HTTP request with the same parameters does.
func (h *Handler) RegisterGRPC(s *grpc.Server) {
	one := func(name string, params map[protowire.Number]string, answer func(context.Context, url.Values) (message, error)) grpc.StreamDesc {
		return rawgrpc.Stream(name, func(ctx context.Context, in rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
			v, err := values(in, params)
			if err != nil {
				return err
			}
			m, err := answer(ctx, v)
			if err != nil {
				return err
			}
			return send(rawgrpc.Frame(m))
		})
	}
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: StreamingService, HandlerType: (*any)(nil),
		Streams: []grpc.StreamDesc{
			rawgrpc.Stream("Search", h.streamSearch),
			one("SearchTags", tagsParams, h.streamTags),
			one("SearchTagsV2", tagsParams, h.streamTagsV2),
			one("SearchTagValues", valuesParams, h.streamValues),
			one("SearchTagValuesV2", valuesParams, h.streamValuesV2),
			one("MetricsQueryRange", rangeParams, h.streamRange),
			one("MetricsQueryInstant", instantParams, h.streamInstant),
		},
	}, h)
}

// Parameters by their field numbers in tempopb's requests. A name that ends in
// a unit is of a duration.
var (
	searchRequestParams = map[protowire.Number]string{
		1: "tags", 2: "minDuration ms", 3: "maxDuration ms", 4: "limit", 5: "start", 6: "end", 8: "q", 9: "spss",
	}
	tagsParams    = map[protowire.Number]string{1: "scope", 2: "q", 3: "start", 4: "end", 5: "limit"}
	valuesParams  = map[protowire.Number]string{1: "tag", 2: "q", 4: "start", 5: "end", 6: "limit"}
	rangeParams   = map[protowire.Number]string{1: "q", 2: "start", 3: "end", 4: "step ns", 16: "exemplars", 17: "maxSeries"}
	instantParams = map[protowire.Number]string{1: "q", 2: "start", 3: "end"}
)

// values reads a request as the parameters of its HTTP form. Entries of a map
// become logfmt.
func values(in []byte, params map[protowire.Number]string) (url.Values, error) {
	v := url.Values{}
	for len(in) > 0 {
		num, typ, n := protowire.ConsumeTag(in)
		if n < 0 {
			return nil, notProtobuf(n)
		}
		in = in[n:]
		size := protowire.ConsumeFieldValue(num, typ, in)
		if size < 0 {
			return nil, notProtobuf(size)
		}
		field := in[:size]
		in = in[size:]
		name, unit, _ := strings.Cut(params[num], " ")
		switch {
		case name == "":
		case name == "tags" && typ == protowire.BytesType:
			entry, _ := protowire.ConsumeBytes(field)
			pair, err := values(entry, map[protowire.Number]string{1: "key", 2: "value"})
			if err != nil {
				return nil, err
			}
			v.Set(name, strings.TrimSpace(v.Get(name)+" "+pair.Get("key")+"="+strconv.Quote(pair.Get("value"))))
		case typ == protowire.BytesType:
			text, _ := protowire.ConsumeBytes(field)
			v.Set(name, string(text))
		case typ == protowire.VarintType:
			if x, _ := protowire.ConsumeVarint(field); x != 0 {
				v.Set(name, strconv.FormatUint(x, 10)+unit)
			}
		}
	}
	return v, nil
}

func notProtobuf(n int) error {
	return fmt.Errorf("decode request: %w: %w", protowire.ParseError(n), fault.ErrInvalid)
}

// showInterval is the least time between two messages of a search: each costs
// the page a redraw.
const showInterval = 200 * time.Millisecond

// streamSearch sends the traces that it finds as it finds them, each once, and
// in the end all that belong to the answer.
func (h *Handler) streamSearch(ctx context.Context, in rawgrpc.Frame, send func(rawgrpc.Frame) error) error {
	v, err := values(in, searchRequestParams)
	if err != nil {
		return err
	}
	req, err := h.searchRequest(v)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var waiting []traceql.TraceHit
	last := h.now()
	req.Show = func(t traceql.TraceHit) {
		waiting = append(waiting, t)
		if now := h.now(); now.Sub(last) >= showInterval {
			if err := sendHits(send, waiting, searchStats(0, 0, 0, false)); err != nil {
				cancel(err) // the client left
			}
			waiting, last = nil, now
		}
	}
	res, err := h.engine.Search(ctx, req)
	if err != nil {
		return err
	}
	return sendHits(send, res.Traces, searchStats(res.Inspected, res.Stats.BytesScanned, res.Stats.RowsScanned, true))
}

func sendHits(send func(rawgrpc.Frame) error, hits []traceql.TraceHit, stats message) error {
	m, err := searchMessage(hits, stats)
	if err != nil {
		return fmt.Errorf("encode traces: %w", err)
	}
	return send(rawgrpc.Frame(m))
}

// tagsDone is the MetadataMetrics of answers about tags.
func tagsDone() (m message) {
	m.number(2, 1)
	m.number(3, 1)
	return m
}

func (h *Handler) streamTags(ctx context.Context, v url.Values) (m message, err error) {
	names, err := h.tagNames(ctx, v)
	if err != nil {
		return nil, err
	}
	m.texts(1, names)
	m.part(2, tagsDone())
	return m, nil
}

func (h *Handler) streamTagsV2(ctx context.Context, v url.Values) (m message, err error) {
	scopes, err := h.tagsByScope(ctx, v)
	if err != nil {
		return nil, err
	}
	for _, s := range scopes {
		var scope message
		scope.text(1, s.Name)
		scope.texts(2, s.Tags)
		m.part(1, scope)
	}
	m.part(2, tagsDone())
	return m, nil
}

func (h *Handler) streamValues(ctx context.Context, v url.Values) (m message, err error) {
	texts, err := h.textValues(ctx, v.Get("tag"), v)
	if err != nil {
		return nil, err
	}
	m.texts(1, texts)
	m.part(2, tagsDone())
	return m, nil
}

func (h *Handler) streamValuesV2(ctx context.Context, v url.Values) (m message, err error) {
	vals, err := h.typedValues(ctx, v.Get("tag"), v)
	if err != nil {
		return nil, err
	}
	for _, x := range vals {
		var value message
		value.text(1, x.Type)
		value.text(2, x.Value)
		m.part(1, value)
	}
	m.part(2, tagsDone())
	return m, nil
}

func (h *Handler) streamRange(ctx context.Context, v url.Values) (message, error) {
	res, cut, err := h.measureRange(ctx, v)
	if err != nil {
		return nil, err
	}
	return metricsMessage(res, cut, func(s *traceql.Series) (message, error) { return rangeSeries(s, res.Times) })
}

func (h *Handler) streamInstant(ctx context.Context, v url.Values) (message, error) {
	res, err := h.measureInstant(ctx, v)
	if err != nil {
		return nil, err
	}
	return metricsMessage(res, "", instantSeries)
}
