package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// printMarkdown prints the tables of docs/benchmarks.md: one of the course of
// the runs, and one of queries with what belongs to one query in one cell.
func printMarkdown(w io.Writer, results []*result) {
	head := func(first string) {
		fmt.Fprintf(w, "\n| %s |", first)
		for _, r := range results {
			fmt.Fprintf(w, " %s |", r.column(manyScales(results)))
		}
		fmt.Fprintf(w, "\n|---|%s\n", strings.Repeat("---:|", len(results)))
	}
	var queries []string
	head("figure")
	for _, name := range namesOf(medians(results)) {
		if q, ok := queryOf(name); ok {
			if !slices.Contains(queries, q) {
				queries = append(queries, q)
			}
			continue
		}
		fmt.Fprintf(w, "| %s |", strings.TrimSuffix(name+", "+unitOf(results, name), ", "))
		for _, r := range results {
			fmt.Fprintf(w, " %s |", cell(r.Median, name))
		}
		fmt.Fprintln(w)
	}
	if len(queries) == 0 {
		return
	}
	head("query: p50 / p95 ms, cold ms, CPU ms, peak MB (rows)")
	for _, q := range queries {
		fmt.Fprintf(w, "| %s |", q)
		for _, r := range results {
			fmt.Fprintf(w, " %s |", queryCell(r.Median, q))
		}
		fmt.Fprintln(w)
	}
}

// queryOf returns the query that a figure is of. Memory over all queries is of
// none.
func queryOf(name string) (query string, ok bool) {
	rest, ok := strings.CutPrefix(name, "query.")
	if !ok || rest == "peak_rss" || rest == "peak_anon" {
		return "", false
	}
	query, _, _ = strings.Cut(rest, ".")
	return query, true
}

func cell(m *measures, name string) string {
	switch f, ok := m.find(name); {
	case !ok:
		return "–"
	case f.Failed != "":
		return "failed"
	default:
		return number(f.Value)
	}
}

func queryCell(m *measures, q string) string {
	key := "query." + q
	if _, ok := m.value(key + ".p50"); !ok {
		return cell(m, key)
	}
	return fmt.Sprintf("%s / %s, %s, %s, %s (%s)", cell(m, key+".p50"), cell(m, key+".p95"),
		cell(m, key+".cold"), cell(m, key+".cpu"), cell(m, key+".peak_rss"), cell(m, key+".rows"))
}
