package promwrite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/admission"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// protocol names remote write in the account.
const protocol = "remote-write"

// Refs remembers the series of label bytes. metric.Refs implements it.
type Refs interface {
	// GetAfter returns the series last put under hash, if equal says that its
	// labels are the ones that were hashed. prev is what at was for the last
	// series that was found, or 0: the cache may know which follows it.
	GetAfter(prev uint32, hash uint64, equal func(labels.Labels) bool) (ref promstorage.SeriesRef, ls labels.Labels, at uint32, ok bool)

	// Put remembers a series that the open transaction has appended to.
	Put(hash uint64, ref promstorage.SeriesRef, ls labels.Labels)

	// Count adds the look-ups of a request to the statistics.
	Count(hits, misses int)
}

// Families keeps what is known of metric families. metric.Families implements
// it.
type Families interface {
	// Set remembers m, and may not keep the memory of its arguments.
	Set(family string, m metadata.Metadata) string
}

// Options say where samples go and what is let in.
type Options struct {
	// Store takes the samples. Exemplars need its appenders to implement
	// promstorage.ExemplarAppender; promstorage.GetRef saves memory. The
	// strings of a sample's metadata are the request's: an appender may not
	// keep them beyond its transaction.
	Store    promstorage.AppendableV2
	Refs     Refs
	Families Families

	Limits  ingest.Limits
	Account *ingest.Account // nil counts nothing

	// Gate has the rules that series pass; nil for none. Its Refs must be
	// cleared when they change. Samples go to Store, not to the Gate, as what
	// became of a series is kept by the bytes of the request.
	Gate *admission.Gate

	// Messages are the versions spoken; nil means both.
	Messages []Message

	// MaxConcurrent requests are decoded and appended at once, others wait
	// with their body read; 0 means two for each processor.
	MaxConcurrent int
}

// A Message is a version of the protocol, by the name of its protobuf message.
type Message string

// The two versions.
const (
	V1 Message = "prometheus.WriteRequest"
	V2 Message = "io.prometheus.write.v2.Request"
)

// Handler serves remote write. It is safe for concurrent use.
type Handler struct {
	o        Options
	requests *sync.Pool // of *request
	running  chan struct{}
}

// New returns a Handler.
func New(o Options) *Handler {
	if o.Messages == nil {
		o.Messages = []Message{V1, V2}
	}
	if o.MaxConcurrent == 0 {
		o.MaxConcurrent = 2 * runtime.GOMAXPROCS(0)
	}
	return &Handler{o: o, requests: newRequestPool(), running: make(chan struct{}, o.MaxConcurrent)}
}

// Mount adds the routes to r: Prometheus' own, and Cortex' and Mimir's, each
// also below /prometheus.
func (h *Handler) Mount(r chi.Router) {
	for _, prefix := range []string{"", "/prometheus"} {
		r.Handle(prefix+"/api/v1/write", h)
		r.Handle(prefix+"/api/v1/push", h)
	}
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
		return
	}
	httpx.Handler(h.write, httpx.PlainError).ServeHTTP(w, r)
}

