package uiapi

import (
	"fmt"
	"net/http"
	"time"

	prommodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/model"
)

// defaultSince is how far back requests look that do not say.
const defaultSince = time.Hour

// rangeOf reads the parameters that say of which time an answer is to be:
//
//	end    RFC 3339, or ns since the Unix epoch; exclusive; now by default
//	start  the same
//	since  a duration before end, instead of start; 1h by default
func rangeOf(r *http.Request, now time.Time) (within model.Range, err error) {
	within.End = now.UnixNano()
	if s := r.Form.Get("end"); s != "" {
		if within.End, err = timeOf("end", s); err != nil {
			return within, err
		}
	}
	since := defaultSince
	if s := r.Form.Get("since"); s != "" {
		d, err := prommodel.ParseDuration(s)
		if err != nil {
			return within, fmt.Errorf("since: %w: %w", err, fault.ErrInvalid)
		}
		since = time.Duration(d)
	}
	within.Start = within.End - int64(since)
	if s := r.Form.Get("start"); s != "" {
		if within.Start, err = timeOf("start", s); err != nil {
			return within, err
		}
	}
	if within.Empty() {
		return within, fmt.Errorf("end: not after start: %w", fault.ErrInvalid)
	}
	return within, nil
}

// timeOf reads a parameter that is a time, in ns.
func timeOf(name, text string) (int64, error) {
	t, err := httpx.Time(name, text)
	if err != nil {
		return 0, err
	}
	return t.UnixNano(), nil
}
