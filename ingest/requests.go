package ingest

import (
	"context"
	"errors"
	"net/http"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// Requests are those by which one protocol brings rows of one signal: what they
// may hold, and under which names they are counted.
type Requests struct {
	Protocol string
	Signal   string // logs, metrics or spans
	Limits   Limits
	Account  *Account // nil counts nothing
}

// ReadBody returns the decompressed body of r, within the limits. A failure is
// counted.
func (q *Requests) ReadBody(r *http.Request) ([]byte, error) {
	body, err := httpx.ReadBody(r, q.Limits.MaxBodyBytes)
	if err != nil {
		return nil, q.Refuse(r.Context(), err)
	}
	return body, nil
}

// Refuse counts a request of which nothing could be read, and returns err.
func (q *Requests) Refuse(ctx context.Context, err error) error {
	q.Reject(ctx, ReasonOf(err), 1, err.Error())
	return err
}

// Reject counts rows that were not taken.
func (q *Requests) Reject(ctx context.Context, reason string, rows int, example string) {
	q.Account.Reject(ctx, q.Protocol, q.Signal, reason, rows, example)
}

// Accept counts rows that were stored, out of a request of size bytes.
func (q *Requests) Accept(ctx context.Context, rows, size int) {
	q.Account.Accept(ctx, q.Protocol, q.Signal, rows, size)
}

// Arrive returns the context in which the rows of a request go to the stores.
func (q *Requests) Arrive(ctx context.Context) context.Context {
	return q.Account.Arrive(ctx, q.Protocol)
}

// ReasonOf returns the reason under which the failure of a request counts, or
// of what it brought.
func ReasonOf(err error) string {
	switch {
	case httpx.Status(err) == http.StatusRequestEntityTooLarge:
		return ReasonTooLarge
	case errors.Is(err, fault.ErrUnsupported):
		return ReasonMediaType
	case errors.Is(err, fault.ErrInvalid):
		return ReasonMalformed
	case errors.Is(err, fault.ErrOverloaded):
		return ReasonOverload
	}
	return ReasonStorage
}
