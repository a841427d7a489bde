package tenancy

import (
	"fmt"

	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/quota"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// checkRows returns why rows are not such as their sender may send.
func checkRows(m quota.Measure, b *model.Batch) error {
	for _, s := range b.Streams {
		n := 0
		for _, a := range s.Attrs {
			if a.Key == auth.TenantLabel { // not the sender's
				continue
			}
			n++
			if err := m.Label("a stream", a.Key, textBytes(a.Value), nil); err != nil {
				return err
			}
		}
		if err := m.Over(quota.Labels, "labels of a stream", n, m.Labels, nil); err != nil {
			return err
		}
	}
	if m.Line > 0 {
		for _, body := range b.Body {
			if err := m.Over(quota.Line, "bytes of a log line", len(body), m.Line, nil); err != nil {
				return err
			}
		}
	}
	if m.Attrs == 0 && m.AttrBytes == 0 {
		return nil
	}
	counts, sizes := make([]int32, b.Len()), make([]int, b.Len())
	for _, c := range b.Attrs {
		for i, v := range c.Vals {
			row := i
			if c.Rows != nil {
				row = int(c.Rows[i])
			}
			counts[row]++
			sizes[row] += len(c.Key) + textBytes(v)
		}
	}
	for row := range counts {
		if err := m.Over(quota.Attrs, "attributes of a row", int(counts[row]), m.Attrs, nil); err != nil {
			return err
		}
		if err := m.Over(quota.AttrBytes, "bytes of a row's attributes", sizes[row], m.AttrBytes, nil); err != nil {
			return err
		}
	}
	return nil
}

// textBytes is what a value counts as: numbers are 8 bytes.
func textBytes(v model.Value) int {
	if k := v.Kind(); k == model.KindString || k == model.KindBytes {
		return len(v.Str())
	}
	return 8
}

// checkSeries returns why a series is not such as its sender may send.
func checkSeries(m quota.Measure, ls labels.Labels) error {
	name := fmt.Sprintf("metric %.128q", ls.Get(promodel.MetricNameLabel))
	n := 0
	var refused error
	ls.Range(func(l labels.Label) {
		if l.Name == auth.TenantLabel || refused != nil {
			return
		}
		n++
		refused = m.Label(name, l.Name, len(l.Value), storage.ErrLabelLimit)
	})
	if refused != nil {
		return refused
	}
	return m.Over(quota.Labels, name+": labels", n, m.Labels, storage.ErrLabelLimit)
}
