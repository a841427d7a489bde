package httpx

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Gate lets n requests through at once; more wait until their client leaves, and
// take turns by tenant, or by user and token, so that nobody's many requests
// keep the others waiting. A request that upgrades its connection, such as a live tail,
// passes by: it would hold its place for hours.
func Gate(n int) func(http.Handler) http.Handler {
	places := fair.NewOuter(n)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				next.ServeHTTP(w, r)
				return
			}
			payer := auth.From(r.Context()).Payer()
			if err := places.Enter(r.Context(), payer); err != nil {
				err = fmt.Errorf("waiting for a free query slot (query.max_concurrent is %d): %w", n, errors.Join(err, fault.ErrUnavailable))
				PlainError(w, r, Status(err), err)
				return
			}
			defer places.Leave(r.Context(), payer)
			next.ServeHTTP(w, r)
		})
	}
}
