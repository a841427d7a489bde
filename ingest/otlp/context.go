package otlp

import (
	"fmt"
	"unicode/utf8"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// The attributes that say what a resource is, rather than what it is like.
const (
	serviceName      = "service.name"
	serviceNamespace = "service.namespace"
	serviceInstance  = "service.instance.id"
)

// resource takes in the resource that the next points are of.
func (t *translator) resource(attrs pcommon.Map) {
	t.attributes(attrs, "resource")
	c := &t.context
	c.promoted, c.overrides = c.promoted[:0], c.overrides[:0]
	for k, v := range attrs.All() {
		if !t.trans.promote.has(k) {
			continue
		}
		if name, err := t.trans.label.Build(k); err == nil { // attributes took out the others
			c.promoted = append(c.promoted, labels.Label{Name: name, Value: v.AsString()})
		}
	}
	if name, ok := attrs.Get(serviceName); ok {
		job := name.AsString()
		if space, ok := attrs.Get(serviceNamespace); ok {
			job = space.AsString() + "/" + job
		}
		if job != "" {
			c.overrides = append(c.overrides, labels.Label{Name: model.JobLabel, Value: job})
		}
	}
	if id, ok := attrs.Get(serviceInstance); ok && id.AsString() != "" {
		c.overrides = append(c.overrides, labels.Label{Name: model.InstanceLabel, Value: id.AsString()})
	}
	c.identity = len(c.overrides)
	t.forgetTemplates()
}

// scope takes in the scope that the next points are of.
func (t *translator) scope(sm pmetric.ScopeMetrics) {
	s := sm.Scope()
	t.attributes(s.Attributes(), "scope")
	c := &t.context
	if !t.trans.scope {
		return
	}
	c.overrides = c.overrides[:c.identity]
	t.forgetTemplates()
	if s.Name() == "" {
		return
	}
	for k, v := range s.Attributes().All() {
		if name, err := t.trans.label.Build("otel_scope_" + k); err == nil {
			c.overrides = append(c.overrides, labels.Label{Name: name, Value: v.AsString()})
		}
	}
	c.overrides = append(c.overrides,
		labels.Label{Name: "otel_scope_name", Value: mend(s.Name())},
		labels.Label{Name: "otel_scope_version", Value: mend(s.Version())},
		labels.Label{Name: "otel_scope_schema_url", Value: mend(sm.SchemaUrl())})
}

func (t *translator) forgetTemplates() {
	clear(t.context.templates)
	t.plain, t.specific = nil, nil
}

// attributes mends those of a resource or scope, which belong to many points,
// and takes out the ones that cannot become labels.
func (t *translator) attributes(attrs pcommon.Map, of string) {
	attrs.RemoveIf(func(k string, v pcommon.Value) bool {
		if v.Type() == pcommon.ValueTypeStr && !utf8.ValidString(v.Str()) {
			v.SetStr(mend(v.Str()))
		}
		err := t.trans.labelError(k)
		if err == nil && !utf8.ValidString(k) {
			err = fmt.Errorf("label name %q is not UTF-8", k)
		}
		if err != nil {
			t.out.warn("%s attribute left out: %v", of, err)
		}
		return err != nil
	})
}
