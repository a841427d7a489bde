package spanmetrics

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/util/strutil"

	"github.com/oriel-obs/oriel/ingest/derived"
	"github.com/oriel-obs/oriel/model"
)

// A target is what resources have in common that make the same labels.
type target struct {
	service       string
	job, instance string   // empty without Config.TargetInfo
	dims          []string // values of Config.Dimensions, "" where the resource has none
	seen          int64    // ns
}

// findTargets finds the targets of b's streams.
func (m *Metrics) findTargets(r *reading, b *model.Batch, now int64) {
	r.targets = r.targets[:0]
	for _, s := range b.Streams {
		r.targets = append(r.targets, m.target(r, s, now))
	}
	if m.infos != nil {
		m.infos.Lock()
		defer m.infos.Unlock()
		for i, s := range b.Streams {
			m.inform(r.targets[i], s, now)
		}
	}
}

func (m *Metrics) target(r *reading, s *model.Stream, now int64) *target {
	service := derived.Service(s)
	var job, instance string
	if m.infos != nil {
		job, instance = service, derived.Label(s.Attr("service.instance.id").Text())
		if ns := derived.Label(s.Attr("service.namespace").Text()); ns != "" {
			job = ns + "/" + service
		}
	}
	if !m.cfg.Intrinsic.Service {
		service = "" // as no label tells, neither may the target
	}
	m.buf = appendText(appendText(appendText(m.buf[:0], service), job), instance)
	r.values = r.values[:0]
	for _, d := range m.cfg.Dimensions {
		v := derived.Label(s.Attr(d).Text())
		r.values = append(r.values, v)
		m.buf = appendText(m.buf, v)
	}
	t := m.targets[string(m.buf)]
	if t == nil {
		t = &target{service: strings.Clone(service), job: strings.Clone(job), instance: strings.Clone(instance), dims: slices.Clone(r.values)}
		for i, v := range t.dims {
			t.dims[i] = strings.Clone(v)
		}
		m.targets[string(m.buf)] = t
	}
	t.seen = now
	return t
}

// rest returns the target of the spans of a service that have no label set of
// their own.
func (m *Metrics) rest(service string, now int64) *target {
	m.buf = append(appendText(m.buf[:0], service), "rest"...) // no target ends so
	t := m.targets[string(m.buf)]
	if t == nil {
		t = &target{service: strings.Clone(service)}
		m.targets[string(m.buf)] = t
	}
	t.seen = now
	return t
}

// inform keeps traces_target_info of a resource alive: with all attributes but
// those that are in job and instance, and only if there are any.
func (m *Metrics) inform(t *target, s *model.Stream, now int64) {
	m.buf = model.AppendAttrs(m.buf[:0], s.Attrs)
	k := m.interned.Bytes(m.buf)
	if set := m.infos.Get(k); set != nil {
		set.Touch(now)
		return
	}
	if m.infos.Full() {
		m.infos.Overflowed(1)
		return
	}
	b := labels.NewBuilder(labels.EmptyLabels())
	for _, a := range s.Attrs {
		switch a.Key {
		case "service.name", "service.namespace", "service.instance.id":
			continue
		}
		b.Set(strutil.SanitizeFullLabelName(a.Key), derived.Label(a.Value.Text()))
	}
	if b.Labels().IsEmpty() {
		return
	}
	b.Set(labelJob, t.job)
	b.Set(labelInstance, t.instance)
	m.infos.Put(k, b.Labels(), now)
}

// forgetTargets drops targets whose label sets have gone stale long ago: with
// one that is younger, two targets could have sets of the same labels.
func (m *Metrics) forgetTargets(now time.Time) {
	m.book.Lock()
	defer m.book.Unlock()
	old := now.Add(-2 * m.cfg.StaleAfter).UnixNano()
	for id, t := range m.targets {
		if t.seen < old {
			delete(m.targets, id)
		}
	}
}

// appendText appends a length and s.
func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
