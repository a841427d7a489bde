package uiapi

import (
	"fmt"
	"net/http"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// spanAttributes answers /cardinality/spans with a traceql.AttributeList. Its
// parameters are those of rangeOf, and limit, the rows of the list; 200.
func (h *Handler) spanAttributes(r *http.Request, within model.Range) (any, error) {
	limit, err := limitOf(r, 200)
	if err != nil {
		return nil, err
	}
	return h.opts.Traces.Attributes(r.Context(), within, limit)
}

// spanValues answers /cardinality/spans/values with a traceql.ValueList of
// attribute=, spelled as in TraceQL. The other parameters are those of
// spanAttributes.
func (h *Handler) spanValues(r *http.Request, within model.Range) (any, error) {
	limit, err := limitOf(r, 100)
	if err != nil {
		return nil, err
	}
	text := r.Form.Get("attribute")
	if text == "" {
		return nil, fmt.Errorf("attribute: must be set, for instance to span.http.route: %w", fault.ErrInvalid)
	}
	a, err := traceql.ParseAttribute(text)
	if err != nil {
		return nil, fmt.Errorf("attribute: %w: %w", err, fault.ErrInvalid)
	}
	return h.opts.Traces.Values(r.Context(), within, a, limit)
}
