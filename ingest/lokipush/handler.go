package lokipush

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Names under which requests are accounted.
const (
	protocol = "loki"
	signal   = "logs"
)

// Config is the `ingest.loki` section of oriel.yaml. What it turns off is only
// what Oriel would add to a line; labels and metadata sent are always kept.
type Config struct {
	DiscoverServiceName bool `yaml:"discover_service_name"` // add the label service_name to streams without one
	DiscoverLevel       bool `yaml:"discover_level"`        // add the metadata detected_level to lines without it
}

// DefaultConfig discovers both, since Grafana's log drill-down depends on them.
func DefaultConfig() Config {
	return Config{DiscoverServiceName: true, DiscoverLevel: true}
}

// Options are what a Handler needs. Events is required.
type Options struct {
	Events  ingest.EventWriter
	Limits  ingest.Limits
	Account *ingest.Account // nil counts nothing
	Config  Config
}

// Handler serves the push endpoints. It is safe for concurrent use.
type Handler struct {
	events  ingest.EventWriter
	limits  ingest.Limits
	account *ingest.Account
	config  Config
	protos  streamCache // by label text
	objects streamCache // by the JSON text of the label object
}

// New returns a Handler that appends to o.Events.
func New(o Options) *Handler {
	return &Handler{events: o.Events, limits: o.Limits, account: o.Account, config: o.Config}
}

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	r.Method(http.MethodPost, "/loki/api/v1/push", httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return h.push(w, r, (*push).decodeJSON)
	}, httpx.PlainError))
	r.Method(http.MethodPost, "/api/prom/push", httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return h.push(w, r, (*push).decodeLegacyJSON)
	}, httpx.PlainError))
}

// errNoStreams is Loki's answer to a request without any stream.
var errNoStreams = &requestError{
	reason: ingest.ReasonMalformed, kind: fault.ErrUnprocessable,
	text: "error at least one valid stream is required for ingestion",
}

// push serves one request; decodeJSON reads bodies of type application/json.
func (h *Handler) push(w http.ResponseWriter, r *http.Request, decodeJSON func(*push, []byte) error) error {
	body, isJSON, err := h.readBody(r)
	if err != nil {
		h.account.Reject(r.Context(), protocol, signal, reasonOf(err), 1, err.Error())
		return err
	}
	p := h.newPush(r.Context(), len(body), time.Now())
	if isJSON {
		err = decodeJSON(p, body)
	} else {
		err = p.decodeProtobuf(body)
	}
	if err == nil && p.streams == 0 {
		err = errNoStreams
	}
	if err != nil {
		h.account.Reject(r.Context(), protocol, signal, reasonOf(err), 1, err.Error())
		return err
	}
	if rows := p.rows.Len(); rows > 0 {
		ctx := h.account.Arrive(r.Context(), protocol)
		if err := h.events.Append(ctx, p.rows.Batch()); err != nil {
			h.account.Reject(ctx, protocol, signal, reasonOf(err), rows, err.Error())
			return fmt.Errorf("store push: %w", err)
		}
		h.account.Accept(ctx, protocol, signal, rows, len(body))
	}
	if err := p.refused.report(r.Context(), h.account); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readBody returns the body as JSON text or protobuf message.
func (h *Handler) readBody(r *http.Request) (body []byte, isJSON bool, err error) {
	mediaType := ""
	if ct := r.Header.Get("Content-Type"); ct != "" {
		if mediaType, _, err = mime.ParseMediaType(ct); err != nil {
			return nil, false, &requestError{
				reason: ingest.ReasonMediaType, kind: fault.ErrInvalid, text: fmt.Sprintf("Content-Type %q: %v", ct, err),
			}
		}
	}
	encoding := r.Header.Get("Content-Encoding")
	switch strings.ToLower(encoding) {
	case "", "identity", "snappy", "gzip", "deflate":
	default:
		return nil, false, &requestError{
			reason: ingest.ReasonMediaType, kind: fault.ErrInvalid, text: fmt.Sprintf("Content-Encoding %q not supported", encoding),
		}
	}
	body, err = httpx.ReadBody(r, h.limits.MaxBodyBytes)
	if err != nil || mediaType == "application/json" {
		return body, true, err
	}
	// Protobuf is always snappy, whether or not the header says so, and under
	// gzip too. ReadBody has undone what the header names.
	if !strings.EqualFold(encoding, "snappy") {
		body, err = httpx.Unsnap(body, h.limits.MaxBodyBytes)
	}
	return body, false, err
}

// reasonOf returns the reason to count err under.
func reasonOf(err error) string {
	var re *requestError
	switch {
	case errors.As(err, &re):
		return re.reason
	case errors.Is(err, fault.ErrTooLarge), httpx.Status(err) == http.StatusRequestEntityTooLarge:
		return ingest.ReasonTooLarge
	case errors.Is(err, fault.ErrInvalid):
		return ingest.ReasonMalformed
	case errors.Is(err, fault.ErrOverloaded):
		return ingest.ReasonOverload
	}
	return ingest.ReasonStorage
}
