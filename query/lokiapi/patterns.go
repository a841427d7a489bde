package lokiapi

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/query/logql"
)

// maxPatternLines bounds the lines that are clustered, the newest ones.
const maxPatternLines = 20_000

// maxPatterns bounds the answer.
const maxPatterns = 300

// patterns serves the shapes of lines and how often each occurs.
func (a *API) patterns(w http.ResponseWriter, r *http.Request) error {
	b, err := a.bounds(r)
	if err != nil {
		return err
	}
	step, err := a.step(r, b)
	if err != nil {
		return err
	}
	expr, err := logql.ParseLog(r.Form.Get("query"))
	if err != nil {
		return err
	}
	res, err := a.engine.Range(r.Context(), expr, logql.Params{
		Start: b.Start, End: b.End, Limit: min(maxPatternLines, a.limits.MaxLines),
	})
	if err != nil {
		return err
	}
	return httpx.WriteJSON(w, map[string]any{"status": "success", "data": patternsOf(res.Streams, step)})
}

type patternSeries struct {
	Pattern string     `json:"pattern"`
	Level   string     `json:"level"`
	Samples [][2]int64 `json:"samples"` // [seconds, lines]

	total int64
}

func patternsOf(streams []logql.Stream, step time.Duration) []patternSeries {
	byLevel := map[string]*clusterer{}
	for _, s := range streams {
		level := s.Labels.Get("detected_level")
		if level == "" {
			level = s.Labels.Get("level")
		}
		c := byLevel[level]
		if c == nil {
			c = newClusterer()
			byLevel[level] = c
		}
		for _, en := range s.Entries {
			c.add(en.Line, en.Time/int64(step)*int64(step))
		}
	}
	out := []patternSeries{}
	for level, c := range byLevel {
		for _, cl := range c.all {
			p := patternSeries{Pattern: cl.String(), Level: level}
			for t, n := range cl.times {
				p.Samples = append(p.Samples, [2]int64{t / int64(time.Second), n})
				p.total += n
			}
			slices.SortFunc(p.Samples, func(x, y [2]int64) int { return cmp.Compare(x[0], y[0]) })
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(x, y patternSeries) int {
		return cmp.Or(cmp.Compare(y.total, x.total), cmp.Compare(x.Pattern, y.Pattern), cmp.Compare(x.Level, y.Level))
	})
	return out[:min(maxPatterns, len(out))]
}
