package oracletest

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// compare returns what differs between the recorded answer and ours.
func (o *Answers) compare(t *testing.T, q question, want answer, body []byte) []string {
	t.Helper()
	if q.Type == "labels" || q.Type == "values" || q.Type == "series" {
		var got struct{ Data []any }
		require.NoError(t, json.Unmarshal(body, &got))
		var list []any
		require.NoError(t, json.Unmarshal(want.Value, &list))
		return compareSets(list, got.Data)
	}
	var got struct {
		Data struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal(body, &got))
	if got.Data.ResultType != want.Type {
		return []string{"result type " + got.Data.ResultType + ", want " + want.Type}
	}
	if want.Type == "scalar" {
		var w, g [2]any
		require.NoError(t, json.Unmarshal(want.Value, &w))
		require.NoError(t, json.Unmarshal(got.Data.Result, &g))
		if o.offsetMillis(g[0]) != w[0].(float64) || !sameNumber(w[1], g[1]) {
			return []string{fmt.Sprint("scalar ", g, ", want ", w)}
		}
		return nil
	}
	wantSeries := decodeWanted(t, want.Value)
	gotSeries := o.decodeGot(t, want.Type, got.Data.Result)
	if want.Type == "streams" {
		backward := !strings.EqualFold(q.Dir, "forward")
		return compareLines(loosen(wantSeries, backward), loosen(gotSeries, backward))
	}
	diffs := comparePoints(wantSeries, gotSeries)
	if len(diffs) == 0 && q.Ordered {
		for i := range wantSeries {
			if !sameNumber(wantSeries[i].Values[0][1], gotSeries[i].Values[0][1]) {
				return []string{fmt.Sprint("order: ", gotSeries, ", want ", wantSeries)}
			}
		}
	}
	return diffs
}

func compareSets(want, got []any) []string {
	count := map[string]int{}
	for _, w := range want {
		count[keyOf(w)]++
	}
	for _, g := range got {
		count[keyOf(g)]--
	}
	var diffs []string
	for k, n := range count {
		if n != 0 {
			diffs = append(diffs, fmt.Sprintf("%s: %+d missing", k, n))
		}
	}
	return diffs
}

func byLabels(in []series) map[string]series {
	out := map[string]series{}
	for _, s := range in {
		out[keyOf(s.Labels)] = s
	}
	return out
}

func compareLines(want, got []series) []string {
	var diffs []string
	w, g := byLabels(want), byLabels(got)
	for k, ws := range w {
		gs, ok := g[k]
		if !ok {
			diffs = append(diffs, fmt.Sprintf("missing %s: %d lines, first %q", k, len(ws.Values), ws.Values[0]))
			continue
		}
		if len(ws.Values) != len(gs.Values) {
			diffs = append(diffs, fmt.Sprintf("%s: %d lines, want %d", k, len(gs.Values), len(ws.Values)))
			continue
		}
		for i := range ws.Values {
			if ws.Values[i] != gs.Values[i] {
				diffs = append(diffs, fmt.Sprintf("%s: line %d is %q, want %q", k, i, gs.Values[i], ws.Values[i]))
				break
			}
		}
	}
	for k, gs := range g {
		if _, ok := w[k]; !ok {
			diffs = append(diffs, fmt.Sprintf("unexpected %s: %d lines, first %q", k, len(gs.Values), gs.Values[0]))
		}
	}
	return diffs
}

func comparePoints(want, got []series) []string {
	var diffs []string
	if len(want) != len(got) {
		diffs = append(diffs, fmt.Sprintf("%d series, want %d", len(got), len(want)))
	}
	w, g := byLabels(want), byLabels(got)
	for k, ws := range w {
		gs, ok := g[k]
		if !ok {
			diffs = append(diffs, fmt.Sprintf("missing %s: %v", k, ws.Values[:min(len(ws.Values), 3)]))
			continue
		}
		if len(ws.Values) != len(gs.Values) {
			diffs = append(diffs, fmt.Sprintf("%s: %d points, want %d: %v, want %v", k, len(gs.Values), len(ws.Values), gs.Values, ws.Values))
			continue
		}
		for i := range ws.Values {
			if ws.Values[i][0] != gs.Values[i][0] || !sameNumber(ws.Values[i][1], gs.Values[i][1]) {
				diffs = append(diffs, fmt.Sprintf("%s: point %d is %v, want %v", k, i, gs.Values[i], ws.Values[i]))
				break
			}
		}
	}
	for k := range g {
		if _, ok := w[k]; !ok {
			diffs = append(diffs, "unexpected "+k)
		}
	}
	return diffs
}

// sameNumber compares with a relative tolerance of 1e-9; NaN equals NaN.
func sameNumber(a, b any) bool {
	x, err1 := strconv.ParseFloat(fmt.Sprint(a), 64)
	y, err2 := strconv.ParseFloat(fmt.Sprint(b), 64)
	if err1 != nil || err2 != nil {
		return a == b
	}
	if math.IsNaN(x) || math.IsNaN(y) {
		return math.IsNaN(x) && math.IsNaN(y)
	}
	return x == y || math.Abs(x-y) <= max(1e-9*max(math.Abs(x), math.Abs(y)), 1e-12)
}
