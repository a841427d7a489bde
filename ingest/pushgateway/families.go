package pushgateway

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sort"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/model/textparse"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/fault"
)

// A family is the metrics of one name in a group.
type family struct {
	mf     *dto.MetricFamily // with the labels of the group
	pushed int64             // ms
	rows   []*row
	meta   metadata.Metadata
}

// A row is one series of a family.
type row struct {
	samples.Series
	key string // the labels as bytes
	v   float64
	h   *histogram.Histogram
	fh  *histogram.FloatHistogram
}

// decode reads a pushed body.
func decode(header http.Header, body []byte) (map[string]*dto.MetricFamily, error) {
	if expfmt.ResponseFormat(header).FormatType() == expfmt.TypeProtoDelim {
		return decodeProto(bytes.NewReader(body))
	}
	p := expfmt.NewTextParser(model.UTF8Validation)
	out, err := p.TextToMetricFamilies(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, fault.ErrInvalid)
	}
	return out, nil
}

func decodeProto(r *bytes.Reader) (map[string]*dto.MetricFamily, error) {
	out := map[string]*dto.MetricFamily{}
	for {
		mf := &dto.MetricFamily{}
		err := protodelim.UnmarshalOptions{MaxSize: -1}.UnmarshalFrom(r, mf)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read protobuf: %w: %w", err, fault.ErrInvalid)
		}
		if _, twice := out[mf.GetName()]; twice {
			return nil, fmt.Errorf("metric family %q comes twice: %w", mf.GetName(), fault.ErrInvalid)
		}
		out[mf.GetName()] = mf
	}
}

// adopt gives mf the labels of group, and makes rows of it. The error is of
// the sender's making.
func adopt(mf *dto.MetricFamily, group labels.Labels, l ingest.Limits, now int64) (*family, error) {
	for _, m := range mf.GetMetric() {
		if m.TimestampMs != nil {
			return nil, fmt.Errorf("pushed metrics must not have timestamps: %q has: %w", mf.GetName(), fault.ErrInvalid)
		}
		m.Label = grouped(m.GetLabel(), group)
	}
	if mf.Type == nil {
		mf.Type = dto.MetricType_UNTYPED.Enum()
	}
	f := &family{mf: mf, pushed: now, meta: metadata.Metadata{Help: mf.GetHelp(), Unit: mf.GetUnit()}}
	var text bytes.Buffer
	if _, err := protodelim.MarshalTo(&text, mf); err != nil {
		return nil, fmt.Errorf("metric family %q: %w: %w", mf.GetName(), err, fault.ErrInvalid)
	}
	if err := f.parse(text.Bytes(), l); err != nil {
		return nil, fmt.Errorf("metric family %q: %w: %w", mf.GetName(), err, fault.ErrInvalid)
	}
	return f, nil
}

// grouped returns pairs with the labels of group, which win.
func grouped(pairs []*dto.LabelPair, group labels.Labels) []*dto.LabelPair {
	var out []*dto.LabelPair
	for _, p := range pairs {
		if !group.Has(p.GetName()) {
			out = append(out, p)
		}
	}
	group.Range(func(l labels.Label) {
		out = append(out, &dto.LabelPair{Name: proto.String(l.Name), Value: proto.String(l.Value)})
	})
	sort.Slice(out, func(i, j int) bool { return out[i].GetName() < out[j].GetName() })
	return out
}

// protoFormat is how textparse knows the format that adopt writes.
const protoFormat = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

// parse makes rows just as a scrape would.
func (f *family) parse(text []byte, l ingest.Limits) error {
	p, err := textparse.New(text, protoFormat, labels.NewSymbolTable(), textparse.ParserOptions{})
	if err != nil {
		return err
	}
	seen := map[string]struct{}{}
	for {
		entry, err := p.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		r := &row{}
		switch entry {
		case textparse.EntryType:
			_, f.meta.Type = p.Type()
			continue
		case textparse.EntrySeries:
			_, _, r.v = p.Series()
		case textparse.EntryHistogram:
			_, _, r.h, r.fh = p.Histogram()
		default:
			continue
		}
		p.Labels(&r.Labels)
		if r.Labels, err = checked(r.Labels, l); err != nil {
			return err
		}
		r.key = string(r.Labels.Bytes(nil))
		if _, twice := seen[r.key]; twice {
			return fmt.Errorf("collected metric %s was collected before with the same name and label values", r.Labels)
		}
		seen[r.key] = struct{}{}
		f.rows = append(f.rows, r)
	}
}

// checked returns ls as a store takes it, or says what keeps it from that.
func checked(ls labels.Labels, l ingest.Limits) (labels.Labels, error) {
	ls = ls.WithoutEmpty()
	if name, twice := ls.HasDuplicateLabelNames(); twice {
		return ls, fmt.Errorf("series %s has label %q twice", ls, name)
	}
	if !ls.IsValid(model.UTF8Validation) {
		return ls, fmt.Errorf("series %s has an improper name or label", ls)
	}
	if n := l.MaxLabels; n > 0 && ls.Len() > n {
		return ls, fmt.Errorf("series %s has %d labels, more than max_labels: %d", ls, ls.Len(), n)
	}
	return ls, ls.Validate(func(x labels.Label) error {
		if n := max(len(x.Name), len(x.Value)); l.MaxLabelValueBytes > 0 && n > l.MaxLabelValueBytes {
			return fmt.Errorf("label %.64q has %d bytes, more than max_label_value_bytes: %d", x.Name, n, l.MaxLabelValueBytes)
		}
		return nil
	})
}

// gaugeOf returns a family of one gauge, of a group.
func gaugeOf(name, help string, v float64, group labels.Labels, now int64) (*family, error) {
	return adopt(&dto.MetricFamily{
		Name: proto.String(name), Help: proto.String(help), Type: dto.MetricType_GAUGE.Enum(),
		Metric: []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(v)}}},
	}, group, ingest.Limits{}, now)
}
