package promapi

import (
	"encoding/json"
	"net/http"

	"github.com/oriel-obs/oriel/query/promql"
)

// costHeader tells what the answer to a range query took, as JSON of
// promql.Spent. Prometheus has statistics in the body, but only of a query that
// is evaluated as a whole; clients that know no such header pass over it.
const costHeader = "X-Oriel-Stats"

// A costWriter adds the header before the answer begins: then the query is done.
type costWriter struct {
	http.ResponseWriter
	cost *promql.Cost
	told bool
}

// WriteHeader implements http.ResponseWriter.
func (w *costWriter) WriteHeader(status int) {
	w.tell()
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *costWriter) Write(b []byte) (int, error) {
	w.tell()
	return w.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (w *costWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *costWriter) tell() {
	if w.told {
		return
	}
	w.told = true
	if b, err := json.Marshal(w.cost.Spent()); err == nil {
		w.Header().Set(costHeader, string(b))
	}
}
