package jaegerapi

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// noService is the service of spans whose resource names none.
const noService = "OTLPResourceNoServiceName"

// serviceName is the resource attribute that names the service.
const serviceName = "service.name"

// serviceOf returns the service a resource belongs to.
func serviceOf(st *model.Stream) string {
	if s := st.Attr(serviceName).Str(); s != "" {
		return s
	}
	return noService
}

// ofService keeps the spans of a service.
func ofService(name string) storage.Predicate {
	f := storage.Field{Place: storage.Stream, Key: serviceName}
	if name == noService {
		return storage.Or{storage.Not{P: storage.Exists{Field: f}}, storage.Compare{Field: f, Op: storage.Eq, Value: model.String("")}}
	}
	return storage.Compare{Field: f, Op: storage.Eq, Value: model.String(name)}
}

func (h *Handler) serviceNames(ctx context.Context) ([]string, error) {
	streams, err := h.engine.Source().Streams(ctx, storage.StreamsRequest{Signal: model.Spans, Range: model.AllTime()})
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	names := []string{}
	for _, st := range streams {
		names = append(names, serviceOf(st))
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (h *Handler) services(w http.ResponseWriter, r *http.Request) error {
	names, err := h.serviceNames(r.Context())
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, envelope{Data: names, Total: len(names)})
}

// An operation is a span name and kind of a service.
type operation struct {
	Name     string `json:"name"`
	SpanKind string `json:"spanKind"` // "" for unspecified
}

type kindOfName struct {
	kind model.SpanKind
	name string // "" for unspecified
}

// kinds are the span kinds by Jaeger's names.
var kinds = []kindOfName{
	{model.SpanUnspecified, ""},
	{model.SpanInternal, "internal"},
	{model.SpanServer, "server"},
	{model.SpanClient, "client"},
	{model.SpanProducer, "producer"},
	{model.SpanConsumer, "consumer"},
}

func kindName(k model.SpanKind) string {
	for _, x := range kinds {
		if x.kind == k {
			return x.name
		}
	}
	return ""
}

// listOperations returns a service's operations of a kind, "" for every kind,
// by name and kind.
func (h *Handler) listOperations(ctx context.Context, service, kind string) ([]operation, error) {
	out := []operation{}
	for _, k := range kinds {
		if kind != "" && kind != k.name {
			continue
		}
		where := storage.And{ofService(service), storage.Compare{
			Field: storage.Field{Place: storage.Kind}, Op: storage.Eq, Value: model.Int(int64(k.kind)),
		}}
		vals, err := h.engine.Source().Values(ctx, storage.ValuesRequest{
			Signal: model.Spans, Range: model.AllTime(), Where: where, Field: storage.Field{Place: storage.Body},
		})
		if err != nil {
			return nil, fmt.Errorf("list operations of %q: %w", service, err)
		}
		for _, v := range vals {
			out = append(out, operation{v.Value.Str(), k.name})
		}
	}
	slices.SortFunc(out, func(a, b operation) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.SpanKind, b.SpanKind))
	})
	return out, nil
}

func (h *Handler) operations(w http.ResponseWriter, r *http.Request) error {
	service := r.URL.Query().Get("service")
	if service == "" {
		return errNoService
	}
	ops, err := h.listOperations(r.Context(), service, r.URL.Query().Get("spanKind"))
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, envelope{Data: ops, Total: len(ops)})
}

func (h *Handler) operationNames(w http.ResponseWriter, r *http.Request) error {
	service, err := pathParam(r, "service")
	if err != nil {
		return err
	}
	ops, err := h.listOperations(r.Context(), service, "")
	if err != nil {
		return err
	}
	names := []string{}
	for _, o := range ops {
		names = append(names, o.Name)
	}
	names = slices.Compact(names)
	return httpx.WriteJSON(w, envelope{Data: names, Total: len(names)})
}

// pathParam returns a parameter of the path, unescaped.
func pathParam(r *http.Request, name string) (string, error) {
	s := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return s, nil // chi matched the unescaped path
	}
	return unescape(s)
}
