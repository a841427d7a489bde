package ingest

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Reasons for which rows are refused. They are label values of
// oriel_ingest_rejected_total: a protocol may add its own, but few.
const (
	ReasonMalformed   = "malformed"        // the body does not decode
	ReasonTooOld      = "too_old"          // Limits.MaxAge
	ReasonTooNew      = "too_new"          // Limits.MaxFuture
	ReasonTooLarge    = "too_large"        // a row, or the request, is over a size limit
	ReasonLabels      = "invalid_labels"   // missing, duplicate, too many, or not well-formed
	ReasonNoID        = "missing_id"       // a span without trace or span id
	ReasonOutOfOrder  = "out_of_order"     // a sample outside the out-of-order window
	ReasonSeriesLimit = "series_limit"     // Limits.Metric: the sample's series would be one too many
	ReasonDuplicate   = "duplicate"        // another value for the same time
	ReasonTranslate   = "untranslatable"   // OTLP metric that has no Prometheus form
	ReasonStorage     = "storage"          // the store failed or is read-only
	ReasonOverload    = "overload"         // told to come back later
	ReasonMediaType   = "unsupported_type" // content type or encoding not offered
)

// An Account counts what came in and what was refused, per protocol, signal
// and reason, and keeps one example of each refusal for the status page. It is
// safe for concurrent use; a nil Account counts nothing.
type Account struct {
	rows     *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	rejected *prometheus.CounterVec

	mu       sync.Mutex
	accepted map[source]*Accepted
	refused  map[refusalKey]*Rejection
}

type source struct{ protocol, signal string }

type refusalKey struct{ protocol, signal, reason string }

// Accepted is what one protocol has delivered of one signal.
type Accepted struct {
	Protocol string    `json:"protocol"`
	Signal   string    `json:"signal"`
	Rows     int64     `json:"rows"` // records, spans or samples
	Bytes    int64     `json:"bytes"`
	Last     time.Time `json:"last"`
}

// A Rejection is one reason for refusing rows, with the newest example.
type Rejection struct {
	Protocol string    `json:"protocol"`
	Signal   string    `json:"signal"`
	Reason   string    `json:"reason"`
	Rows     int64     `json:"rows"`
	Example  string    `json:"example"` // at most maxExample bytes
	Last     time.Time `json:"last"`
}

const maxExample = 512

// NewAccount returns an Account whose counters are registered with reg.
func NewAccount(reg prometheus.Registerer) *Account {
	a := &Account{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_ingest_rows_total",
			Help: "Log records, spans and samples accepted.",
		}, []string{"protocol", "signal"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_ingest_bytes_total",
			Help: "Bytes of accepted requests after decompression.",
		}, []string{"protocol", "signal"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "oriel_ingest_rejected_total",
			Help: "Log records, spans and samples refused, by reason; an undecodable request counts as one.",
		}, []string{"protocol", "signal", "reason"}),
		accepted: map[source]*Accepted{},
		refused:  map[refusalKey]*Rejection{},
	}
	reg.MustRegister(a.rows, a.bytes, a.rejected)
	return a
}

// Accept counts rows that were stored, out of a request of size bytes.
func (a *Account) Accept(protocol, signal string, rows, size int) {
	if a == nil {
		return
	}
	a.rows.WithLabelValues(protocol, signal).Add(float64(rows))
	a.bytes.WithLabelValues(protocol, signal).Add(float64(size))
	a.mu.Lock()
	defer a.mu.Unlock()
	k := source{protocol, signal}
	x := a.accepted[k]
	if x == nil {
		x = &Accepted{Protocol: protocol, Signal: signal}
		a.accepted[k] = x
	}
	x.Rows += int64(rows)
	x.Bytes += int64(size)
	x.Last = time.Now()
}

// Reject counts rows refused for reason. example says what was wrong with one
// of them, in words for the sender's owner.
func (a *Account) Reject(protocol, signal, reason string, rows int, example string) {
	if a == nil || rows == 0 {
		return
	}
	a.rejected.WithLabelValues(protocol, signal, reason).Add(float64(rows))
	a.mu.Lock()
	defer a.mu.Unlock()
	k := refusalKey{protocol, signal, reason}
	x := a.refused[k]
	if x == nil {
		x = &Rejection{Protocol: protocol, Signal: signal, Reason: reason}
		a.refused[k] = x
	}
	x.Rows += int64(rows)
	x.Example = example[:min(len(example), maxExample)]
	x.Last = time.Now()
}

// Accepted returns what came in, by protocol and signal.
func (a *Account) Accepted() []Accepted {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Accepted, 0, len(a.accepted))
	for _, x := range a.accepted {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(x, y Accepted) int {
		return cmp.Or(cmp.Compare(x.Protocol, y.Protocol), cmp.Compare(x.Signal, y.Signal))
	})
	return out
}

// Rejections returns what was refused, the newest first.
func (a *Account) Rejections() []Rejection {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make([]Rejection, 0, len(a.refused))
	for _, x := range a.refused {
		out = append(out, *x)
	}
	slices.SortFunc(out, func(x, y Rejection) int { return y.Last.Compare(x.Last) })
	return out
}
