package tempoapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	omodel "github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/tracediff"
)

// maxDiffRequest bounds a body that names two traces.
const maxDiffRequest = 64 << 10

// A diffRequest names two traces to compare.
type diffRequest struct {
	Base    diffSide `json:"base"`
	Compare diffSide `json:"compare"`
	Format  string   `json:"format"`
}

type diffSide struct {
	TraceID string `json:"traceId"`
	Start   *int64 `json:"start"` // Unix seconds
	End     *int64 `json:"end"`
}

// traceDiff is experimental in Tempo, and on by its own configuration there.
func (h *Handler) traceDiff(w http.ResponseWriter, r *http.Request) error {
	body, err := httpx.ReadBody(r, maxDiffRequest)
	if err != nil {
		return err
	}
	var q diffRequest
	if err := json.Unmarshal(body, &q); err != nil {
		return invalidf("invalid trace diff request body: %v", err)
	}
	switch q.Format {
	case "":
		q.Format = tracediff.PatchV0
	case tracediff.PatchV0, tracediff.SummaryV0, tracediff.ComposedV0:
	default:
		return invalidf("invalid format %q: must be one of %q, %q, %q", q.Format, tracediff.ComposedV0, tracediff.PatchV0, tracediff.SummaryV0)
	}
	d, err := h.diff(r.Context(), &q)
	if errors.Is(err, fault.ErrNotFound) {
		http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		return nil
	}
	if err != nil {
		return err
	}
	switch q.Format {
	case tracediff.SummaryV0:
		return writeJSON(w, d.Summary())
	case tracediff.ComposedV0:
		both, err := d.Composed()
		if err != nil {
			return err
		}
		return writeJSON(w, both)
	}
	return writeJSON(w, d.Patch())
}

// diff compares the traces, after both sides of q are known to make sense.
func (h *Handler) diff(ctx context.Context, q *diffRequest) (*tracediff.Diff, error) {
	base, baseRange, err := q.Base.parse("base")
	if err != nil {
		return nil, err
	}
	compare, compareRange, err := q.Compare.parse("compare")
	if err != nil {
		return nil, err
	}
	before, err := h.engine.Trace(ctx, base, baseRange)
	if err != nil {
		return nil, fmt.Errorf("fetch base trace: %w", err)
	}
	after, err := h.engine.Trace(ctx, compare, compareRange)
	if err != nil {
		return nil, fmt.Errorf("fetch compare trace: %w", err)
	}
	return tracediff.Of(before, after)
}

// parse returns which trace a side is, and where to look for it.
func (s diffSide) parse(name string) (id omodel.TraceID, r omodel.Range, err error) {
	if s.TraceID == "" {
		return id, r, invalidf("%s.traceId is required", name)
	}
	if id, err = traceID(s.TraceID); err != nil {
		return id, r, invalidf("invalid %s.traceId: %v", name, err)
	}
	start, end := int64(0), int64(math.MaxUint32)
	for _, bound := range []struct {
		name  string
		value *int64
		to    *int64
	}{{"start", s.Start, &start}, {"end", s.End, &end}} {
		if bound.value == nil {
			continue
		}
		if *bound.value < 0 || *bound.value > math.MaxUint32 {
			return id, r, invalidf("%s.%s: %d is not a Unix time in seconds", name, bound.name, *bound.value)
		}
		*bound.to = *bound.value
	}
	switch {
	case s.Start == nil && s.End == nil:
		return id, omodel.AllTime(), nil
	case s.Start != nil && s.End != nil && start >= end:
		return id, r, invalidf("%s.start must be before %s.end. received start=%d end=%d", name, name, start, end)
	}
	return id, closedRange(start, end), nil
}

// onlyPost refuses what is not a POST in the words of Tempo.
func onlyPost(f http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		f.ServeHTTP(w, r)
	}
}
