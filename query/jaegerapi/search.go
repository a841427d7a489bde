package jaegerapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

func (h *Handler) search(w http.ResponseWriter, r *http.Request) error {
	q, err := h.searchRequest(r.URL.Query())
	if err != nil {
		return err
	}
	found, errs, err := h.find(r.Context(), q)
	if err != nil {
		return err
	}
	return writeTraces(w, found, len(found), errs)
}

// find returns the traces of a search, those that begin last first. Ids that
// are asked for but not known give an error each.
func (h *Handler) find(ctx context.Context, q searchRequest) (found []*traceql.Trace, errs []apiError, err error) {
	for _, id := range q.ids {
		t, err := h.whole(ctx, id, model.AllTime())
		if errors.Is(err, fault.ErrNotFound) {
			errs = append(errs, apiError{Code: http.StatusNotFound, Msg: message(err), TraceID: id.String()})
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		found = append(found, t)
	}
	if len(q.ids) > 0 {
		return found, errs, nil
	}
	r := model.RangeOf(q.start, q.end)
	r.End++ // Jaeger's range is closed
	for t, err := range h.engine.Find(ctx, traceql.Find{Where: q.where(), Range: r, Within: true, Likely: q.limit}) {
		if err != nil {
			return nil, nil, err
		}
		if found = append(found, t); len(found) == q.limit {
			break
		}
	}
	slices.SortStableFunc(found, func(a, b *traceql.Trace) int { return cmp.Compare(b.Start, a.Start) })
	return found, nil, nil
}

func (h *Handler) trace(w http.ResponseWriter, r *http.Request) error {
	id, err := traceIDParam(r)
	if err != nil {
		return err
	}
	span, err := h.rangeOf(r.URL.Query())
	if err != nil {
		return err
	}
	t, err := h.whole(r.Context(), id, span)
	if err != nil {
		return err
	}
	return writeTraces(w, []*traceql.Trace{t}, 0, nil)
}

func traceIDParam(r *http.Request) (id model.TraceID, err error) {
	s, err := pathParam(r, "id")
	if err != nil {
		return id, err
	}
	if id, err = model.ParseTraceID(s); err != nil {
		err = invalidf("cannot parse traceID: %v", err)
	}
	return id, err
}

// rangeOf reads where to look for a trace: everywhere, unless start and end
// say otherwise.
func (h *Handler) rangeOf(v url.Values) (model.Range, error) {
	out := model.AllTime()
	if v.Get("start") != "" {
		t, err := micros(v, "start", h.now())
		if err != nil {
			return out, err
		}
		out.Start = t.UnixNano()
	}
	if v.Get("end") != "" {
		t, err := micros(v, "end", h.now())
		if err != nil {
			return out, err
		}
		out.End = t.UnixNano() + 1
	}
	return out, nil
}
