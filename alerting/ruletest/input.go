package ruletest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// maxEvents bounds the lines, and the spans, of one test: a wrong `every` is
// told instead of filling the memory.
const maxEvents = 1_000_000

// loadText returns the input series as promqltest loads them.
func (t *test) loadText() string {
	var b strings.Builder
	fmt.Fprintf(&b, "load %v\n", t.Interval)
	for _, s := range t.InputSeries {
		fmt.Fprintf(&b, "  %v %v\n", s.Series, s.Values)
	}
	return b.String()
}

// events returns a store of the input logs and spans. What is later than the
// moment of an evaluation is there already, and no expression sees it.
func (t *test) events(p parser.Parser) (*storagetest.Memory, error) {
	store := &storagetest.Memory{}
	logs, err := t.logs(p)
	if err != nil {
		return nil, err
	}
	spans, err := t.spans()
	if err != nil {
		return nil, err
	}
	for _, b := range []*model.Batch{logs, spans} {
		if err := store.Append(context.Background(), b); err != nil {
			return nil, err
		}
	}
	return store, nil
}

func (t *test) logs(p parser.Parser) (*model.Batch, error) {
	bd := model.NewBuilder(model.Logs, 0)
	for i, in := range t.InputLogs {
		ls, err := p.ParseMetric(in.Labels)
		if err != nil {
			return nil, fmt.Errorf("input_logs %d: labels %q: %w", i+1, in.Labels, err)
		}
		st := &model.Stream{}
		ls.Range(func(l labels.Label) {
			st.Attrs = append(st.Attrs, model.Attr{Key: l.Name, Value: model.String(l.Value)})
		})
		ref := bd.Stream(st)
		for j, line := range in.Lines {
			where := fmt.Sprintf("input_logs %d: line %d", i+1, j+1)
			own, err := attrs(line.Metadata)
			if err != nil {
				return nil, fmt.Errorf("%s: metadata: %w", where, err)
			}
			times, err := line.times(t.StartTimestamp.Time, bd.Len())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", where, err)
			}
			for at := range times {
				bd.Row(ref, at, line.Line)
				set(bd, own)
			}
		}
	}
	return bd.Batch(), nil
}

func (t *test) spans() (*model.Batch, error) {
	bd := model.NewBuilder(model.Spans, 0)
	for i, in := range t.InputSpans {
		where := fmt.Sprintf("input_spans %d", i+1)
		kind, ok := kinds[in.Kind]
		if !ok {
			return nil, fmt.Errorf("%s: kind %q is none of internal, server, client, producer and consumer", where, in.Kind)
		}
		status, ok := statuses[in.Status]
		if !ok {
			return nil, fmt.Errorf("%s: status %q is none of unset, ok and error", where, in.Status)
		}
		if in.Service != "" {
			in.Resource = maps.Clone(in.Resource)
			if in.Resource == nil {
				in.Resource = map[string]any{}
			}
			in.Resource["service.name"] = in.Service
		}
		resource, err := attrs(in.Resource)
		if err != nil {
			return nil, fmt.Errorf("%s: resource: %w", where, err)
		}
		own, err := attrs(in.Attributes)
		if err != nil {
			return nil, fmt.Errorf("%s: attributes: %w", where, err)
		}
		times, err := in.times(t.StartTimestamp.Time, bd.Len())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		ref := bd.Stream(&model.Stream{Attrs: resource})
		n := 0
		for at := range times {
			bd.Span(ref, in.span(i, n, at, kind, status))
			set(bd, own)
			n++
		}
	}
	return bd.Batch(), nil
}

// span returns the n-th span that in, the i-th of its list, stands for. Each
// repetition of a named trace is another trace, with the same shape.
func (in *inputSpan) span(i, n int, at int64, kind model.SpanKind, status model.StatusCode) model.Span {
	trace, id := in.Trace, in.ID
	if trace == "" {
		trace = fmt.Sprintf("\x00%d", i)
	}
	if id == "" {
		id = fmt.Sprintf("\x00%d", i)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", trace, n))
	sp := model.Span{
		TraceID: model.TraceID(sum[:16]), SpanID: spanID(id), Name: in.Name, Kind: kind, Status: status, StatusMessage: in.Message,
		Start: at, Duration: int64(in.Duration),
	}
	if in.Parent != "" {
		sp.ParentID = spanID(in.Parent)
	}
	return sp
}

func spanID(name string) model.SpanID {
	sum := sha256.Sum256([]byte(name))
	return model.SpanID(sum[:8])
}

var kinds = map[string]model.SpanKind{
	"": model.SpanInternal, "internal": model.SpanInternal, "server": model.SpanServer, "client": model.SpanClient,
	"producer": model.SpanProducer, "consumer": model.SpanConsumer,
}

var statuses = map[string]model.StatusCode{
	"": model.StatusUnset, "unset": model.StatusUnset, "ok": model.StatusOK, "error": model.StatusError,
}

// times yields when r happens, in ns since the Unix epoch. There are already
// so many events.
func (r repeat) times(start time.Time, already int) (iter.Seq[int64], error) {
	n := int64(1)
	if r.Every > 0 {
		if r.Until < r.At {
			return nil, fmt.Errorf("until %v is before at %v", r.Until, r.At)
		}
		n += int64((r.Until - r.At) / r.Every)
	} else if r.Until != 0 {
		return nil, fmt.Errorf("until %v without every", r.Until)
	}
	if n > maxEvents-int64(already) {
		return nil, fmt.Errorf("every %v until %v makes more than %d of a test", r.Every, r.Until, maxEvents)
	}
	return func(yield func(int64) bool) {
		for i := range n {
			if !yield(start.Add(time.Duration(r.At + promodel.Duration(i)*r.Every)).UnixNano()) {
				return
			}
		}
	}, nil
}

func set(bd *model.Builder, attrs []model.Attr) {
	for _, a := range attrs {
		bd.Attr(a.Key, a.Value)
	}
}

// attrs returns the attributes of a mapping, sorted by key.
func attrs(from map[string]any) ([]model.Attr, error) {
	var out []model.Attr
	for _, key := range slices.Sorted(maps.Keys(from)) {
		var v model.Value
		switch x := from[key].(type) {
		case string:
			v = model.String(x)
		case int:
			v = model.Int(int64(x))
		case float64:
			v = model.Float(x)
		case bool:
			v = model.Bool(x)
		default:
			return nil, fmt.Errorf("%s: %v is neither text, number nor truth value", key, x)
		}
		out = append(out, model.Attr{Key: key, Value: v})
	}
	return out, nil
}
