package dashapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// writeJSON answers v: raw JSON within it may be large, but never keeps its
// spaces that way; see writeAround.
func writeJSON(w http.ResponseWriter, v any) error { return httpx.WriteJSON(w, v) }

// writeAround answers the object members with one more, whose value is raw,
// byte for byte.
func writeAround(w http.ResponseWriter, members map[string]any, name string, raw []byte) error {
	head, err := json.Marshal(members)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	head = head[:len(head)-1]
	if len(members) > 0 {
		head = append(head, ',')
	}
	_, err = w.Write(append(append(fmt.Appendf(head, "%q:", name), raw...), '}', '\n'))
	return err
}

// readJSON decodes a request's body; what is wrong with it wraps
// fault.ErrInvalid or fault.ErrTooLarge.
func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fmt.Errorf("the body has more than %d bytes: %w", int64(maxBody), fault.ErrTooLarge)
		}
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("the body is not the JSON expected here: %w: %w", err, fault.ErrInvalid)
	}
	return nil
}

func intParam(r *http.Request, name string) (int64, error) {
	text := chi.URLParam(r, name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s %.40q is no number: %w", name, text, fault.ErrInvalid)
	}
	return n, nil
}
