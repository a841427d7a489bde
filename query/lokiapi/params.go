package lokiapi

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/fault"
	oriel "github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/logql"
)

// requestError is a wrong parameter. Its text is Loki's, without more.
type requestError struct{ msg string }

func (e *requestError) Error() string { return e.msg }

// Unwrap gives the kind of failure.
func (e *requestError) Unwrap() error { return fault.ErrInvalid }

func badRequest(format string, args ...any) error {
	return &requestError{fmt.Sprintf(format, args...)}
}

const (
	defaultSince = time.Hour
	defaultLimit = 100
)

// parseTime reads nanoseconds (or seconds, of at most ten digits), seconds
// with a fraction, or RFC 3339 text.
func parseTime(s string) (int64, error) {
	if strings.Contains(s, ".") {
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return floatTime(s, f)
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if len(s) <= 10 {
			return n * int64(time.Second), nil
		}
		return n, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, badRequest("cannot parse %q to a valid timestamp", s)
	}
	if y := t.Year(); y < 1678 || y > 2261 {
		return 0, badRequest("timestamp %q is out of range", s)
	}
	return t.UnixNano(), nil
}

// floatTime has the precision of milliseconds that a float can carry.
func floatTime(s string, f float64) (int64, error) {
	if math.Abs(f) > math.MaxInt64/1e9 || math.IsNaN(f) {
		return 0, badRequest("timestamp %q is out of range", s)
	}
	sec, frac := math.Modf(f)
	return int64(sec)*int64(time.Second) + int64(math.Round(frac*1000))*int64(time.Millisecond), nil
}

func (a *API) timeParam(r *http.Request, name string, def int64) (int64, error) {
	s := r.Form.Get(name)
	if s == "" {
		return def, nil
	}
	t, err := parseTime(s)
	if err != nil {
		return 0, fmt.Errorf("could not parse '%s' parameter: %w", name, err)
	}
	return t, nil
}

// bounds reads start, end and since. Start is not after end.
func (a *API) bounds(r *http.Request) (oriel.Range, error) {
	var b oriel.Range
	now := a.now().UnixNano()
	since := defaultSince
	if s := r.Form.Get("since"); s != "" {
		d, err := model.ParseDuration(s)
		if err != nil {
			return b, badRequest("could not parse 'since' parameter: %v", err)
		}
		since = time.Duration(d)
	}
	var err error
	if b.End, err = a.timeParam(r, "end", now); err != nil {
		return b, err
	}
	if b.Start, err = a.timeParam(r, "start", min(b.End, now)-int64(since)); err != nil {
		return b, err
	}
	if b.End < b.Start {
		return b, badRequest("end timestamp must not be before or equal to start time")
	}
	return b, nil
}

// seconds reads a number of seconds or a duration.
func seconds(s string) (time.Duration, error) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		d := f * float64(time.Second)
		if math.IsNaN(d) || d > math.MaxInt64 || d < math.MinInt64 {
			return 0, badRequest("cannot parse %q to a valid duration. It overflows int64", s)
		}
		return time.Duration(d), nil
	}
	d, err := model.ParseDuration(s)
	if err != nil {
		return 0, badRequest("cannot parse %q to a valid duration", s)
	}
	return time.Duration(d), nil
}

// maxPoints is the limit of steps that Loki's clients know.
const maxPoints = 11_000

// step reads the distance of points within b.
func (a *API) step(r *http.Request, b oriel.Range) (time.Duration, error) {
	step := max((time.Duration(b.End-b.Start) / 250).Truncate(time.Second), time.Second)
	if s := r.Form.Get("step"); s != "" {
		var err error
		if step, err = seconds(s); err != nil {
			return 0, err
		}
	}
	if step <= 0 {
		return 0, badRequest("zero or negative query resolution step widths are not accepted. Try a positive integer")
	}
	most := int64(maxPoints)
	if a.limits.MaxPoints > 0 {
		most = int64(a.limits.MaxPoints)
	}
	if (b.End-b.Start)/int64(step) > most {
		return 0, badRequest("exceeded maximum resolution of %s points per time series. Try increasing the value of the step parameter", thousands(most))
	}
	return step, nil
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// lineParams reads the parameters of queries for lines into p.
func (a *API) lineParams(r *http.Request, p *logql.Params) error {
	var err error
	if p.Limit, err = positive(r, "limit", defaultLimit); err != nil {
		return err
	}
	if s := r.Form.Get("interval"); s != "" {
		if p.Interval, err = seconds(s); err != nil {
			return err
		}
		if p.Interval < 0 {
			return badRequest("interval must be >= 0")
		}
	}
	switch dir := r.Form.Get("direction"); strings.ToLower(dir) {
	case "", "backward":
	case "forward":
		p.Forward = true
	default:
		return badRequest("invalid direction '%s'", dir)
	}
	return nil
}

func positive(r *http.Request, name string, def int) (int, error) {
	s := r.Form.Get(name)
	if s == "" {
		return def, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, badRequest("%v", err)
	}
	if n <= 0 {
		return 0, badRequest("%s must be a positive value", name)
	}
	return n, nil
}
