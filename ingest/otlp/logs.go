package otlp

import (
	"context"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/otelmodel"
	"github.com/oriel-obs/oriel/model"
)

func logsSignal(rc *Receiver) *signal {
	return &signal{
		name:    "logs",
		account: model.Logs.String(),
		service: "opentelemetry.proto.collector.logs.v1.LogsService",
		decode: func(body []byte, json bool) (store, error) {
			req, err := decode(plogotlp.NewExportRequest, logsRequest, body, json)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*outcome, error) { return rc.storeLogs(ctx, req.Logs()) }, nil
		},
		reply: func(rejected int64, message string, json bool) ([]byte, error) {
			resp := plogotlp.NewExportResponse()
			resp.PartialSuccess().SetRejectedLogRecords(rejected)
			resp.PartialSuccess().SetErrorMessage(message)
			if json {
				return resp.MarshalJSON()
			}
			return resp.MarshalProto()
		},
	}
}

func (rc *Receiver) storeLogs(ctx context.Context, ld plog.Logs) (*outcome, error) {
	b, out := rc.logBatch(ld)
	if b.Len() == 0 {
		return out, nil
	}
	out.accepted = b.Len()
	if err := rc.events.Append(ctx, b); err != nil {
		return out, retryable("append logs", err)
	}
	return out, nil
}

// Names of the record's fields among its attributes, as Loki has them.
const (
	attrScopeName    = "scope_name"
	attrScopeVersion = "scope_version"
	attrObserved     = "observed_timestamp"
	attrSeverity     = "severity_number"
	attrSeverityText = "severity_text"
	attrTraceID      = "trace_id"
	attrSpanID       = "span_id"
	attrFlags        = "flags"
	attrDropped      = "dropped_attributes_count"
	attrEventName    = "event_name"
)

// logBatch converts ld. A record's stream is its resource's index labels; the
// other attributes of resource and scope, its own, and its fields are the
// attributes of its row. Of equal names the one named later here wins.
func (rc *Receiver) logBatch(ld plog.Logs) (*model.Batch, *outcome) {
	c := &logConverter{
		limits: rc.limits,
		cfg:    rc.cfg,
		now:    rc.now(),
		bd:     model.NewBuilder(model.Logs, ld.LogRecordCount()),
		out:    &outcome{},
		names:  labelNames{},
	}
	for _, rl := range ld.ResourceLogs().All() {
		c.resource(rl)
	}
	return c.bd.Batch(), c.out
}

type logConverter struct {
	limits ingest.Limits
	cfg    Config
	now    time.Time
	bd     *model.Builder
	out    *outcome
	names  labelNames

	labels []model.Attr // of the stream
	attrs  []model.Attr // of resource, scope and record, in this order
}

func (c *logConverter) resource(rl plog.ResourceLogs) {
	c.labels, c.attrs = nil, c.attrs[:0]
	named := false
	for k, v := range rl.Resource().Attributes().All() {
		label := indexLabel(k)
		if label == "" {
			c.attr(c.names.of(k), v)
			continue
		}
		if s := otelmodel.Text(v); s != "" {
			c.labels = append(c.labels, model.Attr{Key: label, Value: model.String(s)})
			named = named || label == ingest.ServiceNameLabel
		}
	}
	if !named && c.cfg.DiscoverServiceName {
		// c.attrs are those of the resource now; labels tell first only by the
		// order of names.
		all := append(append([]model.Attr{}, c.labels...), c.attrs...)
		c.labels = append(c.labels, model.Attr{Key: ingest.ServiceNameLabel, Value: model.String(ingest.ServiceName(all))})
	}
	c.labels = model.SortAttrs(c.labels)
	for _, l := range c.labels {
		if n := c.limits.MaxLabelValueBytes; n > 0 && len(l.Value.Str()) > n {
			c.out.refuse(ingest.ReasonLabels, recordsOf(rl), "resource attribute for label %s has %d bytes, limit %d", l.Key, len(l.Value.Str()), n)
			return
		}
	}
	if recordsOf(rl) == 0 {
		return
	}
	stream := c.bd.Stream(&model.Stream{Attrs: c.labels})
	ofResource := len(c.attrs)
	for _, sl := range rl.ScopeLogs().All() {
		c.attrs = c.attrs[:ofResource]
		for k, v := range sl.Scope().Attributes().All() {
			c.attr(c.names.of(k), v)
		}
		c.text(attrScopeName, sl.Scope().Name())
		c.text(attrScopeVersion, sl.Scope().Version())
		ofScope := len(c.attrs)
		for _, r := range sl.LogRecords().All() {
			c.attrs = c.attrs[:ofScope]
			c.record(stream, r)
		}
	}
}

