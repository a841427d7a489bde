package influx

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest/samples"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// release is the InfluxDB that clients are told of: the last that spoke both
// the first API and the second.
const release = "1.8.10"

// Handler serves InfluxDB's writing APIs. It is safe for concurrent use.
type Handler struct {
	sink     *samples.Sink
	config   Config
	decoders sync.Pool // of *decoder
	names    databases
}

// New returns a Handler.
func New(o samples.Options, c Config) *Handler {
	h := &Handler{sink: samples.NewSink("influx", o), config: c}
	h.decoders.New = func() any { return &decoder{} }
	return h
}

// Mount adds the routes to r: InfluxDB's own, and the same below /influx.
func (h *Handler) Mount(r chi.Router) {
	for _, prefix := range []string{"", "/influx"} {
		r.Method(http.MethodPost, prefix+"/write", httpx.Handler(h.writeV1, errorV1))
		r.Method(http.MethodPost, prefix+"/api/v2/write", httpx.Handler(h.writeV2, errorV2))
		r.Method(http.MethodPost, prefix+"/api/v3/write_lp", httpx.Handler(h.writeV3, errorV3))
		r.Method(http.MethodGet, prefix+"/query", httpx.Handler(h.query, errorV1))
		r.Method(http.MethodPost, prefix+"/query", httpx.Handler(h.query, errorV1))
		r.Get(prefix+"/ping", ping)
		r.Head(prefix+"/ping", ping)
		r.Get(prefix+"/health", health)
	}
}

func versioned(w http.ResponseWriter) {
	w.Header().Set("X-Influxdb-Build", "OSS")
	w.Header().Set("X-Influxdb-Version", release)
}

func ping(w http.ResponseWriter, r *http.Request) {
	versioned(w)
	if v := r.URL.Query().Get("verbose"); v != "" && v != "0" && v != "false" {
		answer(w, http.StatusOK, map[string]string{"version": release})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func health(w http.ResponseWriter, _ *http.Request) {
	versioned(w)
	answer(w, http.StatusOK, map[string]any{
		"checks": []any{}, "message": "ready for queries and writes", "name": "influxdb", "status": "pass", "version": release,
	})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// units are the names that any API has for a precision.
var units = map[string]precision{
	"": precision(time.Nanosecond), "n": precision(time.Nanosecond), "ns": precision(time.Nanosecond), "nanosecond": precision(time.Nanosecond),
	"u": precision(time.Microsecond), "us": precision(time.Microsecond), "µ": precision(time.Microsecond), "microsecond": precision(time.Microsecond),
	"ms": precision(time.Millisecond), "millisecond": precision(time.Millisecond),
	"s": precision(time.Second), "second": precision(time.Second),
	"m": precision(time.Minute), "h": precision(time.Hour),
}

func (h *Handler) writeV1(w http.ResponseWriter, r *http.Request) error {
	return h.write(w, r, r.URL.Query().Get("db"), "")
}

func (h *Handler) writeV2(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	bucket := q.Get("bucket")
	if bucket == "" {
		bucket = q.Get("db") // clients of the first API that were given the path of the second
	}
	return h.write(w, r, bucket, "")
}

func (h *Handler) writeV3(w http.ResponseWriter, r *http.Request) error {
	return h.write(w, r, r.URL.Query().Get("db"), "auto")
}

// write stores the lines of r. unit is the precision of a request that does
// not say.
func (h *Handler) write(w http.ResponseWriter, r *http.Request, db, unit string) error {
	if p := r.URL.Query().Get("precision"); p != "" {
		unit = p
	}
	p, ok := units[unit]
	if unit == "auto" {
		p, ok = autoPrecision, true
	}
	if !ok {
		return h.sink.Refuse(r.Context(), fmt.Errorf("precision: %.32q is none of ns, us, ms, s, m, h and auto: %w", unit, fault.ErrInvalid))
	}
	body, err := h.sink.ReadBody(r)
	if err != nil {
		return err
	}
	h.names.add(db)
	out := h.sink.Begin(r.Context(), time.Now())
	d := h.decoders.Get().(*decoder)
	d.c, d.unit, d.out, d.bad, d.lines = h.config, p, out, faulty{}, 0
	d.db, d.label = append(d.db[:0], db...), append(d.label[:0], h.config.DatabaseLabel...)
	d.decode(body)
	bad := d.bad
	rows, why := out.Refused()
	taken := out.Stored()
	d.out = nil
	h.decoders.Put(d)
	if err := out.Store(len(body)); err != nil {
		return err
	}
	if rows > 0 {
		return &partial{bad: bad, why: why, rows: rows, taken: taken}
	}
	versioned(w)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
