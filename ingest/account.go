package ingest

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
// and reason, and keeps one example of each refusal for the page. What it
// watches (Events, Samples) it counts by tenant, and by service or job, too.
// It is safe for concurrent use; a nil Account counts nothing.
type Account struct {
	rows     *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	rejected *prometheus.CounterVec

	since   time.Time
	sources sources
	series  recentSeries

	longestLine, largestRequest most // in bytes

	mu       sync.Mutex
	accepted map[endpoint]*Accepted
	refused  map[refusalKey]Refusal
}

type endpoint struct{ protocol, signal string }

type refusalKey struct {
	endpoint
	tenant, reason string
}

// maxRefusals bounds what is told apart of refusals; those of any more tenants
// are counted as the default one's.
const maxRefusals = 10_000

// most is the largest of some numbers.
type most struct{ atomic.Int64 }

func (m *most) raise(n int64) {
	for have := m.Load(); n > have && !m.CompareAndSwap(have, n); have = m.Load() {
	}
}

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
	Protocol string `json:"protocol"`
	Signal   string `json:"signal"`
	Refusal
}

const maxExample = 512

// cut returns an example no longer than it may be.
func cut(example string) string { return example[:min(len(example), maxExample)] }

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
		since:    time.Now(),
		accepted: map[endpoint]*Accepted{},
		refused:  map[refusalKey]Refusal{},
	}
	reg.MustRegister(a.rows, a.bytes, a.rejected)
	return a
}

// Accept counts rows that were stored, out of a request of size bytes that came
// in ctx: see Arrive.
func (a *Account) Accept(ctx context.Context, protocol, signal string, rows, size int) {
	if a == nil {
		return
	}
	a.rows.WithLabelValues(protocol, signal).Add(float64(rows))
	a.bytes.WithLabelValues(protocol, signal).Add(float64(size))
	now := time.Now()
	arrivalOf(ctx).weigh(int64(size), now)
	a.largestRequest.raise(int64(size))
	a.mu.Lock()
	defer a.mu.Unlock()
	k := endpoint{protocol, signal}
	x := a.accepted[k]
	if x == nil {
		x = &Accepted{Protocol: protocol, Signal: signal}
		a.accepted[k] = x
	}
	x.Rows += int64(rows)
	x.Bytes += int64(size)
	x.Last = now
}

// Reject counts rows of who sends in ctx that were refused for reason. example
// says what was wrong with one of them, in words for the sender's owner.
func (a *Account) Reject(ctx context.Context, protocol, signal, reason string, rows int, example string) {
	if a == nil || rows == 0 {
		return
	}
	a.rejected.WithLabelValues(protocol, signal, reason).Add(float64(rows))
	a.mu.Lock()
	defer a.mu.Unlock()
	k := refusalKey{endpoint{protocol, signal}, strings.Clone(tenantOf(ctx)), reason}
	sum, known := a.refused[k]
	if !known && len(a.refused) >= maxRefusals {
		k.tenant = ""
		sum = a.refused[k]
	}
	sum.add(Refusal{reason, int64(rows), cut(example), time.Now()})
	a.refused[k] = sum
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
	sums := map[endpoint]map[string]Refusal{}
	a.eachRefusal(func(k refusalKey, r Refusal) {
		of := sums[k.endpoint]
		if of == nil {
			of = map[string]Refusal{}
			sums[k.endpoint] = of
		}
		sum := of[r.Reason]
		sum.add(r)
		of[r.Reason] = sum
	})
	out := []Rejection{}
	for k, of := range sums {
		for _, r := range of {
			out = append(out, Rejection{k.protocol, k.signal, r})
		}
	}
	slices.SortFunc(out, func(x, y Rejection) int { return y.Last.Compare(x.Last) })
	return out
}

func (a *Account) eachRefusal(f func(refusalKey, Refusal)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for k, r := range a.refused {
		f(k, r)
	}
}
