package lokiapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

// requestDelete serves POST and PUT of delete: the lines are gone from every
// answer when it returns. max_interval, which splits the work in Loki, has no
// meaning here.
func (a *API) requestDelete(w http.ResponseWriter, r *http.Request) error {
	if a.deletes == nil {
		return query.ErrNoDeletes
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return fmt.Errorf("%w: %w", err, fault.ErrForbidden)
	}
	req := storage.DeleteRequest{Signal: model.Logs}
	var err error
	if req.Where, err = logql.ParsePredicate(r.Form.Get("query")); err != nil {
		return err
	}
	if r.Form.Get("start") == "" {
		return badRequest("start time not set")
	}
	if req.Range.Start, err = a.timeParam(r, "start", 0); err != nil {
		return err
	}
	if req.Range.End, err = a.timeParam(r, "end", a.now().UnixNano()); err != nil {
		return err
	}
	if req.Range.End < math.MaxInt64 {
		req.Range.End++ // Loki's range has its end
	}
	if req.Range.Empty() {
		return badRequest("start time can't be greater than end time")
	}
	if _, err := a.deletes.Delete(r.Context(), req); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// listDeletes serves GET of delete.
func (a *API) listDeletes(w http.ResponseWriter, r *http.Request) error {
	if a.deletes == nil {
		return query.ErrNoDeletes
	}
	type request struct {
		ID        string  `json:"request_id"`
		Start     int64   `json:"start_time"` // s since the Unix epoch, as the others
		End       int64   `json:"end_time"`
		Query     string  `json:"query"`  // what is deleted, as a condition on lines
		Status    string  `json:"status"` // processed once the bytes are gone too
		CreatedAt float64 `json:"created_at"`
	}
	list := []request{}
	for _, d := range a.deletes.Deletes(r.Context()) {
		if d.Signal != model.Logs {
			continue
		}
		status := "processed"
		if d.Pending > 0 {
			status = "received"
		}
		list = append(list, request{
			strconv.FormatUint(d.Number, 10), d.Range.Start / int64(time.Second), (d.Range.End - 1) / int64(time.Second),
			fmt.Sprint(d.Where), status, float64(d.Created.UnixMilli()) / 1000,
		})
	}
	return httpx.WriteJSON(w, list)
}

// cancelDelete serves DELETE of delete.
func (a *API) cancelDelete(http.ResponseWriter, *http.Request) error {
	return badRequest("a delete takes effect at once and cannot be cancelled")
}
