package tempoapi

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
	omodel "github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/traceql"
)

// A paramError is the client's fault, in Tempo's words.
type paramError struct{ msg string }

func (e *paramError) Error() string { return e.msg }
func (e *paramError) Unwrap() error { return fault.ErrInvalid }

func invalidf(format string, args ...any) error { return &paramError{fmt.Sprintf(format, args...)} }

// defaultLookback is the range of requests that name none.
const defaultLookback = time.Hour

// seconds reads the parameters start and end, Unix seconds. Without both the
// range is the last hour; set tells whether they were given.
func (h *Handler) seconds(v url.Values) (start, end int64, set bool, err error) {
	read := func(key string) (int64, error) {
		s := v.Get(key)
		if s == "" {
			return 0, nil
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > math.MaxUint32 {
			return 0, invalidf("invalid %s: %q is not a Unix time in seconds", key, s)
		}
		return n, nil
	}
	if start, err = read("start"); err != nil {
		return 0, 0, false, err
	}
	if end, err = read("end"); err != nil {
		return 0, 0, false, err
	}
	switch {
	case start != 0 && end != 0 && start >= end:
		return 0, 0, false, invalidf("http parameter start must be before end. received start=%d end=%d", start, end)
	case start == 0 && end == 0:
		now := h.now().Unix()
		return now - int64(defaultLookback/time.Second), now + 1, false, nil
	case end == 0:
		end = h.now().Unix() + 1
	case start == 0:
		start = end - int64(defaultLookback/time.Second)
	}
	return start, end, true, nil
}

// closedRange is the range of the seconds [start, end].
func closedRange(start, end int64) omodel.Range {
	return omodel.Range{Start: start * int64(time.Second), End: end*int64(time.Second) + 1}
}

// positiveInt reads an integer parameter that must be positive.
func positiveInt(v url.Values, key string, def int) (int, error) {
	s := v.Get(key)
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, invalidf("invalid %s: %q is not an integer", key, s)
	}
	if n < 1 {
		return 0, invalidf("invalid %s: must be a positive number", key)
	}
	return n, nil
}

// instant reads a time: Unix seconds, whole or not, Unix nanoseconds, or
// RFC 3339.
func instant(s string) (int64, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if len(s) <= 10 {
			return n * int64(time.Second), nil
		}
		return n, nil
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < math.MaxInt64/1e9 {
		whole, part := math.Modf(f)
		return int64(whole)*int64(time.Second) + int64(math.Round(part*1e9)), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, invalidf("%q is not a time", s)
	}
	return t.UnixNano(), nil
}

// duration reads a duration of Go or Prometheus, or plain seconds.
func duration(s string) (time.Duration, error) {
	if d, err := time.ParseDuration(s); err == nil {
		return d, nil
	}
	if d, err := model.ParseDuration(s); err == nil {
		return time.Duration(d), nil
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(f) < math.MaxInt64/1e9 {
		return time.Duration(f * 1e9), nil
	}
	return 0, invalidf("%q is not a duration", s)
}

// parseQuery parses TraceQL and names the language in errors.
func parseQuery(q string) (*traceql.Query, error) {
	parsed, err := traceql.Parse(q)
	if err != nil {
		return nil, fmt.Errorf("invalid TraceQL query: %w", err)
	}
	return parsed, nil
}

func wantsProtobuf(accept string) bool { return strings.Contains(accept, "application/protobuf") }
