package otlp

import (
	"fmt"
	"math"
	"mime"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/httpx"
)

const (
	mediaProtobuf = "application/x-protobuf"
	mediaJSON     = "application/json"
)

// Mount adds the routes of OTLP over HTTP: /v1/{logs,metrics,traces}, the same
// below /otlp, and Prometheus' /api/v1/otlp/v1/metrics.
func (rc *Receiver) Mount(r chi.Router) {
	for _, sig := range rc.signals {
		h := rc.handler(sig)
		r.Handle("/v1/"+sig.name, h)
		r.Handle("/otlp/v1/"+sig.name, h)
		if sig.name == "metrics" {
			r.Handle("/api/v1/otlp/v1/metrics", h)
		}
	}
}

func (rc *Receiver) handler(sig *signal) http.Handler {
	export := httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
		return rc.exportHTTP(w, r, sig)
	}, writeError)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// These two answers are not OTLP's, whose body has a type that is not
		// known yet: the text is the collector's.
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			plain(w, http.StatusMethodNotAllowed, "405 method not allowed, supported: [POST]")
			return
		}
		if mediaOf(r) == "" {
			rc.account.Reject(r.Context(), protocolHTTP, sig.account, ingest.ReasonMediaType, 1,
				fmt.Sprintf("Content-Type is %q", r.Header.Get("Content-Type")))
			plain(w, http.StatusUnsupportedMediaType, "415 unsupported media type, supported: [application/json, application/x-protobuf]")
			return
		}
		export.ServeHTTP(w, r)
	})
}

func (rc *Receiver) exportHTTP(w http.ResponseWriter, r *http.Request, sig *signal) error {
	body, err := httpx.ReadBody(r, rc.limits.MaxBodyBytes)
	if err != nil {
		reason := ingest.ReasonMalformed
		if httpx.Status(err) == http.StatusRequestEntityTooLarge {
			reason = ingest.ReasonTooLarge
		}
		rc.account.Reject(r.Context(), protocolHTTP, sig.account, reason, 1, err.Error())
		return err
	}
	json := mediaOf(r) == mediaJSON
	run, err := sig.decode(body, json)
	out, err := rc.receive(r.Context(), protocolHTTP, sig, len(body), run, err)
	if err != nil {
		return err
	}
	reply, err := encodeReply(sig, out, json)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaOf(r))
	_, _ = w.Write(reply) // the rows are stored, whether or not the sender hears of it
	return nil
}

// encodeReply returns the response for out. pdata writes an empty partial
// success where the specification wants none.
func encodeReply(sig *signal, out *outcome, json bool) ([]byte, error) {
	message := out.message()
	if message == "" && json {
		return []byte("{}"), nil
	}
	if message == "" {
		return nil, nil
	}
	b, err := sig.reply(int64(out.rejected()), message, json)
	if err != nil {
		return nil, fmt.Errorf("encode response: %w", err)
	}
	return b, nil
}

// mediaOf returns the media type of r's body, which is that of the response
// too, or "" if it is not OTLP's.
func mediaOf(r *http.Request) string {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || t != mediaProtobuf && t != mediaJSON {
		return ""
	}
	return t
}

// writeError answers with a google.rpc.Status in the request's own type. A
// cancelled request is told to retry, as the collector does: the sender may be
// a proxy that lives on.
func writeError(w http.ResponseWriter, r *http.Request, httpStatus int, err error) {
	s := statusOf(err)
	if httpStatus == httpx.StatusClientClosed {
		httpStatus = http.StatusServiceUnavailable
	}
	h := w.Header()
	if httpStatus == http.StatusTooManyRequests || httpStatus == http.StatusServiceUnavailable {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(delayOf(err).Seconds()))))
	}
	media := mediaOf(r)
	h.Set("Content-Type", media)
	h.Set("X-Content-Type-Options", "nosniff")
	var body []byte
	if media == mediaJSON {
		body, _ = protojson.Marshal(s.Proto())
	} else {
		body, _ = proto.Marshal(s.Proto())
	}
	w.WriteHeader(httpStatus)
	_, _ = w.Write(body)
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}
