package services

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	prommodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A Correlation is what the signals know of one thing: a trace, or a service
// in a range of time. Each part says how to ask for more of it.
type Correlation struct {
	Trace    *TraceSummary `json:"trace,omitempty"`
	Start    int64         `json:"start,string"` // ns since the Unix epoch: where the parts below look
	End      int64         `json:"end,string"`
	Services []string      `json:"services"`
	Logs     LogsPart      `json:"logs"`
	Metrics  []MetricsPart `json:"metrics"` // of each service
	Traces   []TracesPart  `json:"traces"`  // of each service
}

// A TraceSummary is a trace in short.
type TraceSummary struct {
	ID            string `json:"traceId"`
	Start         int64  `json:"start,string"` // ns since the Unix epoch
	Duration      int64  `json:"duration,string"`
	RootService   string `json:"rootService"`
	RootOperation string `json:"rootOperation"`
	Spans         int    `json:"spans"`
	Errors        int    `json:"errors"`
}

// LogsPart is log lines.
type LogsPart struct {
	Query string           `json:"query"` // LogQL for them
	Count int64            `json:"count"`
	Level map[string]int64 `json:"levels"` // by detected_level
	Lines []LogLine        `json:"lines"`  // of a trace oldest first, otherwise errors and the newest
}

// A LogLine is a line and where it is from.
type LogLine struct {
	Time   int64             `json:"time,string"` // ns since the Unix epoch
	Line   string            `json:"line"`
	Stream map[string]string `json:"stream"`
	SpanID string            `json:"spanId,omitempty"`
	Level  string            `json:"level,omitempty"`
}

// MetricsPart is the series of a service.
type MetricsPart struct {
	Service   string   `json:"service"`
	Selectors []string `json:"selectors"` // that select them, as {job="shop/cart"}
	Names     []string `json:"names"`     // of the metrics, sorted, at most 200
}

// TracesPart is the traces of a service.
type TracesPart struct {
	Service string `json:"service"`
	Query   string `json:"query"` // TraceQL for them
	Failed  string `json:"failed"`
}

const (
	logsAround     = 5 * time.Minute // of a trace whose logs are looked for
	maxLogLines    = 200
	maxMetricNames = 200
	maxServices    = 50
)

// OfTrace returns what belongs to a trace, or to one of its spans if span is
// not zero. Log lines belong if their attribute trace_id says so, or if the id
// stands in them. It is fault.ErrNotFound if there is neither the trace nor a
// line.
func (s *Services) OfTrace(ctx context.Context, id model.TraceID, span model.SpanID, r model.Range) (*Correlation, error) {
	c := &Correlation{Start: r.Start, End: r.End, Services: []string{}}
	t, err := s.opts.Traces.Trace(ctx, id, r)
	switch {
	case err == nil:
		c.Trace = &TraceSummary{ID: id.String(), Start: t.Start, Duration: t.End - t.Start, RootService: t.RootService(), Spans: len(t.Spans)}
		if root := t.Root(); root != nil {
			c.Trace.RootOperation = root.Name
		}
		c.Start, c.End = t.Start, t.End+1
		for _, sp := range t.Spans {
			if sp.Status == model.StatusError {
				c.Trace.Errors++
			}
			if !span.IsZero() && sp.SpanID != span {
				continue
			}
			if !span.IsZero() {
				c.Start, c.End = sp.Start, sp.End()+1
			}
			if name := sp.Service(); name != "" && !slices.Contains(c.Services, name) {
				c.Services = append(c.Services, name)
			}
		}
	case !errors.Is(err, fault.ErrNotFound):
		return nil, err
	}
	attr := func(key, value string) storage.Predicate {
		return storage.Compare{Field: storage.Field{Place: storage.Attr, Key: key}, Op: storage.Eq, Value: model.String(value)}
	}
	where := storage.Or{attr("trace_id", id.String()), storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: id.String(), FoldCase: true}}
	c.Logs.Query = fmt.Sprintf(`{service_name=~".+"} | trace_id=%q`, id.String())
	if !span.IsZero() {
		where = storage.Or{attr("span_id", span.String()), storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: span.String(), FoldCase: true}}
		c.Logs.Query += fmt.Sprintf(` | span_id=%q`, span.String())
	}
	around := model.Range{Start: c.Start - int64(logsAround), End: c.End + int64(logsAround)}
	if err := s.logs(ctx, c, around, where, false); err != nil {
		return nil, err
	}
	if c.Trace == nil && c.Logs.Count == 0 {
		return nil, fmt.Errorf("nothing has trace %v: %w", id, fault.ErrNotFound)
	}
	if c.Trace == nil {
		for _, l := range c.Logs.Lines {
			if name := l.Stream["service_name"]; name != "" && !slices.Contains(c.Services, name) {
				c.Services = append(c.Services, name)
			}
		}
	}
	return c, s.parts(ctx, c)
}

