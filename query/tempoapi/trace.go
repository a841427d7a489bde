package tempoapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
)

func (h *Handler) traceV1(w http.ResponseWriter, r *http.Request) error {
	t, err := h.trace(r)
	if errors.Is(err, fault.ErrNotFound) {
		w.WriteHeader(http.StatusNotFound) // with an empty body, as Tempo has it
		return nil
	}
	if err != nil {
		return err
	}
	if wantsProtobuf(r.Header.Get("Accept")) {
		return writeProto(w, t)
	}
	return writeTraceJSON(w, `{"batches":`, t, "}")
}

// traceV2 answers 200 with an empty trace where there is none: Grafana takes a
// 404 for a server without version 2, and a missing trace for a fault.
func (h *Handler) traceV2(w http.ResponseWriter, r *http.Request) error {
	t, err := h.trace(r)
	if errors.Is(err, fault.ErrNotFound) {
		t, err = &tracepb.TracesData{}, nil
	}
	if err != nil {
		return err
	}
	if wantsProtobuf(r.Header.Get("Accept")) {
		return writeProtoV2(w, t)
	}
	if len(t.ResourceSpans) == 0 {
		return writeJSON(w, map[string]any{"trace": struct{}{}, "metrics": struct{}{}})
	}
	return writeTraceJSON(w, `{"trace":{"resourceSpans":`, t, `},"metrics":{}}`)
}

func (h *Handler) trace(r *http.Request) (*tracepb.TracesData, error) {
	id, err := traceID(chi.URLParam(r, "id"))
	if err != nil {
		return nil, err
	}
	start, end, set, err := h.seconds(r.URL.Query())
	if err != nil {
		return nil, err
	}
	span := model.AllTime()
	if set {
		span = closedRange(start, end)
	}
	t, err := h.engine.Trace(r.Context(), id, span)
	if err != nil {
		return nil, err
	}
	return t.OTLP(), nil
}

func traceID(s string) (model.TraceID, error) {
	for i, c := range s {
		if !strings.ContainsRune("0123456789abcdefABCDEF", c) {
			return model.TraceID{}, invalidf("trace IDs can only contain hex characters: invalid character '%c' at position %d", c, i+1)
		}
	}
	id, err := model.ParseTraceID(s)
	if err != nil {
		return model.TraceID{}, invalidf("trace IDs can't be larger than 128 bits, or empty: %d hex digits", len(s))
	}
	return id, nil
}

func writeJSON(w http.ResponseWriter, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(b)
	return err
}

// writeProto writes a tempopb.Trace, whose only field is that of TracesData.
func writeProto(w http.ResponseWriter, t *tracepb.TracesData) error {
	b, err := proto.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode trace: %w", err)
	}
	w.Header().Set("Content-Type", "application/protobuf")
	_, err = w.Write(b)
	return err
}

// writeProtoV2 writes a tempopb.TraceByIDResponse: 1 trace, 2 metrics.
func writeProtoV2(w http.ResponseWriter, t *tracepb.TracesData) error {
	b, err := proto.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode trace: %w", err)
	}
	out := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), b)
	out = protowire.AppendBytes(protowire.AppendTag(out, 2, protowire.BytesType), nil)
	w.Header().Set("Content-Type", "application/protobuf")
	_, err = w.Write(out)
	return err
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
