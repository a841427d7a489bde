package httpx

import (
	"fmt"
	"strconv"
	"time"

	"github.com/oriel-obs/oriel/internal/fault"
)

// Time reads a parameter that is a time: RFC 3339, or ns since the Unix epoch.
// Errors wrap fault.ErrInvalid.
func Time(name, text string) (time.Time, error) {
	if ns, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(0, ns), nil
	}
	t, err := time.Parse(time.RFC3339, text) // takes fractions of seconds, too
	if err != nil {
		return t, fmt.Errorf("%s: %q is neither RFC 3339 nor ns since the Unix epoch; write it as 2006-01-02T15:04:05Z: %w", name, text, fault.ErrInvalid)
	}
	return t, nil
}

// TimeOr reads one that may be absent.
func TimeOr(otherwise time.Time, name, text string) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	return Time(name, text)
}
