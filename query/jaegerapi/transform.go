package jaegerapi

import (
	"net/http"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/traceql"
)

// maxTransformBytes bounds a file that Jaeger's page uploads to be shown.
const maxTransformBytes = 32 << 20

// transform answers OTLP's JSON as traces of the page. Nothing is stored.
func (h *Handler) transform(w http.ResponseWriter, r *http.Request) error {
	body, err := httpx.ReadBody(r, maxTransformBytes)
	if err != nil {
		return err
	}
	spans, err := h.decode(body)
	if err != nil {
		return invalidf("cannot unmarshal OTLP: %v", err)
	}
	return writeTraces(w, traceql.Assemble(spans), 0, nil)
}
