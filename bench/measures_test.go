package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMedianIsOfTheRunsThatDidNotFail(t *testing.T) {
	var runs []*measures
	for _, v := range []float64{9, 1, 2} {
		m := &measures{}
		m.set("a", "ms", v)
		runs = append(runs, m)
	}
	failed := &measures{}
	failed.fail("a", errors.New("broken"))
	failed.fail("b", errors.New("never worked"))
	runs = append([]*measures{failed}, runs...)
	require.Equal(t, []figure{
		{Name: "a", Unit: "ms", Value: 2},
		{Name: "b", Failed: "never worked"},
	}, median(runs).Figures)

	even := median(runs[2:]) // 1 and 2
	require.Equal(t, 1.5, even.Figures[0].Value)
}

// sampleResults are two targets, of which the second lacks one figure and
// failed at another.
func sampleResults() []*result {
	a, b := &measures{}, &measures{}
	a.set("start.empty", "ms", 12)
	b.set("start.empty", "ms", 24)
	a.set("ingest.cpu_settled", "s/GB", 99.123)
	a.set("query.needle.p50", "ms", 1.5)
	a.set("query.needle.p95", "ms", 2.25)
	a.set("query.needle.cpu", "ms", 3)
	a.set("query.needle.peak_rss", "MB", 123.4)
	a.set("query.needle.rows", "", 1)
	b.fail("query.needle", errors.New("404"))
	a.set("query.peak_rss", "MB", 200)
	b.set("query.peak_rss", "MB", 1234.5)
	a.set("query.needle.cold", "ms", 40)
	return []*result{
		{Target: "oriel", Scale: 1, Median: a, Runs: []*measures{a}},
		{Target: "loki", Scale: 1, Median: b, Runs: []*measures{b}},
	}
}

func TestTableSetsTargetsSideBySideWithRatios(t *testing.T) {
	var out bytes.Buffer
	printTable(&out, sampleResults())
	var got []string
	for line := range strings.Lines(out.String()) {
		got = append(got, strings.Join(strings.Fields(line), " "))
	}
	require.Equal(t, []string{
		"",
		"oriel loki ratio",
		"start.empty ms 12 24 0.50",
		"ingest.cpu_settled s/GB 99.1 -",
		"query.needle.p50 ms 1.500 -",
		"query.needle.p95 ms 2.250 -",
		"query.needle.cpu ms 3 -",
		"query.needle.peak_rss MB 123.4 -",
		"query.needle.rows 1 -",
		"query.peak_rss MB 200 1234 0.16",
		"query.needle.cold ms 40 -",
		"query.needle - failed",
	}, got)
}

func TestMarkdownGivesEachQueryOneRow(t *testing.T) {
	var out bytes.Buffer
	printMarkdown(&out, sampleResults())
	require.Equal(t, `
| figure | oriel | loki |
|---|---:|---:|
| start.empty, ms | 12 | 24 |
| ingest.cpu_settled, s/GB | 99.1 | – |
| query.peak_rss, MB | 200 | 1234 |

| query: p50 / p95 ms, cold ms, CPU ms, peak MB (rows) | oriel | loki |
|---|---:|---:|
| needle | 1.500 / 2.250, 40, 3, 123.4 (1) | failed |
`, out.String())
}

func TestAQueryThatFailedEverywhereKeepsItsRow(t *testing.T) {
	m := &measures{}
	m.fail("query.needle", errors.New("404"))
	var out bytes.Buffer
	printMarkdown(&out, []*result{{Target: "oriel", Median: m}})
	require.Contains(t, out.String(), "| needle | failed |")
}

func TestFlatnessComparesTheSmallestAndTheLargestScale(t *testing.T) {
	at := func(target string, scale, cpu, needle float64) *result {
		m := &measures{}
		m.set("ingest.cpu_settled", "s/GB", cpu)
		m.set("query.needle_uuid.p50", "ms", needle)
		return &result{Target: target, Scale: scale, Median: m}
	}
	var out bytes.Buffer
	printFlatness(&out, []*result{
		at("oriel", 1, 10, 1), at("loki", 1, 10, 1),
		at("oriel", 5, 90, 90), at("loki", 5, 10, 1),
		at("oriel", 20, 12, 2), at("loki", 20, 14, 4),
	})
	require.Equal(t, []string{"flat", "flat", "NOT FLAT", "NOT FLAT"}, verdicts(out.String()))

	out.Reset()
	printFlatness(&out, []*result{at("oriel", 1, 10, 1), at("loki", 1, 99, 99)})
	require.Empty(t, out.String(), "one scale is nothing to compare")
}

func verdicts(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if i := strings.LastIndex(line, ": "); i >= 0 {
			out = append(out, strings.TrimSpace(line[i+2:]))
		}
	}
	return out
}

func TestJSONKeepsEveryRunAndTheFlags(t *testing.T) {
	o := smallOptions(t)
	o.jsonPath = filepath.Join(t.TempDir(), "out.json")
	require.NoError(t, writeJSON(o, sampleResults()))
	text, err := os.ReadFile(o.jsonPath)
	require.NoError(t, err)
	var got struct {
		Signal  string
		End     int64
		Flags   map[string]string
		Results []*result
	}
	require.NoError(t, json.Unmarshal(text, &got))
	require.Equal(t, "logs", got.Signal)
	require.Equal(t, int64(1_800_000_000), got.End)
	require.Equal(t, "20000", got.Flags["lines"])
	require.Equal(t, sampleResults(), got.Results)
}
