package evidence

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

const (
	maxSelectors = 6   // queries for the lines of one notification
	linesRead    = 500 // by each, the newest
)

const onlyErrors = ` | detected_level=~"error|critical|fatal"`

// logs finds lines: those that rules over logs count, and those of the streams
// whose labels are the alerts'.
func (s *search) logs(ctx context.Context) (func(*Evidence), error) {
	queries, err := s.logQueries(ctx)
	if err != nil || len(queries) == 0 {
		return nil, err
	}
	r := s.recently()
	kinds := map[string]*LogLine{}
	var fault error
	for _, q := range queries {
		text := q.text
		if !q.counted {
			text += onlyErrors
		}
		fault = cmp.Or(fault, s.read(ctx, text, r, kinds))
	}
	if len(kinds) == 0 { // then any line is better than none
		for _, q := range queries {
			if !q.counted {
				fault = cmp.Or(fault, s.read(ctx, q.text, r, kinds))
			}
		}
	}
	out := &Logs{Query: queries[0].text, URL: s.logsURL(queries[0].text, r)}
	for _, l := range kinds {
		out.Lines = append(out.Lines, *l)
	}
	slices.SortFunc(out.Lines, func(a, b LogLine) int {
		return cmp.Or(cmp.Compare(rank(a.Level), rank(b.Level)), cmp.Compare(b.Count, a.Count), b.Time.Compare(a.Time), cmp.Compare(a.Line, b.Line))
	})
	out.Lines = out.Lines[:min(len(out.Lines), s.c.opts.Config.LogLines)]
	if len(out.Lines) == 0 {
		return nil, fault
	}
	for i := range out.Lines {
		s.c.cleanLine(&out.Lines[i])
	}
	return func(e *Evidence) { e.Logs = out }, fault
}

// rank puts lines of errors first.
func rank(level string) int {
	switch level {
	case "fatal", "critical":
		return 0
	case "error":
		return 1
	case "warn", "warning":
		return 2
	}
	return 3
}

func (c *Collector) cleanLine(l *LogLine) {
	l.Line = c.clean(l.Line, maxLine)
	for name, value := range l.Labels {
		l.Labels[name] = c.clean(value, maxName)
	}
}

// A logQuery is LogQL for lines.
type logQuery struct {
	text    string
	counted bool // by a rule, so that all that it finds is of interest
}

func (s *search) logQueries(ctx context.Context) (out []logQuery, err error) {
	add := func(q logQuery) {
		if len(out) < maxSelectors && !slices.ContainsFunc(out, func(o logQuery) bool { return o.text == q.text }) {
			out = append(out, q)
		}
	}
	for _, sub := range s.subjects {
		if sub.over || sub.signal() != alerting.Logs || sub.err != nil || sub.expr == "" {
			continue
		}
		for _, text := range sub.countedLines() {
			add(logQuery{text, true})
		}
	}
	streams, err := s.c.opts.Events.Streams(ctx, storage.StreamsRequest{Signal: model.Logs, Range: s.recently()})
	if err != nil {
		return nil, fmt.Errorf("find streams: %w", err)
	}
	var places []place
	for _, sub := range s.subjects {
		if !sub.over && sub.signal() != alerting.Logs {
			places = append(places, placesOf(sub.names(), streams)...)
		}
	}
	for _, text := range selectors(places) {
		add(logQuery{text: text})
	}
	if extra := s.suspected(ctx, streams, places); extra != "" {
		add(logQuery{text: extra})
	}
	return out, nil
}

// suspected waits for where traces say that failures began, and returns a
// selector for services that no alert names.
func (s *search) suspected(ctx context.Context, streams []*model.Stream, known []place) string {
	wait := time.NewTimer(s.c.opts.Config.Timeout / 3)
	defer wait.Stop()
	select {
	case names := <-s.suspects:
		var logging []string
		for _, name := range names {
			named := func(p place) bool { return p["service_name"] == name }
			writes := func(st *model.Stream) bool { return st.Attr("service_name").Text() == name }
			if !slices.ContainsFunc(known, named) && slices.ContainsFunc(streams, writes) {
				logging = append(logging, name)
			}
		}
		if len(logging) > 0 {
			return "{" + selector("service_name", logging) + "}"
		}
	case <-wait.C:
	case <-ctx.Done():
	}
	return ""
}

// countedLines returns queries for the lines that a rule over logs looks at,
// with the labels of the alert.
func (sub *subject) countedLines() (out []string) {
	e, err := logql.Parse(sub.cond.measured)
	if err != nil {
		return nil
	}
	for _, l := range rangesOf(e) {
		text := l.Log.String()
		names := make([]string, 0, len(sub.series))
		for name := range sub.series {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if grouped(e, name) {
				text += fmt.Sprintf(" | %s=%q", name, sub.series[name])
			}
		}
		if _, err := logql.ParseLog(text); err == nil {
			out = append(out, text)
		}
	}
	return out
}

// rangesOf returns the ranges of lines in an expression.
func rangesOf(e logql.Expr) []*logql.LogRange {
	switch e := e.(type) {
	case *logql.RangeAgg:
		return []*logql.LogRange{e.Log}
	case *logql.VectorAgg:
		return rangesOf(e.Inner)
	case *logql.LabelReplace:
		return rangesOf(e.Inner)
	case *logql.BinaryExpr:
		return append(rangesOf(e.Left), rangesOf(e.Right)...)
	}
	return nil
}

// grouped reports whether a label of a series may be one of its lines, rather
// than one that the expression made.
func grouped(e logql.Expr, name string) bool {
	switch e := e.(type) {
	case *logql.VectorAgg:
		return grouped(e.Inner, name) && (e.Grouping == nil || e.Grouping.Without || slices.Contains(e.Grouping.Labels, name))
	case *logql.LabelReplace:
		return e.Dst != name && grouped(e.Inner, name)
	case *logql.BinaryExpr:
		return grouped(e.Left, name)
	}
	return true
}

// read adds the newest lines that a query finds to kinds.
func (s *search) read(ctx context.Context, text string, r model.Range, kinds map[string]*LogLine) error {
	expr, err := logql.ParseLog(text)
	if err != nil {
		return err
	}
	if s.c.opts.Engines.Logs == nil {
		return nil
	}
	for line, err := range s.c.opts.Engines.Logs.Lines(ctx, expr, logql.Params{Start: r.Start, End: r.End, Limit: linesRead}) {
		if err != nil {
			return err
		}
		l := LogLine{
			Time: time.Unix(0, line.Time).UTC(), Line: strings.TrimSpace(line.Line), Level: line.Labels.Get("detected_level"),
			Service: line.Labels.Get("service_name"), TraceID: line.Metadata.Get("trace_id"), Count: 1,
		}
		key := l.Service + "\x00" + l.Level + "\x00" + shape(l.Line)
		if known := kinds[key]; known != nil {
			known.Count++
			continue
		}
		l.Labels = map[string]string{}
		line.Stream().Range(func(lb labels.Label) {
			if lb.Value != "" && lb.Name != "detected_level" {
				l.Labels[lb.Name] = lb.Value
			}
		})
		kinds[key] = &l
	}
	return nil
}
