package uiapi

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
)

// delete answers POST /delete, with form values:
//
//	signal   logs or spans
//	query    of logs a stream selector with line filters, of spans a spanset filter
//	start    RFC 3339, or ns since the Unix epoch; of row times, inclusive
//	end      the same, exclusive
//	dry_run  false to delete; otherwise the rows are only counted
func (h *Handler) delete(w http.ResponseWriter, r *http.Request) error {
	if h.opts.Deletes == nil {
		return query.ErrNoDeletes
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return fmt.Errorf("%w: %w", err, fault.ErrForbidden)
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read form: %w: %w", err, fault.ErrInvalid)
	}
	req, err := deleteRequest(r.FormValue)
	if err != nil {
		return err
	}
	res, err := h.opts.Deletes.Delete(r.Context(), req)
	if err != nil {
		return err
	}
	body := map[string]any{"rows": res.Rows, "dry_run": req.DryRun}
	if !req.DryRun {
		body["number"] = res.Number
	}
	return httpx.WriteJSON(w, body)
}

// maxForm bounds the body of a request.
const maxForm = 1 << 20

func deleteRequest(form func(string) string) (req storage.DeleteRequest, err error) {
	req.DryRun = true
	if s := form("dry_run"); s != "" {
		if req.DryRun, err = strconv.ParseBool(s); err != nil {
			return req, fmt.Errorf("dry_run: %q is not true or false: %w", s, fault.ErrInvalid)
		}
	}
	if req.Range.Start, err = timeOf("start", form("start")); err != nil {
		return req, err
	}
	if req.Range.End, err = timeOf("end", form("end")); err != nil {
		return req, err
	}
	if req.Range.Start >= req.Range.End {
		return req, fmt.Errorf("end: not after start: %w", fault.ErrInvalid)
	}
	parse := logql.ParsePredicate
	switch s := form("signal"); s {
	case "logs":
		req.Signal = model.Logs
	case "spans":
		req.Signal, parse = model.Spans, traceql.ParsePredicate
	default:
		return req, fmt.Errorf("signal: %q is neither logs nor spans: %w", s, fault.ErrInvalid)
	}
	if req.Where, err = parse(form("query")); err != nil {
		return req, fmt.Errorf("query: %w", err)
	}
	return req, nil
}

// deletes answers GET /delete with the deletes whose rows may still be on disk.
func (h *Handler) deletes(w http.ResponseWriter, r *http.Request) error {
	if h.opts.Deletes == nil {
		return query.ErrNoDeletes
	}
	type deletion struct {
		storage.Deletion
		Signal string `json:"signal"`
		Where  string `json:"where"`
		Start  string `json:"start"` // ns, as a string because JavaScript has no such integers
		End    string `json:"end"`
	}
	out := []deletion{}
	for _, d := range h.opts.Deletes.Deletes(r.Context()) {
		where := "everything"
		if d.Where != nil {
			where = d.Where.String()
		}
		out = append(out, deletion{d, d.Signal.String(), where, strconv.FormatInt(d.Range.Start, 10), strconv.FormatInt(d.Range.End, 10)})
	}
	return httpx.WriteJSON(w, map[string]any{"deletes": out})
}
