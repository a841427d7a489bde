package lokiapi_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/lokiapi"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// The oracle is a data set, queries, and the answers that a Loki server gave.
// Times are ns after oracleBase.
const oracleDir = "../logql/testdata/oracle"

var oracleBase = time.Date(2024, 3, 12, 10, 0, 0, 0, time.UTC).UnixNano()

type oracleQuery struct {
	ID       string          `json:"id"`
	Query    json.RawMessage `json:"q"` // a string, or several
	Type     string          `json:"t"` // range by default
	Start    *int64          `json:"start"`
	End      *int64          `json:"end"`
	Time     *int64          `json:"time"`
	Step     any             `json:"step"`
	Limit    any             `json:"limit"`
	Dir      string          `json:"dir"`
	Interval string          `json:"interval"`
	Label    string          `json:"label"`
	Ordered  bool            `json:"ordered"`
}

type oracleAnswer struct {
	Status  int             `json:"s"`
	Message string          `json:"m"`
	Type    string          `json:"r"`
	Value   json.RawMessage `json:"v"`
}

// oracleSeries is a label set with its lines [offset, text] or its points
// [offset, value].
type oracleSeries struct {
	Labels map[string]string
	Values [][2]any
}

func TestAnswersOfALokiServer(t *testing.T) {
	h := oracleServer(t)
	var queries []oracleQuery
	var answers map[string]oracleAnswer
	readOracle(t, "queries.json.gz", &queries)
	readOracle(t, "expected.json.gz", &answers)
	require.NotEmpty(t, queries)
	for _, q := range queries {
		t.Run(q.ID, func(t *testing.T) {
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, q.url(t), nil))
			want := answers[q.ID]
			if want.Status != http.StatusOK {
				got := rec.Code
				if want.Status == http.StatusInternalServerError {
					require.Contains(t, []int{400, 422, 500}, got, "%s\n%s\nwant %s", q.Query, rec.Body, want.Message)
					return
				}
				require.Equal(t, want.Status, got, "%s\n%s\nwant %s", q.Query, rec.Body, want.Message)
				t.Logf("%s\n got %s\nwant %s", q.Query, rec.Body, want.Message)
				return
			}
			require.Equal(t, http.StatusOK, rec.Code, "%s\n%s", q.Query, rec.Body)
			if diffs := compareAnswer(t, q, want, rec.Body.Bytes()); len(diffs) > 0 {
				t.Errorf("%s\n  %s", q.Query, strings.Join(diffs[:min(len(diffs), 6)], "\n  "))
			}
		})
	}
}

func oracleServer(t *testing.T) http.Handler {
	t.Helper()
	f := openOracle(t, "lines.ndjson.gz")
	dec := json.NewDecoder(f)
	store := &storagetest.Memory{}
	bd := model.NewBuilder(model.Logs, 8192)
	seen := map[string]bool{}
	for {
		var row struct {
			Stream map[string]string `json:"stream"`
			Offset int64             `json:"offset"`
			Line   string            `json:"line"`
			Meta   map[string]string `json:"meta"`
		}
		if err := dec.Decode(&row); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		// Equal lines of one time are stored once, metadata without a value not
		// at all: that is the business of ingestion.
		id := fmt.Sprint(row.Stream, row.Offset, row.Line, row.Meta)
		if seen[id] {
			continue
		}
		seen[id] = true
		st := &model.Stream{}
		for k, v := range row.Stream {
			st.Attrs = append(st.Attrs, model.Attr{Key: k, Value: model.String(v)})
		}
		st.Attrs = model.SortAttrs(st.Attrs)
		bd.Row(bd.Stream(st), oracleBase+row.Offset, row.Line)
		for k, v := range row.Meta {
			if v != "" {
				bd.Attr(k, model.String(v))
			}
		}
	}
	require.NoError(t, store.Append(t.Context(), bd.Batch()))
	return newServer(store, query.DefaultLimits())
}

func newServer(src query.EventSource, limits query.Limits) http.Handler {
	r := chi.NewRouter()
	lokiapi.New(lokiapi.Options{Source: src, Limits: limits}).Mount(r)
	return r
}

func openOracle(t *testing.T, name string) io.Reader {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(oracleDir, name))
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(b))
	require.NoError(t, err)
	return z
}

func readOracle(t *testing.T, name string, v any) {
	t.Helper()
	require.NoError(t, json.NewDecoder(openOracle(t, name)).Decode(v))
}

