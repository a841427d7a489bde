package otlp

import (
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"
	"go.opentelemetry.io/collector/pdata/pcommon"
)

const (
	targetInfoName = "target_info"
	targetInfoHelp = "Target metadata"
)

// targetInfoInterval is half of what a query looks back, so that a resource is
// found at any time between its first point and five minutes after the last,
// and no longer.
const targetInfoInterval = 150 * time.Second

// maxTargetInfoSpan bounds the time over which target_info is repeated every
// few minutes. It matters when limits.max_age is off.
const maxTargetInfoSpan = 31 * 24 * time.Hour

// An infoKey tells the target_info samples of a request apart: two resources
// may differ in what is no label.
type infoKey struct {
	labels uint64
	t      int64 // ms
}

// targetInfo appends what there is to say about the resource at hand, from its
// first point to its last.
func (t *translator) targetInfo(attrs pcommon.Map) {
	c := &t.context
	if t.max == 0 || uint64(t.max-t.min) > uint64(maxTargetInfoSpan) {
		return
	}
	t.keys, t.values = t.keys[:0], t.values[:0]
	telling, identified := false, c.identity > 0
	for k, v := range attrs.All() {
		identifies := k == serviceName || k == serviceNamespace || k == serviceInstance
		telling = telling || !identifies
		if !identifies || t.trans.keepIdentifying {
			t.keys = append(t.keys, k)
			t.values = append(t.values, t.text(v))
			identified = identified || (k == model.JobLabel || k == model.InstanceLabel) && t.values[len(t.values)-1] != ""
		}
	}
	if !telling || !identified {
		return
	}
	own := resourceContext{trans: c.trans, overrides: c.overrides[:c.identity]}
	tmpl, err := own.template(t.keys, "")
	if err != nil {
		return // attributes took such out
	}
	for _, name := range tmpl.collided {
		t.collided[name] = struct{}{}
	}
	t.plain, t.hash, t.checked = tmpl, t.hashOf(tmpl), true
	t.family = t.trans.info
	s := sample{v: 1, opts: promstorage.AOptions{
		Metadata:         metadata.Metadata{Type: model.MetricTypeGauge, Help: targetInfoHelp},
		MetricFamilyName: targetInfoName,
	}}
	t.app.family(false)
	for at := t.min; at < t.max; at += pcommon.Timestamp(targetInfoInterval) {
		t.info(&s, millis(at))
	}
	t.info(&s, millis(t.max))
	t.plain = nil
}

func (t *translator) info(s *sample, at int64) {
	key := infoKey{t.hash, at}
	if _, dup := t.infos[key]; dup || t.app.err != nil {
		return
	}
	t.infos[key] = struct{}{}
	s.t = at
	t.append(targetInfoName, seriesPlain, 0, "", s)
}

// isTargetInfo reports whether a sample is one that was added for a resource.
func isTargetInfo(opts promstorage.AOptions) bool {
	return opts.MetricFamilyName == targetInfoName && opts.Metadata.Help == targetInfoHelp
}
