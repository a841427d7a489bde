package uiapi

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	prommodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

// mountServices adds what is told about services and spans. All take start, end and
// since, as rangeOf reads them.
//
//	/services                    rate, errors, durations and Apdex of each (apdex=500ms is the satisfying duration)
//	/services/operations         the same of the operations of service=NAME
//	/services/map                who calls whom; service=NAME for its neighbours alone
//	/services/errors             failed spans in groups; service=NAME for its own
//	/services/profiles           versions, languages, instances and the like of each; service=NAME for its own
//	/services/deploys            when versions of services began; service=NAME for its own
//	/cardinality/spans           the attributes of spans and how many values each takes; limit=200
//	/cardinality/spans/values    the values of attribute=NAME, and how many spans have each; limit=100
//	/traces/{id}/critical-path   what the end of a trace was waiting for
//	/traces/compare              attributes that spans of selected=TRACEQL have more or less often than those of baseline=TRACEQL, or than all others; limit=20
//	/traces/structure            the traces that query=TRACEQL finds, laid over each other; limit=200
//	/correlate                   logs, metrics and traces of trace_id=ID (span_id=ID), or of service=NAME
func (h *Handler) mountServices(r chi.Router) {
	get := func(path string, f func(r *http.Request, within model.Range) (any, error)) {
		both(r, "/oriel/api/v1"+path, func(w http.ResponseWriter, r *http.Request) error {
			within, err := rangeOf(r, time.Now())
			if err != nil {
				return err
			}
			answer, err := f(r, within)
			if err != nil {
				return err
			}
			return httpx.WriteJSON(w, answer)
		})
	}
	s := h.opts.Services
	get("/services", func(r *http.Request, within model.Range) (any, error) {
		satisfied, err := apdex(r)
		if err != nil {
			return nil, err
		}
		return s.List(r.Context(), within, satisfied)
	})
	get("/services/operations", func(r *http.Request, within model.Range) (any, error) {
		satisfied, err := apdex(r)
		if err != nil {
			return nil, err
		}
		name := r.Form.Get("service")
		if name == "" {
			return nil, fmt.Errorf("service: must be set: %w", fault.ErrInvalid)
		}
		list, err := s.Operations(r.Context(), within, name, satisfied)
		return map[string]any{"operations": orEmpty(list)}, err
	})
	get("/services/map", func(r *http.Request, within model.Range) (any, error) {
		return s.Map(r.Context(), within, r.Form.Get("service"))
	})
	get("/services/errors", func(r *http.Request, within model.Range) (any, error) {
		return s.Errors(r.Context(), within, r.Form.Get("service"))
	})
	get("/services/profiles", func(r *http.Request, within model.Range) (any, error) {
		list, err := s.Profiles(r.Context(), within, r.Form.Get("service"))
		return map[string]any{"profiles": list}, err
	})
	get("/services/deploys", func(r *http.Request, within model.Range) (any, error) {
		list, err := s.Deploys(r.Context(), within, r.Form.Get("service"))
		return map[string]any{"deploys": list}, err
	})
	get("/traces/{id}/critical-path", func(r *http.Request, within model.Range) (any, error) {
		id, err := model.ParseTraceID(chi.URLParam(r, "id"))
		if err != nil {
			return nil, fmt.Errorf("trace id: %w: %w", err, fault.ErrInvalid)
		}
		if !hasRange(r) {
			within = model.AllTime()
		}
		return s.CriticalPath(r.Context(), id, within)
	})
	get("/cardinality/spans", h.spanAttributes)
	get("/cardinality/spans/values", h.spanValues)
	get("/traces/compare", h.compare)
	get("/traces/structure", h.structure)
	get("/correlate", h.correlate)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// hasRange reports whether the client says of which time an answer is to be:
// a trace is looked for everywhere otherwise.
func hasRange(r *http.Request) bool {
	return r.Form.Get("start") != "" || r.Form.Get("end") != "" || r.Form.Get("since") != ""
}

// apdex reads the duration that satisfies users.
func apdex(r *http.Request) (time.Duration, error) {
	s := r.Form.Get("apdex")
	if s == "" {
		return 500 * time.Millisecond, nil
	}
	d, err := prommodel.ParseDuration(s)
	if err != nil || d == 0 {
		return 0, fmt.Errorf("apdex: %q is not a duration such as 500ms: %w", s, fault.ErrInvalid)
	}
	return time.Duration(d), nil
}

func (h *Handler) compare(r *http.Request, within model.Range) (any, error) {
	var predicates [2]storage.Predicate
	for i, name := range []string{"selected", "baseline"} {
		text := r.Form.Get(name)
		if text == "" && i == 1 {
			continue // all others
		}
		p, err := traceql.ParsePredicate(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		predicates[i] = p
	}
	limit := 20
	if text := r.Form.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("limit: %q is not a positive number: %w", text, fault.ErrInvalid)
		}
		limit = n
	}
	return h.opts.Services.Compare(r.Context(), within, predicates[0], predicates[1], limit)
}

// mostLaidOver bounds the traces of a structure: each is read whole.
const mostLaidOver = 1000

func (h *Handler) structure(r *http.Request, within model.Range) (any, error) {
	q, err := traceql.Parse(r.Form.Get("query"))
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	limit := 200
	if text := r.Form.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > mostLaidOver {
			return nil, fmt.Errorf("limit: %q is not a number from 1 to %d: %w", text, mostLaidOver, fault.ErrInvalid)
		}
	}
	return h.opts.Services.Structure(r.Context(), within, q, limit)
}

func (h *Handler) correlate(r *http.Request, within model.Range) (any, error) {
	trace, span, service := r.Form.Get("trace_id"), r.Form.Get("span_id"), r.Form.Get("service")
	if (trace == "") == (service == "") {
		return nil, fmt.Errorf("set one of trace_id and service: %w", fault.ErrInvalid)
	}
	if service != "" {
		return h.opts.Services.OfService(r.Context(), service, within)
	}
	id, err := model.ParseTraceID(trace)
	if err != nil {
		return nil, fmt.Errorf("trace_id: %w: %w", err, fault.ErrInvalid)
	}
	var spanID model.SpanID
	if span != "" {
		if spanID, err = model.ParseSpanID(span); err != nil {
			return nil, fmt.Errorf("span_id: %w: %w", err, fault.ErrInvalid)
		}
	}
	if !hasRange(r) {
		within = model.AllTime()
	}
	return h.opts.Services.OfTrace(r.Context(), id, spanID, within)
}
