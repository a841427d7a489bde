// Package httpx has what every HTTP handler of Oriel shares: handlers that
// return errors, the one mapping from kinds of failure to statuses, and the
// middleware around them. It knows no protocol.
package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// StatusClientClosed is the status nginx and Loki use for a client that left.
const StatusClientClosed = 499

// An ErrorWriter renders err with status in its protocol's own body.
type ErrorWriter func(w http.ResponseWriter, r *http.Request, status int, err error)

// Handler adapts f, which writes the response itself on success. On an error
// nothing may have been written yet; writeError renders it with Status(err).
// Overload and unavailability carry Retry-After.
func Handler(f func(w http.ResponseWriter, r *http.Request) error, writeError ErrorWriter) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err == nil {
			return
		}
		status := Status(err)
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			if w.Header().Get("Retry-After") == "" {
				w.Header().Set("Retry-After", strconv.Itoa(retryAfter(err)))
			}
		}
		writeError(w, r, status, err)
	})
}

// retryAfter is how many seconds a client should wait: as many as the error
// knows, or one.
func retryAfter(err error) int {
	var knows interface{ RetryAfter() time.Duration }
	if errors.As(err, &knows) {
		return max(1, int(math.Ceil(knows.RetryAfter().Seconds())))
	}
	return 1
}

// Status maps the kind of err to an HTTP status; what has no kind is ours to
// fix and gives 500.
func Status(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, context.Canceled):
		return StatusClientClosed
	case errors.As(err, &tooLarge), errors.Is(err, fault.ErrTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, fault.ErrInvalid), errors.Is(err, fault.ErrLimit):
		return http.StatusBadRequest
	case errors.Is(err, fault.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, fault.ErrUnsupported):
		return http.StatusUnsupportedMediaType
	case errors.Is(err, fault.ErrUnprocessable):
		return http.StatusUnprocessableEntity
	case errors.Is(err, fault.ErrUnauthenticated):
		return http.StatusUnauthorized
	case errors.Is(err, fault.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, fault.ErrConflict):
		return http.StatusConflict
	case errors.Is(err, fault.ErrOverloaded):
		return http.StatusTooManyRequests
	case errors.Is(err, fault.ErrUnavailable):
		return http.StatusServiceUnavailable
	case errors.Is(err, fault.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// PlainError is the ErrorWriter of protocols whose errors are plain text.
func PlainError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	fmt.Fprintln(w, err)
}

// JSONError is the ErrorWriter of Oriel's own API: {"error": "..."}.
func JSONError(w http.ResponseWriter, _ *http.Request, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
}

// WriteJSON answers 200 with v.
func WriteJSON(w http.ResponseWriter, v any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(v)
}
