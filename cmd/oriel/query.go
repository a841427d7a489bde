package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
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
	serverFlags
	Output string `help:"What to print: text, or json for the server's answer as it is." short:"o" default:"text" enum:"text,json"`
	Query  string `arg:"" help:"The query."`
}

// get fetches path with params and decodes a 200 into v, or copies it to out
// if JSON was asked for. Any other answer is an error with the server's words.
func (f queryFlags) get(ctx context.Context, out io.Writer, path string, params url.Values, v any) error {
	body, err := f.serverFlags.get(ctx, path, params)
	if err != nil {
		return err
	}
	if f.Output == "json" {
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
	if err := c.get(ctx, s.out, "/api/v1/query", params, &answer); err != nil || c.Output == "json" {
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
	if err := c.get(ctx, s.out, "/tempo/api/search", params, &answer); err != nil || c.Output == "json" {
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
