package lokiapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/logql"
)

// query serves an instant query.
func (a *API) query(w http.ResponseWriter, r *http.Request) error {
	at, err := a.timeParam(r, "time", a.now().UnixNano())
	if err != nil {
		return err
	}
	p := logql.Params{Start: at, End: at}
	if err := a.lineParams(r, &p); err != nil {
		return err
	}
	expr, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		return err
	}
	res, err := a.engine.Instant(r.Context(), expr, p)
	if err != nil {
		return err
	}
	return writeResult(w, res, encoding{categorize: categorized(r), forward: p.Forward})
}

// queryRange serves a query over a range of time.
func (a *API) queryRange(w http.ResponseWriter, r *http.Request) error {
	expr, p, err := a.rangeQuery(r)
	if err != nil {
		return err
	}
	res, err := a.engine.Range(r.Context(), expr, p)
	if err != nil {
		return err
	}
	return writeResult(w, res, encoding{categorize: categorized(r), forward: p.Forward})
}

// rangeQuery reads the parameters of a query over a range of time.
func (a *API) rangeQuery(r *http.Request) (logql.Expr, logql.Params, error) {
	b, err := a.bounds(r)
	if err != nil {
		return nil, logql.Params{}, err
	}
	p := logql.Params{Start: b.Start, End: b.End}
	if p.Step, err = a.step(r, b); err != nil {
		return nil, p, err
	}
	if err := a.lineParams(r, &p); err != nil {
		return nil, p, err
	}
	expr, err := logql.Parse(r.Form.Get("query"))
	return expr, p, err
}

// categorized reports whether the client wants labels told apart by origin.
func categorized(r *http.Request) bool {
	for _, h := range r.Header.Values("X-Loki-Response-Encoding-Flags") {
		for flag := range strings.SplitSeq(h, ",") {
			if strings.TrimSpace(flag) == "categorize-labels" {
				return true
			}
		}
	}
	return false
}

// formatQuery prints a query in canonical form.
func (a *API) formatQuery(w http.ResponseWriter, r *http.Request) error {
	expr, err := logql.Parse(r.Form.Get("query"))
	if err != nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		return json.NewEncoder(w).Encode(map[string]string{"status": "invalid-query", "error": err.Error()})
	}
	return httpx.WriteJSON(w, map[string]string{"status": "success", "data": expr.String()})
}
