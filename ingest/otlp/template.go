package otlp

import (
	"cmp"
	"slices"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// A template is where the labels of series come from, in the order of their
// names. It serves all points of one resource and scope that have the same
// attribute keys in the same order, which for most senders is all points of
// several metrics.
type template struct {
	keys     []string
	special  string // le, quantile or none
	slots    []slot
	seed     uint64   // hash of everything but the values of points
	collided []string // labels that several attributes share
}

// A slot is one label. Empty values are none.
type slot struct {
	name  string
	from  source
	attrs []int  // attributes of the point, by key; of several the values are joined
	text  string // the value if from is fixed, or if that of the attribute is empty
}

type source uint8

const (
	fromText    source = iota // of the resource or scope
	fromAttrs                 // of the point
	fromSeries                // the metric's name
	fromSpecial               // le or quantile
)

// template returns the one for points with keys. special names the label that
// tells the series of a point apart, or is empty.
func (c *resourceContext) template(keys []string, special string) (*template, error) {
	t := &template{keys: slices.Clone(keys), special: special}
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(keys[a], keys[b]) })
	byName := make(map[string]*slot, len(keys)+8)
	for _, i := range order {
		if keys[i] == model.MetricNameLabel {
			continue
		}
		name, err := c.trans.label.Build(keys[i])
		if err != nil {
			return nil, err
		}
		s := byName[name]
		if s == nil {
			s = &slot{name: name, from: fromAttrs}
			byName[name] = s
		}
		if s.attrs = append(s.attrs, i); len(s.attrs) == 2 {
			t.collided = append(t.collided, name)
		}
	}
	for _, l := range c.promoted {
		if s := byName[l.Name]; s != nil {
			s.text = l.Value
			continue
		}
		byName[l.Name] = &slot{name: l.Name, text: l.Value}
	}
	for _, l := range c.overrides {
		byName[l.Name] = &slot{name: l.Name, text: l.Value}
	}
	if special != "" {
		byName[special] = &slot{name: special, from: fromSpecial}
	}
	byName[model.MetricNameLabel] = &slot{name: model.MetricNameLabel, from: fromSeries}

	t.slots = make([]slot, 0, len(byName))
	for _, s := range byName {
		t.slots = append(t.slots, *s)
	}
	slices.SortFunc(t.slots, func(a, b slot) int { return cmp.Compare(a.name, b.name) })
	var d xxhash.Digest
	d.Reset()
	for _, s := range t.slots {
		for _, text := range [...]string{s.name, s.text} {
			_, _ = d.WriteString(text)
			_, _ = d.Write([]byte{0xff, byte(s.from)})
		}
	}
	for _, k := range t.keys {
		_, _ = d.WriteString(k)
		_, _ = d.Write([]byte{0xff})
	}
	t.seed = d.Sum64()
	return t, nil
}

// value returns the value of s for the point at hand.
func (t *translator) value(s *slot) string {
	switch s.from {
	case fromAttrs:
		v := t.values[s.attrs[0]]
		for _, i := range s.attrs[1:] {
			if v == "" {
				v = t.values[i]
			} else {
				v += ";" + t.values[i]
			}
		}
		if v != "" {
			return v
		}
	case fromSeries:
		return t.name
	case fromSpecial:
		return t.special
	}
	return s.text
}

// A resourceContext is what the points of one resource, and of the scope at
// hand, have in common.
type resourceContext struct {
	trans     *translation
	promoted  []labels.Label // yield to attributes of the point
	overrides []labels.Label // job and instance, and those of the scope
	identity  int            // how many of overrides are the resource's
	templates map[string]*template
}
