package datadog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Metrics serves the intake of metrics. It is safe for concurrent use.
type Metrics struct {
	sink   *samples.Sink
	totals *totals
}

// NewMetrics returns a Metrics that appends to o.Store.
func NewMetrics(o samples.Options) *Metrics {
	return &Metrics{sink: samples.NewSink("datadog", o), totals: newTotals(maxTotals)}
}

// Mount adds the routes to r, below /datadog and, but for those that are
// Prometheus' too, at the root.
func (m *Metrics) Mount(r chi.Router) {
	for _, prefix := range []string{"", "/datadog"} {
		post := func(path string, f func(http.ResponseWriter, *http.Request) error) {
			r.Method(http.MethodPost, prefix+path, httpx.Handler(f, metricError))
		}
		post("/api/v2/series", m.seriesV2)
		post("/api/beta/sketches", m.sketches)
		post("/api/v1/distribution_points", m.distributions)
		post("/api/v1/check_run", m.checks)
		post("/intake", m.discard)
		post("/intake/", m.discard)
		r.Get(prefix+"/api/v1/validate", func(w http.ResponseWriter, _ *http.Request) {
			reply(w, http.StatusOK, map[string]bool{"valid": true}) // keys are not checked here
		})
		if prefix != "" {
			post("/api/v1/series", m.seriesV1)
			post("/api/v1/metadata", m.discard)
		}
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// metricError is an httpx.ErrorWriter of the metric intake's errors.
func metricError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	reply(w, status, map[string][]string{"errors": {err.Error()}})
}

// discard answers what agents tell of themselves and their hosts, which is no
// metric.
func (m *Metrics) discard(w http.ResponseWriter, r *http.Request) error {
	if _, err := m.sink.ReadBody(r); err != nil {
		return err
	}
	reply(w, http.StatusAccepted, map[string]string{"status": "ok"})
	return nil
}

func (m *Metrics) seriesV1(w http.ResponseWriter, r *http.Request) error {
	return m.take(w, r, map[string]string{"status": "ok"}, func(b *intake, body []byte) error {
		return b.elements(body, "series", b.jsonSeries)
	})
}

func (m *Metrics) seriesV2(w http.ResponseWriter, r *http.Request) error {
	return m.take(w, r, map[string][]string{"errors": {}}, func(b *intake, body []byte) error {
		if isProtobuf(r) {
			return b.protoSeries(body)
		}
		return b.elements(body, "series", b.jsonSeries)
	})
}

func (m *Metrics) distributions(w http.ResponseWriter, r *http.Request) error {
	return m.take(w, r, map[string]string{"status": "ok"}, func(b *intake, body []byte) error {
		return b.elements(body, "series", b.jsonDistribution)
	})
}

func (m *Metrics) sketches(w http.ResponseWriter, r *http.Request) error {
	return m.take(w, r, map[string]string{}, func(b *intake, body []byte) error {
		if !isProtobuf(r) {
			return fmt.Errorf("sketches: content type %q, want application/x-protobuf: %w", r.Header.Get("Content-Type"), fault.ErrUnsupported)
		}
		return b.protoSketches(body)
	})
}

func (m *Metrics) checks(w http.ResponseWriter, r *http.Request) error {
	return m.take(w, r, map[string]string{"status": "ok"}, func(b *intake, body []byte) error {
		if body = bytes.TrimSpace(body); len(body) > 0 && body[0] == '{' {
			if !jsontext.Value(body).IsValid() {
				return fmt.Errorf("not JSON: %w", fault.ErrInvalid)
			}
			b.check(body)
			return nil
		}
		return b.elements(body, "", b.check)
	})
}

func isProtobuf(r *http.Request) bool {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return media == "application/x-protobuf" || media == "application/protobuf"
}

// An intake adds the metrics of one request to a batch.
type intake struct {
	*samples.Batch
	totals  *totals
	key     []byte // of a total
	scratch []byte // for texts with escapes
	added   []added
}

// take stores what decode makes of r's body and answers ok, with the first
// refusal among its errors.
func (m *Metrics) take(w http.ResponseWriter, r *http.Request, ok any, decode func(*intake, []byte) error) error {
	body, err := m.sink.ReadBody(r)
	if err != nil {
		return err
	}
	now := time.Now()
	m.totals.expire(now)
	b := &intake{Batch: m.sink.Begin(r.Context(), now), totals: m.totals}
	if err := decode(b, body); err != nil {
		b.takeBack()
		return b.Abandon(err)
	}
	rows, why := b.Refused()
	if err := b.Store(len(body)); err != nil {
		b.takeBack() // the sender will send it again
		return err
	}
	if rows > 0 { // sending again cannot help: that is no error status
		ok = map[string][]string{"errors": {fmt.Sprintf("%d points refused: %s", rows, why)}}
	}
	reply(w, http.StatusAccepted, ok)
	return nil
}

// A metricType is what a series says its values are, by its number in the
// protocol.
type metricType int

const (
	unspecified metricType = iota
	count
	rate
	gauge
)

var typeNames = map[string]metricType{"count": count, "counter": count, "rate": rate, "gauge": gauge, "distribution": unspecified, "": unspecified}

// point adds a value of the metric at a time in seconds.
func (b *intake) point(t metricType, seconds, v float64) {
	if !(seconds > -maxSeconds && seconds < maxSeconds) {
		b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("%g is no time", seconds))
		return
	}
	at := int64(seconds * 1000)
	if t != count {
		b.Meta.Type = model.MetricTypeGauge
		b.Float(at, v)
		return
	}
	b.Meta.Type = model.MetricTypeCounter
	b.add(at, v, nil)
}

// maxSeconds keeps milliseconds an int64, and exact.
const maxSeconds = 1 << 43

// tag adds a tag such as env:prod; one without a value is true.
func (b *intake) tag(tag []byte) {
	name, value, ok := bytes.Cut(bytes.TrimSpace(tag), []byte(":"))
	if len(name) == 0 {
		return
	}
	if !ok {
		value = []byte("true")
	}
	b.LabelBytes(name, value)
}
