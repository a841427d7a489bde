package uiapi

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/prometheus/model/labels"
	"golang.org/x/sync/semaphore"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/logql"
)

// LogSources are where log lines are read. Both are required.
type LogSources struct {
	Paged  query.EventSource // with the budget of a query
	Whole  query.EventSource // for exports, which have none
	Limits query.Limits
}

// logs serves lines: page by page, around a line, and all of them.
type logs struct {
	pages    *logql.Engine
	maxLines int // of an answer
	whole    *logql.Engine
	exports  *semaphore.Weighted
	now      func() time.Time
}

func newLogs(o LogSources) *logs {
	paged := o.Limits
	paged.MaxLines = 0 // a page reads all lines of one time to know its place among them
	return &logs{
		pages: logql.NewEngine(o.Paged, paged), maxLines: o.Limits.MaxLines,
		whole: logql.NewEngine(o.Whole, query.Limits{}), exports: semaphore.NewWeighted(maxExports), now: time.Now,
	}
}

// both adds f to r for GET, and for POST because of queries too long for a URL.
func both(r chi.Router, path string, f func(http.ResponseWriter, *http.Request) error) {
	h := httpx.Handler(form(f), httpx.JSONError)
	r.Method(http.MethodGet, path, h)
	r.Method(http.MethodPost, path, h)
}

// form reads the parameters of the URL and of a form before f.
func form(f func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			return fmt.Errorf("read form: %w: %w", err, fault.ErrInvalid)
		}
		return f(w, r)
	}
}

// A logLine is a line of an answer. Labels that two of the maps could hold are
// in the last of them.
type logLine struct {
	Time     int64         `json:"time,string"` // ns since the Unix epoch
	Line     string        `json:"line"`
	Stream   labels.Labels `json:"stream"`   // of the stream
	Metadata labels.Labels `json:"metadata"` // the record's own attributes
	Parsed   labels.Labels `json:"parsed"`   // set by the query
}

func answerLines(lines []logql.Line) []logLine {
	out := make([]logLine, len(lines))
	for i, l := range lines {
		out[i] = logLine{l.Time, l.Line, l.Stream(), l.Metadata, l.Parsed}
	}
	return out
}

// query answers GET and POST /logs/query with a page of lines:
//
//	query      LogQL, for lines; required
//	start      RFC 3339, or ns since the Unix epoch; an hour before end by default
//	since      a duration, instead of start
//	end        the same as start, exclusive; now by default
//	direction  backward (newest first, the default) or forward
//	limit      lines, 100 by default
//	cursor     "next" of the page before; the other parameters stay the same
func (l *logs) query(w http.ResponseWriter, r *http.Request) error {
	expr, req, err := l.pageRequest(r)
	if err != nil {
		return err
	}
	page, err := l.pages.Page(r.Context(), expr, req)
	if err != nil {
		return err
	}
	body := map[string]any{"lines": answerLines(page.Lines)}
	if page.Next != nil {
		body["next"] = page.Next.String()
	}
	return httpx.WriteJSON(w, body)
}

func (l *logs) pageRequest(r *http.Request) (*logql.LogExpr, logql.PageRequest, error) {
	var req logql.PageRequest
	expr, err := l.selection(r, &req)
	if err != nil {
		return nil, req, err
	}
	if req.Limit, err = l.count(r, "limit", 100); err != nil {
		return nil, req, err
	}
	if s := r.Form.Get("cursor"); s != "" {
		c, err := logql.ParseCursor(s)
		if err != nil {
			return nil, req, fmt.Errorf("cursor: %w", err)
		}
		req.From = &c
	}
	return expr, req, nil
}

// selection reads query, start, since, end and direction.
func (l *logs) selection(r *http.Request, req *logql.PageRequest) (*logql.LogExpr, error) {
	expr, err := logql.ParseLog(r.Form.Get("query"))
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	within, err := rangeOf(r, l.now())
	if err != nil {
		return nil, err
	}
	req.Start, req.End = within.Start, within.End
	switch s := r.Form.Get("direction"); s {
	case "", "backward":
	case "forward":
		req.Forward = true
	default:
		return nil, fmt.Errorf("direction: %q is neither forward nor backward: %w", s, fault.ErrInvalid)
	}
	return expr, nil
}

// count reads a number of lines.
func (l *logs) count(r *http.Request, name string, otherwise int) (int, error) {
	s := r.Form.Get(name)
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s: %q is not a positive number: %w", name, s, fault.ErrInvalid)
	}
	if l.maxLines > 0 && n > l.maxLines {
		return 0, fmt.Errorf("%s: %d is more than query.max_lines of %d; ask page by page, or use /oriel/api/v1/logs/export: %w", name, n, l.maxLines, fault.ErrInvalid)
	}
	return n, nil
}
