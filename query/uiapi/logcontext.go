package uiapi

import (
	"fmt"
	"math"
	"net/http"
	"slices"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/logql"
)

// context answers GET and POST /logs/context with the lines around a line:
//
//	query   LogQL that finds the line, as a rule the selector of its stream; required
//	time    of the line: ns since the Unix epoch, or RFC 3339; required
//	line    its text, to tell it from others of that time; without it the first is meant
//	before  lines before it, 50 by default
//	after   lines after it, 50 by default
//
// Lines are oldest first. "older" and "newer" are cursors for /logs/query with
// the same query, backward and forward; they are missing where nothing follows.
func (l *logs) context(w http.ResponseWriter, r *http.Request) error {
	expr, err := logql.ParseLog(r.Form.Get("query"))
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	at, err := timeOf("time", r.Form.Get("time"))
	if err != nil {
		return err
	}
	before, err := l.count(r, "before", 50)
	if err != nil {
		return err
	}
	after, err := l.count(r, "after", 50)
	if err != nil {
		return err
	}
	place := logql.Cursor{Time: at}
	if r.Form.Has("line") {
		found := false
		if place, found, err = l.pages.Find(r.Context(), expr, at, r.Form.Get("line")); err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("no such line at %d: %w", at, fault.ErrNotFound)
		}
	}
	older, err := l.pages.Page(r.Context(), expr, logql.PageRequest{Start: math.MinInt64, End: math.MaxInt64, Limit: before, From: &place})
	if err != nil {
		return err
	}
	newer, err := l.pages.Page(r.Context(), expr, logql.PageRequest{
		Start: math.MinInt64, End: math.MaxInt64, Limit: after + 1, Forward: true, From: &place,
	})
	if err != nil {
		return err
	}
	if len(newer.Lines) == 0 || newer.Lines[0].Time != at {
		return fmt.Errorf("no line at %d: %w", at, fault.ErrNotFound)
	}
	slices.Reverse(older.Lines)
	body := map[string]any{
		"before": answerLines(older.Lines), "line": answerLines(newer.Lines[:1])[0], "after": answerLines(newer.Lines[1:]),
	}
	if older.Next != nil {
		body["older"] = older.Next.String()
	}
	if newer.Next != nil {
		body["newer"] = newer.Next.String()
	}
	return httpx.WriteJSON(w, body)
}