func (q oracleQuery) url(t *testing.T) string {
	p := url.Values{}
	for name, v := range map[string]*int64{"start": q.Start, "end": q.End, "time": q.Time} {
		if v != nil {
			p.Set(name, strconv.FormatInt(oracleBase+*v, 10))
		}
	}
	for name, v := range map[string]any{"step": q.Step, "limit": q.Limit, "direction": q.Dir, "interval": q.Interval} {
		if v != nil && v != "" {
			p.Set(name, fmt.Sprint(v))
		}
	}
	var texts []string
	if err := json.Unmarshal(q.Query, &texts); err != nil {
		texts = []string{""}
		require.NoError(t, json.Unmarshal(q.Query, &texts[0]))
	}
	path := "query_range"
	switch q.Type {
	case "instant":
		path = "query"
	case "series":
		path = "series"
		p["match[]"] = texts
	case "labels":
		path = "labels"
	case "values":
		path = "label/" + url.PathEscape(q.Label) + "/values"
	}
	if q.Type != "series" && texts[0] != "" {
		p["query"] = texts[:1]
	}
	return "/loki/api/v1/" + path + "?" + p.Encode()
}

func compareAnswer(t *testing.T, q oracleQuery, want oracleAnswer, body []byte) []string {
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
		if offsetMillis(g[0]) != w[0].(float64) || !sameNumber(w[1], g[1]) {
			return []string{fmt.Sprint("scalar ", g, ", want ", w)}
		}
		return nil
	}
	wantSeries := decodeWanted(t, want.Value)
	gotSeries := decodeGot(t, want.Type, got.Data.Result)
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

func offsetMillis(seconds any) float64 {
	return math.Round(seconds.(float64)*1000) - float64(oracleBase/1e6)
}

func decodeWanted(t *testing.T, raw json.RawMessage) []oracleSeries {
	var list [][2]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &list))
	out := make([]oracleSeries, len(list))
	for i, s := range list {
		require.NoError(t, json.Unmarshal(s[0], &out[i].Labels))
		require.NoError(t, json.Unmarshal(s[1], &out[i].Values))
	}
	return out
}

func decodeGot(t *testing.T, kind string, raw json.RawMessage) []oracleSeries {
	var list []struct {
		Stream, Metric map[string]string
		Values         [][2]any
		Value          *[2]any
	}
	require.NoError(t, json.Unmarshal(raw, &list))
	out := make([]oracleSeries, len(list))
	for i, s := range list {
		out[i].Labels = s.Metric
		out[i].Values = s.Values
		if kind == "streams" {
			out[i].Labels = s.Stream
			for j := range out[i].Values {
				n, err := strconv.ParseInt(out[i].Values[j][0].(string), 10, 64)
				require.NoError(t, err)
				out[i].Values[j][0] = float64(n - oracleBase)
			}
			continue
		}
		if s.Value != nil {
			out[i].Values = [][2]any{*s.Value}
		}
		for j := range out[i].Values {
			out[i].Values[j][0] = offsetMillis(out[i].Values[j][0])
		}
	}
	return out
}

// loosen hides the texts of __error_details__ and orders lines of one time.
func loosen(in []oracleSeries, backward bool) []oracleSeries {
	merged := map[string]*oracleSeries{}
	for _, s := range in {
		if _, ok := s.Labels["__error_details__"]; ok {
			s.Labels["__error_details__"] = "*"
		}
		k := keyOf(s.Labels)
		if merged[k] == nil {
			merged[k] = &oracleSeries{Labels: s.Labels}
		}
		merged[k].Values = append(merged[k].Values, s.Values...)
	}
	var out []oracleSeries
	for _, s := range merged {
		slices.SortStableFunc(s.Values, func(a, b [2]any) int {
			byTime := cmp.Compare(a[0].(float64), b[0].(float64))
			if backward {
				byTime = -byTime
			}
			return cmp.Or(byTime, strings.Compare(a[1].(string), b[1].(string)))
		})
		out = append(out, *s)
	}
	return out
}

func keyOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
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

func byLabels(in []oracleSeries) map[string]oracleSeries {
	out := map[string]oracleSeries{}
	for _, s := range in {
		out[keyOf(s.Labels)] = s
	}
	return out
}

func compareLines(want, got []oracleSeries) []string {
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

func comparePoints(want, got []oracleSeries) []string {
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
