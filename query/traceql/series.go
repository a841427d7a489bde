package traceql

import (
	"math"
	"slices"
	"strings"
)

// A Series is a metric over time.
type Series struct {
	Labels    []Label
	Points    []float64 // one for each of MetricsResult.Times; NaN where there is none
	Exemplars []Exemplar
}

// A Label is a name and value that tells series apart.
type Label struct {
	Name  string
	Value Static
}

// An Exemplar is a span behind a point.
type Exemplar struct {
	Labels []Label // trace:id
	Value  float64 // what was measured, else the span's duration; durations in seconds
	Time   int64   // the span's start, ns since the Unix epoch
}

// nameLabel names the function of series that are not grouped.
const nameLabel = "__name__"

// key returns the labels as text, by which series are told apart, joined and
// ordered.
func (s *Series) key() string {
	var b strings.Builder
	for _, l := range s.Labels {
		b.WriteString(l.Name + "\x00" + l.Value.typ.String() + "\x00" + l.Value.Text() + "\x00")
	}
	return b.String()
}

// name returns the value of __name__, or "".
func (s *Series) name() string {
	for _, l := range s.Labels {
		if l.Name == nameLabel {
			return l.Value.s
		}
	}
	return ""
}

func (s *Series) empty() bool {
	return !slices.ContainsFunc(s.Points, func(p float64) bool { return p == p })
}

// dropEmpty removes infinite points, and then the series without points.
func dropEmpty(series []*Series) []*Series {
	for _, s := range series {
		for i, p := range s.Points {
			if math.IsInf(p, 0) {
				s.Points[i] = math.NaN()
			}
		}
	}
	return slices.DeleteFunc(series, (*Series).empty)
}

func sortSeries(series []*Series) {
	slices.SortStableFunc(series, func(a, b *Series) int { return a.compare(b) })
}

// compare orders series by their labels.
func (s *Series) compare(o *Series) int {
	for i := range min(len(s.Labels), len(o.Labels)) {
		a, b := s.Labels[i], o.Labels[i]
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		switch {
		case a.Value.less(b.Value):
			return -1
		case b.Value.less(a.Value):
			return 1
		}
	}
	return len(s.Labels) - len(o.Labels)
}

// second applies a second stage. NaN points take no part.
func (st SecondStage) apply(series []*Series) []*Series {
	sortSeries(series)
	if st.Fn == "" {
		limit := st.Value.Float()
		if st.Value.typ == TypeDuration {
			limit /= 1e9
		}
		for _, s := range series {
			for i, p := range s.Points {
				o := 0
				switch {
				case p < limit:
					o = -1
				case p > limit:
					o = 1
				}
				if !st.Op.holds(o) {
					s.Points[i] = math.NaN()
				}
			}
		}
		return dropEmpty(series)
	}
	if len(series) == 0 {
		return nil
	}
	for i := range series[0].Points {
		st.keepBest(series, i)
	}
	return dropEmpty(series)
}

// keepBest drops the i-th point of all but the K best series, which are in the
// order of their labels.
func (st SecondStage) keepBest(series []*Series, i int) {
	ranked := make([]*Series, 0, len(series))
	for _, s := range series {
		if p := s.Points[i]; p == p {
			ranked = append(ranked, s)
		}
	}
	if st.Fn == "bottomk" {
		slices.Reverse(ranked) // among equals the greater label wins
	}
	slices.SortStableFunc(ranked, func(a, b *Series) int {
		x, y := a.Points[i], b.Points[i]
		switch {
		case x == y:
			return 0
		case (x > y) == (st.Fn == "topk"):
			return -1
		}
		return 1
	})
	for _, s := range ranked[min(st.K, len(ranked)):] {
		s.Points[i] = math.NaN()
	}
}

// mathWithNumber applies an operator to each point and a number.
func mathWithNumber(op Operator, series []*Series, f float64, numberFirst bool) []*Series {
	for _, s := range series {
		for i, p := range s.Points {
			x, y := p, f
			if numberFirst {
				x, y = f, p
			}
			s.Points[i] = pointMath(op, x, y)
		}
	}
	return dropEmpty(series)
}

func pointMath(op Operator, x, y float64) float64 {
	v, ok := arithFloat(op, x, y)
	if !ok {
		return math.NaN()
	}
	return v
}

// mathOfSeries joins series of equal labels, apart from __name__; if the right
// side is one ungrouped series, every series of the left joins it.
func mathOfSeries(op Operator, l, r []*Series) []*Series {
	right := make(map[string]*Series, len(r))
	for _, s := range r {
		right[s.unnamed().key()] = s
	}
	var out []*Series
	for _, a := range l {
		b := right[a.unnamed().key()]
		if b == nil {
			b = right[""]
		}
		if b == nil {
			continue
		}
		s := a.unnamed()
		if an, bn := a.name(), b.name(); an != "" && bn != "" {
			s.Labels = append([]Label{{nameLabel, StringOf("(" + an + " " + op.String() + " " + bn + ")")}}, s.Labels...)
		}
		s.Points = make([]float64, len(a.Points))
		for i := range s.Points {
			s.Points[i] = pointMath(op, a.Points[i], b.Points[i])
		}
		out = append(out, s)
	}
	return dropEmpty(out)
}

// unnamed returns the series without __name__, points and exemplars.
func (s *Series) unnamed() *Series {
	out := &Series{}
	for _, l := range s.Labels {
		if l.Name != nameLabel {
			out.Labels = append(out.Labels, l)
		}
	}
	return out
}
