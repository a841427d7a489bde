package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type logqlCmd struct {
	queryFlags
	colorFlag
	Since     time.Duration `help:"How far back to look." default:"1h"`
	Start     string        `help:"Start of the range, RFC 3339 or Unix nanoseconds; instead of --since."`
	End       string        `help:"End of the range; now by default."`
	Limit     int           `help:"Most lines to print." default:"100"`
	Forward   bool          `help:"Oldest first."`
	Histogram bool          `help:"Print first how many lines there were over time; with colours that is done anyway."`
}

// Run prints one line per log line, "time {labels} line", or per sample.
func (c *logqlCmd) Run(ctx context.Context, s streams) error {
	start, end, err := c.bounds(time.Now())
	if err != nil {
		return &usageError{err}
	}
	params := url.Values{
		"query": {c.Query}, "limit": {strconv.Itoa(c.Limit)}, "direction": {"backward"},
		"start": {strconv.FormatInt(start, 10)}, "end": {strconv.FormatInt(end, 10)},
	}
	if c.Forward {
		params.Set("direction", "forward")
	}
	var answer lokiAnswer
	if err := c.get(ctx, s.out, "/loki/api/v1/query_range", params, &answer); err != nil || c.Output == "json" {
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
	lines, err := linesOf(answer.Data.Result)
	if err != nil {
		return err
	}
	if !c.Forward {
		slices.Reverse(lines)
	}
	p := newLinePrinter(s.out, c.colored())
	if c.Histogram || c.colored() {
		if err := c.histogram(ctx, s.out, start, end); err != nil {
			return err
		}
	}
	for _, l := range lines {
		p.print(l)
	}
	return nil
}

// bounds returns the range asked for, in ns since the Unix epoch.
func (c *logqlCmd) bounds(now time.Time) (start, end int64, err error) {
	end = now.UnixNano()
	if c.End != "" {
		if end, err = parseInstant(c.End); err != nil {
			return 0, 0, fmt.Errorf("--end: %w", err)
		}
	}
	start = end - int64(c.Since)
	if c.Start != "" {
		if start, err = parseInstant(c.Start); err != nil {
			return 0, 0, fmt.Errorf("--start: %w", err)
		}
	}
	if start >= end {
		return 0, 0, fmt.Errorf("the range ends before it starts; change --start, --end or --since")
	}
	return start, end, nil
}

// parseInstant reads RFC 3339 or Unix nanoseconds.
func parseInstant(s string) (int64, error) {
	if ns, err := strconv.ParseInt(s, 10, 64); err == nil {
		return ns, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("%q is neither RFC 3339 nor Unix nanoseconds", s)
	}
	return t.UnixNano(), nil
}

// histogramBars is the width of a histogram.
const histogramBars = 60

// histogram prints a bar of the number of lines for each step of the range.
func (c *logqlCmd) histogram(ctx context.Context, out io.Writer, start, end int64) error {
	step := max(int64(math.Ceil(float64(end-start)/histogramBars/1e6))*1e6, 1e6) // whole milliseconds
	params := url.Values{
		"query": {fmt.Sprintf("sum(count_over_time(%s [%dms]))", c.Query, step/1e6)},
		"start": {strconv.FormatInt(start+step, 10)}, "end": {strconv.FormatInt(end+step-1, 10)}, "step": {fmt.Sprintf("%dms", step/1e6)},
	}
	var answer lokiAnswer
	if err := c.get(ctx, out, "/loki/api/v1/query_range", params, &answer); err != nil {
		return fmt.Errorf("histogram: %w", err)
	}
	bars := make([]float64, (end-start+step-1)/step)
	for _, series := range answer.Data.Result {
		for _, v := range series.Values {
			seconds, err := strconv.ParseFloat(string(v[0]), 64)
			if err != nil {
				return fmt.Errorf("decode answer: time %s: %w", v[0], err)
			}
			n, err := strconv.ParseFloat(unquote(v[1]), 64)
			if err != nil {
				return fmt.Errorf("decode answer: count %s: %w", v[1], err)
			}
			if i := int(math.Round((seconds*1e9-float64(start))/float64(step))) - 1; i >= 0 && i < len(bars) {
				bars[i] += n
			}
		}
	}
	total, most := 0.0, 0.0
	for _, n := range bars {
		total, most = total+n, max(most, n)
	}
	fmt.Fprintf(out, "%s  %.0f lines from %s to %s, at most %.0f in %v\n", sparkline(bars), total, clock(start), clock(end), most, time.Duration(step))
	return nil
}

func clock(ns int64) string { return time.Unix(0, ns).UTC().Format(time.RFC3339) }

// sparkline draws numbers, none negative, as a line of bars. Only 0 has none.
func sparkline(bars []float64) string {
	heights := []rune(" ▁▂▃▄▅▆▇█")
	most := slices.Max(append(bars, 0))
	var b strings.Builder
	for _, n := range bars {
		h := 0
		if n > 0 {
			h = max(1, int(math.Round(n/most*float64(len(heights)-1))))
		}
		b.WriteRune(heights[h])
	}
	return b.String()
}

// A lokiAnswer is what Loki's API answers to a query over a range of time.
type lokiAnswer struct {
	Data struct {
		ResultType string
		Result     []lokiSeries
	}
}

// A lokiSeries is a stream of lines or a series of samples.
type lokiSeries struct {
	Stream map[string]string
	Metric map[string]string
	Values [][2]json.RawMessage
}
