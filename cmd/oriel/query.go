package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	prommodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/model"
)

// queryCmd asks a running server. Its sub-commands are the languages.
type queryCmd struct {
	PromQL  promqlCmd  `cmd:"" name:"promql" help:"Evaluate a PromQL expression now."`
	LogQL   logqlCmd   `cmd:"" name:"logql" help:"Print the log lines or samples a LogQL query selects."`
	TraceQL traceqlCmd `cmd:"" name:"traceql" help:"Print the traces a TraceQL query selects."`
}

// queryFlags are common to the languages.
type queryFlags struct {
	Server string `help:"Address of the server." default:"http://127.0.0.1:4319" placeholder:"URL"`
	JSON   bool   `help:"Print the server's answer as it is."`
	Query  string `arg:"" help:"The query."`
}

// maxAnswerBytes bounds what a command reads of an answer.
const maxAnswerBytes = 1 << 30

// get fetches path with params and decodes a 200 into v, or copies it to out
// if --json was given. Any other answer is an error with the server's words.
func (f queryFlags) get(ctx context.Context, out io.Writer, path string, params url.Values, v any) error {
	target := strings.TrimSuffix(f.Server, "/") + path + "?" + params.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return &usageError{err}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s: %w", f.Server, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", resp.Status, strings.TrimSpace(string(body)))
	}
	if f.JSON {
		_, err := fmt.Fprintln(out, strings.TrimSpace(string(body)))
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fmt.Errorf("decode answer: %w", err)
	}
	return nil
}

type promqlCmd struct {
	queryFlags
	Time string `help:"Evaluation time, RFC 3339 or Unix seconds; now by default."`
}

// Run prints one line per series: its labels, its value.
func (c *promqlCmd) Run(ctx context.Context, s streams) error {
	params := url.Values{"query": {c.Query}}
	if c.Time != "" {
		params.Set("time", c.Time)
	}
	var answer struct {
		Data struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	if err := c.get(ctx, s.out, "/api/v1/query", params, &answer); err != nil || c.JSON {
		return err
	}
	var result prommodel.Value
	switch answer.Data.ResultType {
	case "vector":
		result = &prommodel.Vector{}
	case "matrix":
		result = &prommodel.Matrix{}
	case "scalar":
		result = &prommodel.Scalar{}
	case "string":
		result = &prommodel.String{}
	default:
		return fmt.Errorf("unknown result type %q", answer.Data.ResultType)
	}
	if err := json.Unmarshal(answer.Data.Result, result); err != nil {
		return fmt.Errorf("decode %s: %w", answer.Data.ResultType, err)
	}
	if text := result.String(); text != "" {
		fmt.Fprintln(s.out, text)
	}
	return nil
}

type logqlCmd struct {
	queryFlags
	Since   time.Duration `help:"How far back to look." default:"1h"`
	Start   string        `help:"Start of the range, RFC 3339 or Unix nanoseconds; instead of --since."`
	End     string        `help:"End of the range; now by default."`
	Limit   int           `help:"Most lines to print." default:"100"`
	Forward bool          `help:"Oldest first."`
}

// Run prints one line per log line, "time {labels} line", or per sample.
func (c *logqlCmd) Run(ctx context.Context, s streams) error {
	params := url.Values{"query": {c.Query}, "limit": {strconv.Itoa(c.Limit)}, "since": {c.Since.String()}, "direction": {"backward"}}
	if c.Forward {
		params.Set("direction", "forward")
	}
	if c.Start != "" {
		params.Set("start", c.Start)
	}
	if c.End != "" {
		params.Set("end", c.End)
	}
	var answer struct {
		Data struct {
			ResultType string
			Result     []struct {
				Stream map[string]string
				Metric map[string]string
				Values [][2]json.RawMessage
			}
		}
	}
	if err := c.get(ctx, s.out, "/loki/api/v1/query_range", params, &answer); err != nil || c.JSON {
		return err
	}
	if answer.Data.ResultType != "streams" {
		for _, series := range answer.Data.Result {
			for _, v := range series.Values {
				fmt.Fprintf(s.out, "%s %s %s\n", v[0], labelText(series.Metric), unquote(v[1]))
			}
		}
		return nil
	}
	type line struct {
		at           int64
		labels, text string
	}
	var lines []line
	for _, stream := range answer.Data.Result {
		labels := labelText(stream.Stream)
		for _, v := range stream.Values {
			ns, err := strconv.ParseInt(unquote(v[0]), 10, 64)
			if err != nil {
				return fmt.Errorf("decode answer: timestamp %s: %w", v[0], err)
			}
			lines = append(lines, line{ns, labels, unquote(v[1])})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		if c.Forward {
			a, b = b, a
		}
		return cmp.Compare(b.at, a.at)
	})
	for _, l := range lines {
		fmt.Fprintf(s.out, "%s %s %s\n", time.Unix(0, l.at).UTC().Format(time.RFC3339Nano), l.labels, l.text)
	}
	return nil
}

type traceqlCmd struct {
	queryFlags
	Since time.Duration `help:"How far back to look." default:"1h"`
	Limit int           `help:"Most traces to print." default:"20"`
}

// Run prints one line per trace: time, id, duration, root service and name.
func (c *traceqlCmd) Run(ctx context.Context, s streams) error {
	now := time.Now()
	params := url.Values{
		"q": {c.Query}, "limit": {strconv.Itoa(c.Limit)},
		"start": {strconv.FormatInt(now.Add(-c.Since).Unix(), 10)}, "end": {strconv.FormatInt(now.Unix()+1, 10)},
	}
	var answer struct {
		Traces []struct {
			TraceID           string
			RootServiceName   string
			RootTraceName     string
			StartTimeUnixNano string
			DurationMs        int64
		}
	}
	if err := c.get(ctx, s.out, "/tempo/api/search", params, &answer); err != nil || c.JSON {
		return err
	}
	for _, t := range answer.Traces {
		ns, err := strconv.ParseInt(t.StartTimeUnixNano, 10, 64)
		if err != nil {
			return fmt.Errorf("decode answer: start %q: %w", t.StartTimeUnixNano, err)
		}
		id, err := model.ParseTraceID(t.TraceID)
		if err != nil {
			return fmt.Errorf("decode answer: %w", err)
		}
		fmt.Fprintf(s.out, "%s %s %6dms %s %s\n", time.Unix(0, ns).UTC().Format(time.RFC3339Nano), id, t.DurationMs, t.RootServiceName, t.RootTraceName)
	}
	return nil
}

// labelText renders labels as a selector, sorted by name.
func labelText(labels map[string]string) string {
	set := make(prommodel.LabelSet, len(labels))
	for k, v := range labels {
		set[prommodel.LabelName(k)] = prommodel.LabelValue(v)
	}
	return set.String()
}

func unquote(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	return s
}
