package httpx

import (
	"errors"
	"fmt"
	"net/http"

	"golang.org/x/sync/semaphore"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Gate lets n requests through at once; more wait their turn until their
// client leaves. A request that upgrades its connection, such as a live tail,
// passes by: it would hold its place for hours.
func Gate(n int) func(http.Handler) http.Handler {
	places := semaphore.NewWeighted(int64(n))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Upgrade") != "" {
				next.ServeHTTP(w, r)
				return
			}
			if err := places.Acquire(r.Context(), 1); err != nil {
				err = fmt.Errorf("waiting for a free query slot (query.max_concurrent is %d): %w", n, errors.Join(err, fault.ErrUnavailable))
				PlainError(w, r, Status(err), err)
				return
			}
			defer places.Release(1)
			next.ServeHTTP(w, r)
		})
	}
}
