package evidence

import "time"

// Evidence is what is known of the alerts of a notification. Texts in it are
// redacted and cut to what the Config allows.
type Evidence struct {
	ID          string    `json:"id"`             // 32 hex digits
	URL         string    `json:"url,omitempty"`  // of this as JSON; signed, and gone after Config.Retention
	Page        string    `json:"page,omitempty"` // that shows the first alert
	CollectedAt time.Time `json:"collectedAt"`
	Seconds     float64   `json:"tookSeconds"`
	Summary     string    `json:"summary"` // one line: what fails, where, and what it says

	Alerts  []Alert  `json:"alerts"` // the most severe first; not all of a large group
	Picture *Picture `json:"picture,omitempty"`
	Logs    *Logs    `json:"logs,omitempty"`
	Traces  *Traces  `json:"traces,omitempty"`
	Deploys []Deploy `json:"deploys,omitempty"` // near the start, oldest first

	Errors []PartError `json:"errors,omitempty"` // parts that are missing or not complete

	PNG []byte `json:"-"` // the picture itself
}

// An Alert is an alert, its rule, and what the rule looks at.
type Alert struct {
	Name        string            `json:"name"`
	Fingerprint string            `json:"fingerprint"`
	Labels      map[string]string `json:"labels"`
	Signal      string            `json:"signal,omitempty"`     // metrics, logs or traces
	Expression  string            `json:"expression,omitempty"` // the rule's, whole
	Measured    string            `json:"measured,omitempty"`   // the part of it that Value is of
	Value       *float64          `json:"value,omitempty"`      // now
	ValueText   string            `json:"valueText,omitempty"`  // with its unit, as in 3.42 %
	Threshold   *Threshold        `json:"threshold,omitempty"`
	For         string            `json:"for,omitempty"`   // as in 5m
	Where       string            `json:"where,omitempty"` // labels that tell it from others, as in shop/payment
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      *time.Time        `json:"endsAt,omitempty"` // of one that is over
	URL         string            `json:"url,omitempty"`    // of the page with the query, around the start
}

// A Threshold is what a value is compared with.
type Threshold struct {
	Op    string  `json:"op"` // of the value: > >= < <= == !=
	Value float64 `json:"value"`
	Text  string  `json:"text"` // with its unit, as in > 1 %
}

// A Picture is the series with the threshold, as PNG.
type Picture struct {
	URL    string `json:"url"` // signed, and gone after Config.Retention
	Title  string `json:"title"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

// Logs are log lines, those of errors first and alike ones once.
type Logs struct {
	Query string    `json:"query"` // LogQL
	URL   string    `json:"url"`   // of the page with the query
	Lines []LogLine `json:"lines"`
}

// A LogLine is the newest of lines that are alike.
type LogLine struct {
	Time    time.Time         `json:"time"`
	Level   string            `json:"level,omitempty"`
	Service string            `json:"service,omitempty"`
	Line    string            `json:"line"`
	Count   int               `json:"count"` // of lines alike, among those looked at
	Labels  map[string]string `json:"labels"`
	TraceID string            `json:"traceId,omitempty"`
}

// Traces are traces that failed, then the slowest.
type Traces struct {
	Query string  `json:"query"` // TraceQL
	URL   string  `json:"url"`   // of the page with the query
	Items []Trace `json:"items"`
}

// A Trace is a trace in short.
type Trace struct {
	ID       string    `json:"traceId"`
	URL      string    `json:"url"` // of the page
	Service  string    `json:"service"`
	Name     string    `json:"name"` // of the root span
	Start    time.Time `json:"start"`
	Duration float64   `json:"durationSeconds"`
	Spans    int       `json:"spans"`
	Failed   *Span     `json:"failed,omitempty"` // where the failure began
	Critical []Step    `json:"criticalPath"`     // who had the time, in the order of the trace
}

// A Span is one that failed.
type Span struct {
	ID      string `json:"spanId"`
	Service string `json:"service"`
	Name    string `json:"name"`
	Message string `json:"message,omitempty"` // of its exception, or its status
	Errors  int    `json:"errors"`            // spans of the trace that failed
}

// A Step is a span on the critical path.
type Step struct {
	Service string  `json:"service"`
	Name    string  `json:"name"`
	Self    float64 `json:"selfSeconds"` // of the path that is its own
	Part    float64 `json:"part"`        // of the duration of the trace, 0 to 1
}

// A Deploy is a version of a service that was new.
type Deploy struct {
	Time     time.Time `json:"time"`
	Service  string    `json:"service"`
	Version  string    `json:"version"`
	Previous string    `json:"previous"`
}

// A PartError says why a part is missing or not complete.
type PartError struct {
	Part  string `json:"part"` // rule, picture, logs, traces, deploys or keeping
	Error string `json:"error"`
}
