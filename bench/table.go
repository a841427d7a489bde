package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"
)

// printTable puts results side by side; each but the first is followed by the
// first one's value divided by its own.
func printTable(w io.Writer, results []*result) {
	scaled := manyScales(results)
	fmt.Fprintf(w, "\n%-44s", "")
	for i, r := range results {
		fmt.Fprintf(w, " %18s", r.column(scaled))
		if i > 0 {
			fmt.Fprintf(w, " %7s", "ratio")
		}
	}
	fmt.Fprintln(w)
	for _, name := range namesOf(medians(results)) {
		fmt.Fprintf(w, "%-44s", strings.TrimSpace(name+" "+unitOf(results, name)))
		first, ok := results[0].Median.value(name)
		for i, r := range results {
			f, have := r.Median.find(name)
			switch {
			case have && f.Failed != "":
				fmt.Fprintf(w, " %18s", "failed")
			case have:
				fmt.Fprintf(w, " %18s", number(f.Value))
			default:
				fmt.Fprintf(w, " %18s", "-")
			}
			if i > 0 && ok && have && f.Failed == "" && f.Value != 0 {
				fmt.Fprintf(w, " %7.2f", first/f.Value)
			} else if i > 0 {
				fmt.Fprintf(w, " %7s", "")
			}
		}
		fmt.Fprintln(w)
	}
}

func medians(results []*result) []*measures {
	var all []*measures
	for _, r := range results {
		all = append(all, r.Median)
	}
	return all
}

// unitOf returns the unit of a figure from a result that has it.
func unitOf(results []*result, name string) string {
	for _, r := range results {
		if f, ok := r.Median.find(name); ok && f.Unit != "" {
			return f.Unit
		}
	}
	return ""
}

func manyScales(results []*result) bool {
	return len(results) > 0 && results[0].Scale != results[len(results)-1].Scale
}

// number prints four digits that matter.
func number(v float64) string {
	switch {
	case v == float64(int64(v)) && v < 1e15:
		return fmt.Sprint(int64(v))
	case v < 10:
		return fmt.Sprintf("%.3f", v)
	case v < 1000:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}

// writeJSON keeps every run, with what is needed to repeat it.
func writeJSON(o *options, results []*result) error {
	b, err := json.MarshalIndent(map[string]any{
		"signal": o.signal, "when": time.Now().UTC().Format(time.RFC3339), "end": o.end.Unix(),
		"cpus": runtime.NumCPU(), "flags": o.given, "results": results,
	}, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(o.jsonPath, append(b, '\n'), 0o644)
}
