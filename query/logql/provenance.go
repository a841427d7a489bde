package logql

import (
	"context"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/storage"
)

// A provenance follows a pipeline and knows where the labels of a line may
// come from.
type provenance struct {
	names *catalogue

	text    bool          // the line is still as stored
	labels  bool          // nothing but parsers has changed labels
	errors  bool          // nothing but parsers has changed the error
	parsers []*bodyParser // so far
}

func newProvenance(c *catalogue) *provenance {
	return &provenance{names: c, text: true, labels: true, errors: true}
}

// pass takes note of what a stage does.
func (pv *provenance) pass(s Stage) {
	switch s := s.(type) {
	case *LineFilter:
	case *LabelFilterStage:
		pv.errors = pv.errors && !mayFail(s.Filter)
	case *JSON, *Logfmt:
		if p := newBodyParser(s); p != nil && pv.text {
			pv.parsers = append(pv.parsers, p)
		} else {
			pv.labels, pv.errors = false, false
		}
	case *Regexp, *Pattern, *Keep:
		pv.labels = false
	case *Drop:
		pv.errors = false
		pv.labels = pv.labels && !slices.ContainsFunc(s.Labels, func(r LabelRef) bool { return !ofError(r.Name) })
	case *Decolorize:
		pv.text = false
	case *LineFormat:
		pv.text, pv.errors = false, false
	default:
		pv.text, pv.labels, pv.errors = false, false, false
	}
}

// mayFail reports whether a filter can set the error of a line.
func mayFail(f LabelFilter) bool {
	switch f := f.(type) {
	case *AndFilter:
		return mayFail(f.Left) || mayFail(f.Right)
	case *OrFilter:
		return mayFail(f.Left) || mayFail(f.Right)
	case *MatchFilter, *IPFilter:
		return false
	}
	return true
}

func ofError(label string) bool { return label == errorLabel || label == detailsLabel }

// A source is a field that a label may come from.
type source struct {
	field storage.Field
	texts bool // all values are strings
}

// sources are those of one label: the first that a line has counts.
type sources struct {
	list   []source
	known  bool // there are no others
	picked bool // an expression sets the label even where the field is not
	mixed  bool // which one counts is not as simple as that
}

// of returns the sources of a label.
func (pv *provenance) of(ctx context.Context, name string) (sources, error) {
	var s sources
	if !pv.labels || strings.HasSuffix(name, extractedSuffix) || ofError(name) {
		return s, nil
	}
	s.known = true
	in, err := pv.names.presence(ctx, name)
	if err != nil {
		return s, err
	}
	if in.some {
		s.list = append(s.list, source{storage.Field{Place: storage.Stream, Key: name}, in.texts})
	}
	if in.every {
		return s, nil
	}
	attrs, err := pv.names.attrsOf(ctx, name)
	if err != nil {
		return s, err
	}
	s.mixed = len(attrs) > 1
	for _, k := range attrs {
		s.list = append(s.list, source{storage.Field{Place: storage.Attr, Key: k.Name}, texts(k)})
	}
	parsed := 0
	for _, p := range pv.parsers {
		for _, f := range p.fields(name) {
			parsed++
			s.picked = s.picked || p.picks != nil
			s.list = append(s.list, source{f, true})
		}
	}
	s.mixed = s.mixed || s.picked && parsed > 1
	return s, nil
}
