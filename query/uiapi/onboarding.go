package uiapi

import (
	"net/http"

	"github.com/oriel-obs/oriel/internal/httpx"
)

// onboarding answers GET /onboarding/check: whether anything but Oriel's own
// telemetry was ever received, what came in and was refused since the start and
// who sent it, as the status has it. The page asks it while somebody sets up a
// sender.
func (h *Handler) onboarding(w http.ResponseWriter, r *http.Request) error {
	body := map[string]any{"empty": false}
	if f := h.opts.Empty; f != nil {
		empty, err := f(r.Context())
		if err != nil {
			return err
		}
		body["empty"] = empty
	}
	if f := h.opts.Sections["ingest"]; f != nil {
		body["ingest"] = f()
	}
	w.Header().Set("Cache-Control", "no-store")
	return httpx.WriteJSON(w, body)
}
