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
		keeps:   true,
		decode: func(body []byte, json bool) (store, error) {
			if !json {
				if b, out, ok := rc.logsOnWire(body); ok {
					return func(ctx context.Context) (*outcome, error) { return rc.storeLogs(ctx, b, out) }, nil
				}
			}
			req, err := decode(plogotlp.NewExportRequest, logsRequest, body, json)
			if err != nil {
				return nil, err
			}
			return func(ctx context.Context) (*outcome, error) {
				b, out := rc.logBatch(req.Logs())
				return rc.storeLogs(ctx, b, out)
			}, nil
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

// storeLogs appends b; out says what was left out of it.
func (rc *Receiver) storeLogs(ctx context.Context, b *model.Batch, out *outcome) (*outcome, error) {
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
	c := rc.newLogConverter(ld.LogRecordCount())
	for _, rl := range ld.ResourceLogs().All() {
		c.resource(rl, nil)
	}
	return c.bd.Batch(), c.out
}

func (rc *Receiver) newLogConverter(records int) *logConverter {
	return &logConverter{
		limits: rc.limits,
		cfg:    rc.cfg,
		now:    rc.now(),
		bd:     model.NewBuilder(model.Logs, records),
		out:    &outcome{},
		names:  labelNames{},
	}
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

// resource converts the records of rl. Those that are still on the wire are
// given by scope; it returns false if it cannot read one.
func (c *logConverter) resource(rl plog.ResourceLogs, wire [][][]byte) bool {
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
	records := recordsOf(rl)
	for _, of := range wire {
		records += len(of)
	}
	for _, l := range c.labels {
		if n := c.limits.MaxLabelValueBytes; n > 0 && len(l.Value.Str()) > n {
			c.out.refuse(ingest.ReasonLabels, records, "resource attribute for label %s has %d bytes, limit %d", l.Key, len(l.Value.Str()), n)
			return c.readable(wire)
		}
	}
	if records == 0 {
		return true
	}
	stream := c.bd.Stream(&model.Stream{Attrs: c.labels})
	ofResource := len(c.attrs)
	for i, sl := range rl.ScopeLogs().All() {
		c.attrs = c.attrs[:ofResource]
		for k, v := range sl.Scope().Attributes().All() {
			c.attr(c.names.of(k), v)
		}
		c.text(attrScopeName, sl.Scope().Name())
		c.text(attrScopeVersion, sl.Scope().Version())
		ofScope := len(c.attrs)
		for _, r := range sl.LogRecords().All() {
			c.attrs = c.attrs[:ofScope]
			for k, v := range r.Attributes().All() {
				c.attr(c.names.of(k), v)
			}
			c.record(stream, fieldsOf(r))
		}
		if wire == nil {
			continue
		}
		for _, b := range wire[i] {
			c.attrs = c.attrs[:ofScope]
			f, ok := c.scanRecord(b)
			if !ok {
				return false
			}
			c.record(stream, f)
		}
	}
	return true
}

// readable reports whether records on the wire can be read.
func (c *logConverter) readable(wire [][][]byte) bool {
	for _, of := range wire {
		for _, b := range of {
			if _, ok := c.scanRecord(b); !ok {
				return false
			}
		}
	}
	return true
}

func recordsOf(rl plog.ResourceLogs) int {
	n := 0
	for _, sl := range rl.ScopeLogs().All() {
		n += sl.LogRecords().Len()
	}
	return n
}

// logFields are those of a log record beside its attributes. Times are 0 if
// unknown.
type logFields struct {
	time, observed int64
	severity       int32
	severityText   string
	body           string
	traceID        model.TraceID
	spanID         model.SpanID
	flags, dropped uint32
	eventName      string
}

func fieldsOf(r plog.LogRecord) logFields {
	return logFields{
		time: nanos(r.Timestamp()), observed: nanos(r.ObservedTimestamp()),
		severity: int32(r.SeverityNumber()), severityText: r.SeverityText(), body: otelmodel.Text(r.Body()),
		traceID: model.TraceID(r.TraceID()), spanID: model.SpanID(r.SpanID()),
		flags: uint32(r.Flags()), dropped: r.DroppedAttributesCount(), eventName: r.EventName(),
	}
}

// record adds a row; c.attrs are its attributes.
func (c *logConverter) record(stream uint32, f logFields) {
	t := f.time
	if t == 0 {
		t = f.observed
	}
	if t == 0 {
		t = c.now.UnixNano()
	}
	if reason := c.limits.CheckTime(t, c.now); reason != "" {
		c.out.refuse(reason, 1, "log record of %s", timeText(t))
		return
	}
	if n := c.limits.MaxLineBytes; n > 0 && len(f.body) > n {
		c.out.refuse(ingest.ReasonTooLarge, 1, "body of a log record has %d bytes, limit %d", len(f.body), n)
		return
	}
	c.fields(&f)
	if reason, why := otelmodel.CheckAttrs(c.limits, c.attrs); reason != "" {
		c.out.refuse(reason, 1, "log record %s", why)
		return
	}
	leveled := !c.cfg.DiscoverLevel
	c.bd.Row(stream, t, f.body)
	for _, a := range c.attrs {
		c.bd.Attr(a.Key, a.Value)
		leveled = leveled || a.Key == ingest.LevelAttr
	}
	if !leveled {
		c.bd.Attr(ingest.LevelAttr, model.String(ingest.Level(c.labels, c.attrs, int(f.severity), f.body)))
	}
}

// fields adds f as attributes.
func (c *logConverter) fields(f *logFields) {
	c.number(attrObserved, f.observed)
	c.number(attrSeverity, int64(f.severity))
	c.text(attrSeverityText, f.severityText)
	c.text(attrTraceID, f.traceID.String())
	c.text(attrSpanID, f.spanID.String())
	c.number(attrFlags, int64(f.flags))
	c.number(attrDropped, int64(f.dropped))
	c.text(attrEventName, f.eventName)
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
