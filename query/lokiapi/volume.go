package lokiapi

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
	"github.com/oriel-obs/oriel/storage"
)

// indexStats serves how much a selector selects.
func (a *API) indexStats(w http.ResponseWriter, r *http.Request) error {
	b, err := a.bounds(r)
	if err != nil {
		return err
	}
	ms, err := selector(r.Form.Get("query"))
	if err != nil {
		return err
	}
	out := struct {
		Streams int64 `json:"streams"`
		Chunks  int64 `json:"chunks"`
		Entries int64 `json:"entries"`
		Bytes   int64 `json:"bytes"`
	}{}
	var stats storage.Stats
	groups, err := a.src.Aggregate(r.Context(), storage.Aggregate{
		Signal: model.Logs, Range: b, Where: logql.SelectorPredicate(ms), ByStream: true, Bytes: true, Stats: &stats,
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		for _, bk := range g.Buckets {
			out.Entries += bk.Rows
			out.Bytes += bk.Bytes
		}
	}
	out.Streams, out.Chunks = int64(len(groups)), min(stats.Parts, out.Entries) // a part with no such line is none of theirs
	return httpx.WriteJSON(w, out)
}

// A volumeRequest asks for the bytes of lines by labels.
type volumeRequest struct {
	matchers []*labels.Matcher
	within   model.Range
	limit    int
	targets  []string // labels to group by; nil chooses those of the matchers
	byLabel  bool     // one element for each label name, not for each set
}

func (a *API) volumeRequest(r *http.Request) (volumeRequest, error) {
	var v volumeRequest
	var err error
	if v.within, err = a.bounds(r); err != nil {
		return v, err
	}
	if v.matchers, err = selector(r.Form.Get("query")); err != nil {
		return v, err
	}
	if v.limit, err = positive(r, "limit", defaultLimit); err != nil {
		return v, err
	}
	for name := range strings.SplitSeq(r.Form.Get("targetLabels"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			v.targets = append(v.targets, name)
		}
	}
	switch by := r.Form.Get("aggregateBy"); by {
	case "", "series":
	case "labels":
		v.byLabel = true
	default:
		return v, badRequest("invalid aggregation option")
	}
	return v, nil
}

// volume serves the bytes of a range of time.
func (a *API) volume(w http.ResponseWriter, r *http.Request) error {
	v, err := a.volumeRequest(r)
	if err != nil {
		return err
	}
	// [start, end) is the window (start-1ns, end-1ns] of a point at its end.
	p := logql.Params{Start: v.within.End - 1, End: v.within.End - 1}
	res, err := a.volumes(r, v, p, time.Duration(v.within.End-v.within.Start))
	if err != nil {
		return err
	}
	res.Kind = logql.KindVector
	for i := range res.Matrix {
		res.Matrix[i].Points[0].Time = v.within.End
	}
	return writeResult(w, res, encoding{})
}

// volumeRange serves the bytes of each step.
func (a *API) volumeRange(w http.ResponseWriter, r *http.Request) error {
	v, err := a.volumeRequest(r)
	if err != nil {
		return err
	}
	step, err := a.step(r, v.within)
	if err != nil {
		return err
	}
	res, err := a.volumes(r, v, logql.Params{Start: v.within.Start, End: v.within.End, Step: step}, step)
	if err != nil {
		return err
	}
	return writeResult(w, res, encoding{})
}

// volumes evaluates the bytes of windows of the given length.
func (a *API) volumes(r *http.Request, v volumeRequest, p logql.Params, window time.Duration) (*logql.Result, error) {
	by, err := a.volumeLabels(r, v)
	if err != nil {
		return nil, err
	}
	expr := &logql.VectorAgg{
		Op: logql.OpSum, Grouping: &logql.Grouping{Labels: by},
		Inner: &logql.RangeAgg{Op: logql.OpBytes, Log: &logql.LogRange{Log: &logql.LogExpr{Matchers: v.matchers}, Range: window}},
	}
	res, err := a.engine.Range(r.Context(), expr, p)
	if err != nil {
		return nil, err
	}
	if v.byLabel {
		res.Matrix = foldByName(res.Matrix, by)
	}
	total := func(s logql.Series) float64 {
		sum := 0.0
		for _, pt := range s.Points {
			sum += pt.Value
		}
		return sum
	}
	slices.SortStableFunc(res.Matrix, func(x, y logql.Series) int { return cmp.Compare(total(y), total(x)) })
	res.Matrix = res.Matrix[:min(v.limit, len(res.Matrix))]
	return res, nil
}

// volumeLabels returns the labels to group by: those asked for, those of the
// matchers, or all that the streams have.
func (a *API) volumeLabels(r *http.Request, v volumeRequest) ([]string, error) {
	if v.targets != nil {
		return v.targets, nil
	}
	var names []string
	if !v.byLabel {
		for _, m := range v.matchers {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		streams, err := a.src.Streams(r.Context(), storage.StreamsRequest{
			Signal: model.Logs, Range: v.within, Where: logql.SelectorPredicate(v.matchers),
		})
		if err != nil {
			return nil, err
		}
		for _, s := range streams {
			for _, at := range s.Attrs {
				names = append(names, at.Key)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// foldByName adds up the series that have a label, for each label; the
// label's value in the result is empty.
func foldByName(in []logql.Series, names []string) []logql.Series {
	var out []logql.Series
	for _, name := range names {
		sums := map[int64]float64{}
		for _, s := range in {
			if !s.Labels.Has(name) {
				continue
			}
			for _, p := range s.Points {
				sums[p.Time] += p.Value
			}
		}
		if len(sums) == 0 {
			continue
		}
		b := labels.NewScratchBuilder(1)
		b.Add(name, "")
		folded := logql.Series{Labels: b.Labels()}
		for t, v := range sums {
			folded.Points = append(folded.Points, logql.Point{Time: t, Value: v})
		}
		slices.SortFunc(folded.Points, func(x, y logql.Point) int { return cmp.Compare(x.Time, y.Time) })
		out = append(out, folded)
	}
	return out
}
