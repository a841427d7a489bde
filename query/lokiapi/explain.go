package lokiapi

import (
	"net/http"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

// explain serves how a query over a range of time is evaluated. It takes the
// parameters of query_range and runs the query. Loki has no such endpoint.
func (a *API) explain(w http.ResponseWriter, r *http.Request) error {
	expr, p, err := a.rangeQuery(r)
	if err != nil {
		return err
	}
	plan, err := a.engine.Explain(r.Context(), expr, p)
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]any{"status": "success", "data": explanation{plan, costOf(plan.Stats)}})
}

type explanation struct {
	*logql.Plan
	Stats cost `json:"stats"`
}

// A cost is what a query made the store do; times are seconds.
type cost struct {
	Parts          int64   `json:"parts"`
	Granules       int64   `json:"granules"`
	GranulesPruned int64   `json:"granulesPruned"`
	IndexLookups   int64   `json:"indexLookups"`
	RowsScanned    int64   `json:"rowsScanned"`
	RowsYielded    int64   `json:"rowsYielded"`
	BytesScanned   int64   `json:"bytesScanned"`
	PlanTime       float64 `json:"planTime"`
	ReadTime       float64 `json:"readTime"`
	FilterTime     float64 `json:"filterTime"`
	Elapsed        float64 `json:"elapsed"`
}

func costOf(s storage.Stats) cost {
	return cost{
		Parts: s.Parts, Granules: s.Granules, GranulesPruned: s.GranulesPruned, IndexLookups: s.IndexLookups,
		RowsScanned: s.RowsScanned, RowsYielded: s.RowsYielded, BytesScanned: s.BytesScanned,
		PlanTime: s.PlanTime.Seconds(), ReadTime: s.ReadTime.Seconds(), FilterTime: s.FilterTime.Seconds(), Elapsed: s.Elapsed.Seconds(),
	}
}
