package promapi

import (
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/util/httputil"

	"github.com/oriel-obs/oriel/query/promql"
	"github.com/oriel-obs/oriel/storage"
)

// byResolution has a request with max_source_resolution, a parameter of
// Thanos, answered from samples downsampled to that much at most: 0s asks for
// the samples as they came, auto or nothing leaves it to the store. Such an
// answer is not taken from those that are kept.
func (h *Handler) byResolution(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := r.FormValue("max_source_resolution")
		if text == "" || text == "auto" {
			next.ServeHTTP(w, r)
			return
		}
		d, err := model.ParseDuration(text)
		if err != nil {
			httputil.SetCORS(w, h.origin, r)
			respondError(w, fmt.Errorf("invalid parameter %q: %w", "max_source_resolution", err))
			return
		}
		ctx := promql.WithoutCache(storage.WithMaxResolution(r.Context(), time.Duration(d)))
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}