func recordsOf(rl plog.ResourceLogs) int {
	n := 0
	for _, sl := range rl.ScopeLogs().All() {
		n += sl.LogRecords().Len()
	}
	return n
}

func (c *logConverter) record(stream uint32, r plog.LogRecord) {
	t := nanos(r.Timestamp())
	if t == 0 {
		t = nanos(r.ObservedTimestamp())
	}
	if t == 0 {
		t = c.now.UnixNano()
	}
	if reason := c.limits.CheckTime(t, c.now); reason != "" {
		c.out.refuse(reason, 1, "log record of %s", timeText(t))
		return
	}
	body := otelmodel.Text(r.Body())
	if n := c.limits.MaxLineBytes; n > 0 && len(body) > n {
		c.out.refuse(ingest.ReasonTooLarge, 1, "body of a log record has %d bytes, limit %d", len(body), n)
		return
	}
	c.fields(r)
	if reason, why := otelmodel.CheckAttrs(c.limits, c.attrs); reason != "" {
		c.out.refuse(reason, 1, "log record %s", why)
		return
	}
	leveled := !c.cfg.DiscoverLevel
	c.bd.Row(stream, t, body)
	for _, a := range c.attrs {
		c.bd.Attr(a.Key, a.Value)
		leveled = leveled || a.Key == ingest.LevelAttr
	}
	if !leveled {
		c.bd.Attr(ingest.LevelAttr, model.String(ingest.Level(c.labels, c.attrs, int(r.SeverityNumber()), body)))
	}
}

// fields adds the attributes and fields of r.
func (c *logConverter) fields(r plog.LogRecord) {
	for k, v := range r.Attributes().All() {
		c.attr(c.names.of(k), v)
	}
	c.number(attrObserved, nanos(r.ObservedTimestamp()))
	c.number(attrSeverity, int64(r.SeverityNumber()))
	c.text(attrSeverityText, r.SeverityText())
	c.text(attrTraceID, model.TraceID(r.TraceID()).String())
	c.text(attrSpanID, model.SpanID(r.SpanID()).String())
	c.number(attrFlags, int64(r.Flags()))
	c.number(attrDropped, int64(r.DroppedAttributesCount()))
	c.text(attrEventName, r.EventName())
}

// attr adds v under name; a map as one attribute for each of its leaves.
func (c *logConverter) attr(name string, v pcommon.Value) {
	if v.Type() == pcommon.ValueTypeMap {
		for k, m := range v.Map().All() {
			c.attr(name+"_"+c.names.of(k), m)
		}
		return
	}
	if v := otelmodel.Value(v); !v.IsNone() {
		c.attrs = append(c.attrs, model.Attr{Key: name, Value: v})
	}
}

func (c *logConverter) text(name, s string) {
	if s != "" {
		c.attrs = append(c.attrs, model.Attr{Key: name, Value: model.String(mend(s))})
	}
}

func (c *logConverter) number(name string, n int64) {
	if n != 0 {
		c.attrs = append(c.attrs, model.Attr{Key: name, Value: model.Int(n)})
	}
}
