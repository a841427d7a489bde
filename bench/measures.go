package main

import (
	"fmt"
	"os"
	"slices"
)

// A figure is one number that a run measured.
type figure struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit,omitempty"`
	Value  float64 `json:"value"`
	Failed string  `json:"failed,omitempty"` // why there is no value
}

// measures is what one run of one target gave, in order of measuring.
type measures struct {
	Figures []figure `json:"figures"`
}

func (m *measures) set(name, unit string, v float64) {
	m.Figures = append(m.Figures, figure{Name: name, Unit: unit, Value: v})
}

// fail records that a figure could not be had. The run goes on.
func (m *measures) fail(name string, err error) {
	m.Figures = append(m.Figures, figure{Name: name, Failed: err.Error()})
	fmt.Fprintf(os.Stderr, "  FAILED %s: %v\n", name, err)
}

// find returns the figure of that name; ok is false if it was not measured.
func (m *measures) find(name string) (f figure, ok bool) {
	i := slices.IndexFunc(m.Figures, func(f figure) bool { return f.Name == name })
	if i < 0 {
		return figure{}, false
	}
	return m.Figures[i], true
}

// value returns the value of a figure that was measured and did not fail.
func (m *measures) value(name string) (v float64, ok bool) {
	f, ok := m.find(name)
	return f.Value, ok && f.Failed == ""
}

// median returns each figure's median over the runs in which it did not fail.
func median(runs []*measures) *measures {
	med := &measures{}
	for _, name := range namesOf(runs) {
		var out figure
		var vs []float64
		for _, r := range runs {
			if f, ok := r.find(name); ok {
				if f.Failed == "" {
					vs = append(vs, f.Value)
					f.Failed = ""
				}
				if out.Name == "" || f.Failed == "" {
					out = f
				}
			}
		}
		if len(vs) > 0 {
			slices.Sort(vs)
			out.Value = (vs[(len(vs)-1)/2] + vs[len(vs)/2]) / 2
		}
		med.Figures = append(med.Figures, out)
	}
	return med
}

// namesOf returns every name in all, each where the first that has it has it.
func namesOf(all []*measures) []string {
	var names []string
	for _, m := range all {
		for _, f := range m.Figures {
			if !slices.Contains(names, f.Name) {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// A result is everything measured on one target at one scale.
type result struct {
	Target string      `json:"target"`
	Scale  float64     `json:"scale"`
	Median *measures   `json:"median"`
	Runs   []*measures `json:"runs"`
}

// column heads the result's column of a table.
func (r *result) column(withScale bool) string {
	if withScale {
		return fmt.Sprintf("%s ×%v", r.Target, r.Scale)
	}
	return r.Target
}
