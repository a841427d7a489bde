package tempoapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/oriel-obs/oriel/query/traceql"
)

// asksLines reports whether a search is to be answered as it goes on.
func asksLines(v url.Values) (bool, error) {
	s := v.Get("stream")
	if s == "" {
		return false, nil
	}
	yes, err := strconv.ParseBool(s)
	if err != nil {
		return false, invalidf("invalid stream: %q is neither true nor false", s)
	}
	return yes, nil
}

// A failedLine ends an answer whose status was sent before the search failed.
type failedLine struct {
	Error string `json:"error"`
}

// searchLines answers a search with stream=true in lines of JSON: the traces
// found since the line before, each once, and in the end all that belong to
// the answer with what a search without stream says of itself.
func (h *Handler) searchLines(ctx context.Context, w http.ResponseWriter, v url.Values, req traceql.SearchRequest) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	flusher, begun := http.NewResponseController(w), false
	line := func(doc any) error {
		text, err := json.Marshal(doc)
		if err != nil {
			return fmt.Errorf("encode a line: %w", err)
		}
		if !begun {
			begun = true
			w.Header().Set("Content-Type", "application/x-ndjson")
		}
		if _, err := w.Write(append(text, '\n')); err != nil {
			return fmt.Errorf("write a line: %w", err)
		}
		return flusher.Flush()
	}
	var waiting []traceJSON
	last := h.now()
	req.Show = func(t traceql.TraceHit) {
		hit, err := encodeHit(t)
		if err == nil {
			waiting = append(waiting, hit)
			if now := h.now(); now.Sub(last) >= showInterval {
				err = line(searchResponse{Traces: waiting})
				waiting, last = nil, now
			}
		}
		if err != nil {
			cancel(err) // the client left
		}
	}
	res, err := h.engine.Search(ctx, req)
	var out searchResponse
	if err == nil {
		out, err = encodeSearch(res, v, req.Order)
	}
	if err != nil && begun {
		return line(failedLine{err.Error()})
	}
	if err != nil {
		return err
	}
	return line(out)
}