// OfService returns what belongs to a service in r, and to those it calls and
// is called by.
func (s *Services) OfService(ctx context.Context, service string, r model.Range) (*Correlation, error) {
	c := &Correlation{Start: r.Start, End: r.End, Services: []string{service}}
	around, err := s.Map(ctx, r, service)
	if err != nil {
		return nil, err
	}
	for _, n := range around.Nodes {
		if n.Type == "service" && n.Name != service {
			c.Services = append(c.Services, n.Name)
		}
	}
	c.Logs.Query = fmt.Sprintf(`{service_name=%q}`, service)
	where := storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "service_name"}, Op: storage.Eq, Value: model.String(service)}
	if err := s.logs(ctx, c, r, where, true); err != nil {
		return nil, err
	}
	return c, s.parts(ctx, c)
}

// logs fills in the part of logs. errorsFirst takes lines of errors, the newest
// first, and others only if there are few of them.
func (s *Services) logs(ctx context.Context, c *Correlation, r model.Range, where storage.Predicate, errorsFirst bool) error {
	level := storage.Field{Place: storage.Attr, Key: "detected_level"}
	groups, err := s.opts.Events.Aggregate(ctx, storage.Aggregate{Signal: model.Logs, Range: r, Where: where, By: []storage.Field{level}})
	if err != nil {
		return err
	}
	c.Logs.Level, c.Logs.Lines = map[string]int64{}, []LogLine{}
	for _, g := range groups {
		for _, b := range g.Buckets {
			c.Logs.Count += b.Rows
			c.Logs.Level[cmp.Or(g.Key[0].Text(), "unknown")] += b.Rows
		}
	}
	if !errorsFirst {
		return s.lines(ctx, c, r, where, false)
	}
	bad := storage.Or{}
	for _, l := range []string{"error", "critical", "fatal"} {
		bad = append(bad, storage.Compare{Field: level, Op: storage.Eq, Value: model.String(l)})
	}
	if err := s.lines(ctx, c, r, storage.And{where, bad}, true); err != nil {
		return err
	}
	return s.lines(ctx, c, r, storage.And{where, storage.Not{P: bad}}, true)
}

// lines adds lines up to as many as there may be.
func (s *Services) lines(ctx context.Context, c *Correlation, r model.Range, where storage.Predicate, reverse bool) error {
	left := maxLogLines - len(c.Logs.Lines)
	if left == 0 {
		return nil
	}
	scan := storage.Scan{
		Signal: model.Logs, Range: r, Where: where, Reverse: reverse, Limit: left,
		Project: &storage.Projection{Body: true, Attrs: []string{"span_id", "detected_level"}},
	}
	for b, err := range s.opts.Events.Scan(ctx, scan) {
		if err != nil {
			return err
		}
		for i := range b.Len() {
			l := LogLine{Time: b.Time[i], Line: b.Body[i], Stream: map[string]string{}, SpanID: b.Attr(i, "span_id").Text(), Level: b.Attr(i, "detected_level").Text()}
			for _, a := range b.Stream(i).Attrs {
				l.Stream[a.Key] = a.Value.Text()
			}
			c.Logs.Lines = append(c.Logs.Lines, l)
		}
	}
	return nil
}

// parts fills in how to ask for the metrics and traces of the services.
func (s *Services) parts(ctx context.Context, c *Correlation) error {
	c.Services = c.Services[:min(maxServices, len(c.Services))]
	c.Metrics, c.Traces = []MetricsPart{}, []TracesPart{}
	for _, name := range c.Services {
		m, err := s.metrics(ctx, c, name)
		if err != nil {
			return err
		}
		c.Metrics = append(c.Metrics, m)
		q := fmt.Sprintf(`resource.service.name=%s`, strconv.Quote(name))
		c.Traces = append(c.Traces, TracesPart{name, "{ " + q + " }", "{ " + q + " && status=error }"})
	}
	return nil
}

// identities are the labels that may name a service: what OTLP resources
// become, with a namespace or without, and what traces and logs are made into.
func identities(service string) []*labels.Matcher {
	return []*labels.Matcher{
		labels.MustNewMatcher(labels.MatchRegexp, prommodel.JobLabel, "(.+/)?"+regexp.QuoteMeta(service)),
		equal("service_name", service),
		equal("service", service),
	}
}

func (s *Services) metrics(ctx context.Context, c *Correlation, service string) (MetricsPart, error) {
	part := MetricsPart{Service: service, Selectors: []string{}, Names: []string{}}
	ms := int64(time.Millisecond)
	q, err := s.opts.Metrics.Querier(c.Start/ms-lookback.Milliseconds(), c.End/ms+lookback.Milliseconds())
	if err != nil {
		return part, fmt.Errorf("open metrics: %w", err)
	}
	defer func() { _ = q.Close() }() // it was only read from
	for _, m := range identities(service) {
		names, _, err := q.LabelValues(ctx, prommodel.MetricNameLabel, nil, m)
		if err != nil {
			return part, fmt.Errorf("metrics of %s: %w", service, err)
		}
		if len(names) == 0 {
			continue
		}
		part.Selectors = append(part.Selectors, "{"+m.String()+"}")
		part.Names = append(part.Names, names...)
	}
	slices.Sort(part.Names)
	part.Names = slices.Compact(part.Names)
	part.Names = part.Names[:min(maxMetricNames, len(part.Names))]
	return part, nil
}
