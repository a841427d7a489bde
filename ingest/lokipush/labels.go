package lokipush

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// textParser reads label sets with Prometheus' grammar, as Loki does. It holds
// no state.
func textParser() parser.Parser { return parser.NewParser(parser.Options{}) }

// streamOfText returns the stream of label text such as `{app="api"}`. text is
// not kept.
func (h *Handler) streamOfText(text []byte) (*stream, error) {
	return h.protos.get(text, func() (*stream, error) {
		ls, err := textParser().ParseMetric(string(text))
		if err != nil {
			return nil, fmt.Errorf("couldn't parse labels: %w", err)
		}
		attrs := make([]model.Attr, 0, ls.Len())
		ls.Range(func(l labels.Label) {
			attrs = append(attrs, model.Attr{Key: l.Name, Value: model.String(l.Value)})
		})
		return h.newStream(attrs)
	})
}

// newStream checks a label set and adds what Oriel adds. It owns attrs.
func (h *Handler) newStream(attrs []model.Attr) (*stream, error) {
	attrs = slices.DeleteFunc(attrs, func(a model.Attr) bool { return a.Value.Str() == "" })
	slices.SortStableFunc(attrs, func(a, b model.Attr) int { return strings.Compare(a.Key, b.Key) })
	text := labelText(attrs)
	l := h.limits
	if len(attrs) == 0 {
		return nil, errors.New("error at least one label pair is required per stream")
	}
	if l.MaxLabels > 0 && len(attrs) > l.MaxLabels {
		return nil, fmt.Errorf("entry for stream '%s' has %d label names; limit %d", text, len(attrs), l.MaxLabels)
	}
	for i, a := range attrs {
		name, value := a.Key, a.Value.Str()
		switch {
		case l.MaxLabelNameBytes > 0 && len(name) > l.MaxLabelNameBytes:
			return nil, fmt.Errorf("stream '%s' has label name too long: '%s'", text, shorten(name))
		case l.MaxLabelValueBytes > 0 && len(value) > l.MaxLabelValueBytes:
			return nil, fmt.Errorf("stream '%s' has label value too long: '%s'", text, shorten(value))
		case i > 0 && attrs[i-1].Key == name:
			return nil, fmt.Errorf("stream '%s' has duplicate label name: '%s'", text, name)
		case !promodel.LegacyValidation.IsValidLabelName(name):
			return nil, fmt.Errorf("couldn't parse labels: invalid label name %q", name)
		case !utf8.ValidString(value):
			return nil, fmt.Errorf("couldn't parse labels: value %q of label %s is not valid UTF-8", shorten(value), name)
		}
	}
	s := &stream{Stream: &model.Stream{Attrs: attrs}, text: text}
	if h.config.DiscoverServiceName && s.Attr(ingest.ServiceNameLabel).IsNone() {
		attrs = append(attrs, model.Attr{Key: ingest.ServiceNameLabel, Value: model.String(ingest.ServiceName(attrs))})
		s.Attrs = model.SortAttrs(attrs)
	}
	for _, a := range s.Attrs {
		if ingest.IsLevelName(a.Key) {
			s.levels = append(s.levels, a)
		}
		s.hasLevel = s.hasLevel || a.Key == ingest.LevelAttr
	}
	return s, nil
}

// maxShown bounds what a message quotes of the sender's text.
const maxShown = 1024

func shorten(s string) string {
	if len(s) <= maxShown {
		return s
	}
	return s[:maxShown] + "…"
}

// labelText writes a label set as a selector would, shortened.
func labelText(attrs []model.Attr) string {
	b := []byte{'{'}
	for i, a := range attrs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, a.Key...)
		b = append(b, '=')
		b = strconv.AppendQuote(b, shorten(a.Value.Str()))
		if len(b) > maxShown {
			break
		}
	}
	return shorten(string(append(b, '}')))
}

// A streamCache remembers the streams of labels as they stand on the wire, so
// that a known stream costs neither parsing nor memory. When full it starts
// afresh: streams that still send are back with their next request. The zero
// streamCache is empty.
type streamCache struct {
	mu sync.RWMutex
	m  map[string]*stream
}

// Bounds of a streamCache: at most about 100 MiB when every stream is huge,
// a few MiB in practice.
const (
	maxCachedStreams    = 1 << 14
	maxCachedLabelBytes = 4 << 10
)

// get returns the stream of wire, from parse if it is not known. Failures are
// not remembered.
func (c *streamCache) get(wire []byte, parse func() (*stream, error)) (*stream, error) {
	c.mu.RLock()
	s := c.m[string(wire)]
	c.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := parse()
	if err != nil || len(wire) > maxCachedLabelBytes {
		return s, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= maxCachedStreams {
		c.m = map[string]*stream{}
	}
	c.m[string(wire)] = s
	return s, nil
}