func (h *Handler) write(w http.ResponseWriter, r *http.Request) error {
	message, err := h.negotiate(r.Header)
	if err != nil {
		h.o.Account.Reject(r.Context(), protocol, signalSamples, ingest.ReasonMediaType, 1, err.Error())
		return err
	}
	q := h.requests.Get().(*request)
	defer func() {
		q.reset()
		if !q.big() {
			h.requests.Put(q)
		}
	}()
	if err := readBody(q, r, h.o.Limits.MaxBodyBytes); err != nil {
		reason := ingest.ReasonMalformed
		if errors.Is(err, fault.ErrTooLarge) {
			reason = ingest.ReasonTooLarge
		}
		h.o.Account.Reject(r.Context(), protocol, signalSamples, reason, 1, err.Error())
		return err
	}
	if err := fair.Begin(r.Context()); err != nil {
		return fmt.Errorf("wait for a turn: %w", err)
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-r.Context().Done():
		return fmt.Errorf("wait for other requests: %w", r.Context().Err())
	}

	if err := decode(q, message, h.o.Limits.MaxBodyBytes); err != nil {
		h.o.Account.Reject(r.Context(), protocol, signalSamples, ingest.ReasonMalformed, 1, err.Error())
		return err
	}
	fair.Pause(r.Context())
	ctx := h.o.Account.Arrive(r.Context(), protocol)
	wr := h.writer(ctx, message)
	err = wr.write(ctx, q)
	if message == V2 {
		// The sender takes their absence for a receiver that read nothing.
		hd := w.Header()
		hd.Set("X-Prometheus-Remote-Write-Samples-Written", strconv.Itoa(wr.stored.samples))
		hd.Set("X-Prometheus-Remote-Write-Histograms-Written", strconv.Itoa(wr.stored.histograms))
		hd.Set("X-Prometheus-Remote-Write-Exemplars-Written", strconv.Itoa(wr.stored.exemplars))
	}
	if err != nil {
		h.o.Account.Reject(ctx, protocol, signalSamples, failureOf(err), max(q.rows(), 1), err.Error())
		return err
	}
	wr.refused.report(ctx, h.o.Account)
	h.o.Account.Accept(ctx, protocol, signalSamples, wr.stored.samples+wr.stored.histograms-wr.stored.dropped, len(q.body))
	if message == V2 && len(wr.refused.lines) > 0 {
		return partial(wr.refused.text())
	}
	if wr.limited > 0 {
		return partial(fmt.Sprintf("%s\n%d samples of new series were refused, the others are stored", wr.refused.example(ingest.ReasonSeriesLimit), wr.limited))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// partial is what a sender is told of samples that were not taken, while the
// others were.
type partial string

func (p partial) Error() string { return string(p) }

func (p partial) Is(target error) bool { return target == fault.ErrInvalid }

func (h *Handler) writer(ctx context.Context, m Message) *writer {
	app := h.o.Store.AppenderV2(ctx)
	w := &writer{app: app, families: h.o.Families, lenient: m == V1}
	w.refs, w.limits = h.o.Refs, h.o.Limits
	if h.o.Gate != nil {
		w.rules = h.o.Gate.Rules(ctx)
	}
	w.get, _ = app.(promstorage.GetRef)
	w.exemplars, _ = app.(promstorage.ExemplarAppender)
	w.maxTime = int64(math.MaxInt64)
	if h.o.Limits.MaxFuture > 0 {
		w.maxTime = time.Now().Add(h.o.Limits.MaxFuture).UnixMilli()
	}
	return w
}

// failureOf is the reason to count a failed request under.
func failureOf(err error) string {
	var r refusal
	switch {
	case errors.As(err, &r):
		return r.reason
	case errors.Is(err, fault.ErrOverloaded):
		return ingest.ReasonOverload
	}
	return ingest.ReasonStorage
}

// negotiate returns the version of the request, which its content type tells
// rather than the version header.
func (h *Handler) negotiate(hd http.Header) (Message, error) {
	if enc := hd.Get("Content-Encoding"); enc != "" && enc != "snappy" {
		return "", unsupported("%s encoding (compression) is not accepted by this server; only snappy is acceptable", enc)
	}
	const media = "application/x-protobuf"
	ct := hd.Get("Content-Type")
	if ct == "" {
		ct = media
	}
	got, params, err := mime.ParseMediaType(ct)
	if err != nil {
		return "", unsupported("content type %q: %v", ct, err)
	}
	if got != media {
		return "", unsupported("expected %s as the first (media) part, got %s content-type", media, ct)
	}
	m := V1
	if p, ok := params["proto"]; ok {
		m = Message(p)
	}
	if m != V1 && m != V2 {
		return "", unsupported("unknown type for remote write protobuf message %s, supported: %s, %s", m, V1, V2)
	}
	if !slices.Contains(h.o.Messages, m) {
		accepted := make([]string, len(h.o.Messages))
		for i, m := range h.o.Messages {
			accepted[i] = string(m)
		}
		return "", unsupported("%s protobuf message is not accepted by this server; only accepts %s", m, strings.Join(accepted, ", "))
	}
	return m, nil
}

// An answer is an error whose text goes to the sender as it is.
type answer struct {
	text string
	kind error // of package fault
}

func (a answer) Error() string { return a.text }
func (a answer) Unwrap() error { return a.kind }

func unsupported(format string, args ...any) error {
	return answer{fmt.Sprintf(format, args...), fault.ErrUnsupported}
}

func invalid(format string, args ...any) error {
	return answer{fmt.Sprintf(format, args...), fault.ErrInvalid}
}

// readBody reads the compressed body into q. The buffer grows with what has
// come, not with what is announced.
func readBody(q *request, r *http.Request, maxBytes int64) error {
	tooLarge := answer{fmt.Sprintf("request body exceeds the limit of %d bytes (max_body_bytes)", maxBytes), fault.ErrTooLarge}
	if r.ContentLength > maxBytes {
		return tooLarge
	}
	b := slices.Grow(q.compressed[:0], int(min(max(r.ContentLength+1, 512), 1<<20)))
	for {
		n, err := r.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		q.compressed = b
		if int64(len(b)) > maxBytes {
			return tooLarge
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			err = fmt.Errorf("read request body: %w", err)
			if httpx.Status(err) == http.StatusInternalServerError { // the connection broke
				err = invalid("%v", err)
			}
			return err
		}
		if len(b) == cap(b) {
			b = slices.Grow(b, len(b))
		}
	}
}

// snappyRatio is the most that a byte of the block format expands to: a copy
// of 64 bytes takes 3.
const snappyRatio = 22

// decode decompresses and decodes q. What the body announces is believed only
// as far as its own length makes it possible.
func decode(q *request, m Message, maxBytes int64) error {
	n, err := snappy.DecodedLen(q.compressed)
	if err != nil {
		return invalid("decompress snappy body: %v", err)
	}
	if int64(n) > maxBytes {
		return invalid("decompressed body would exceed the limit of %d bytes (max_body_bytes): it announces %d", maxBytes, n)
	}
	if n > snappyRatio*len(q.compressed) {
		return invalid("decompress snappy body: it announces %d bytes, more than its %d can hold", n, len(q.compressed))
	}
	q.body = slices.Grow(q.body[:0], n)[:n]
	if q.body, err = snappy.Decode(q.body[:cap(q.body)], q.compressed); err != nil {
		q.body = nil
		return invalid("decompress snappy body: %v", err)
	}
	if m == V2 {
		err = q.decodeV2(q.body)
	} else {
		err = q.decodeV1(q.body)
	}
	if err != nil {
		return invalid("decode %s: %v", m, err)
	}
	return nil
}
