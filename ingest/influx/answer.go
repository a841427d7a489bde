package influx

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A partial error answers a request of which some rows were refused.
type partial struct {
	bad   faulty // the first line that could not be read, if any
	why   string // the first row was refused
	rows  int    // refused
	taken int    // samples
}

func (p *partial) Unwrap() error { return fault.ErrInvalid }

// Error has the words by which Telegraf and others know that sending again
// cannot help.
func (p *partial) Error() string {
	switch {
	case p.bad.text != "":
		return fmt.Sprintf("partial write: unable to parse '%s': line %d: %v dropped=%d", p.bad.text, p.bad.line, p.bad.err, p.rows)
	case p.bad.err != nil:
		return fmt.Sprintf("partial write: unable to parse: %v dropped=%d", p.bad.err, p.rows)
	}
	return fmt.Sprintf("partial write: %s dropped=%d", p.why, p.rows)
}

// errorV1 is an httpx.ErrorWriter of the first API's errors.
func errorV1(w http.ResponseWriter, _ *http.Request, status int, err error) {
	versioned(w)
	w.Header().Set("X-Influxdb-Error", headerText(err.Error()))
	answer(w, status, map[string]string{"error": err.Error()})
}

// codes are the second API's names of statuses.
var codes = map[int]string{
	http.StatusBadRequest:            "invalid",
	http.StatusNotFound:              "not found",
	http.StatusRequestEntityTooLarge: "request too large",
	http.StatusUnsupportedMediaType:  "unsupported media type",
	http.StatusTooManyRequests:       "too many requests",
	http.StatusServiceUnavailable:    "unavailable",
}

// errorV2 is an httpx.ErrorWriter of the second API's errors.
func errorV2(w http.ResponseWriter, _ *http.Request, status int, err error) {
	code, ok := codes[status]
	if !ok {
		code = "internal error"
	}
	body := map[string]any{"code": code, "message": err.Error()}
	var p *partial
	if errors.As(err, &p) && p.bad.line > 0 {
		body["line"] = p.bad.line
	}
	versioned(w)
	w.Header().Set("X-Platform-Error-Code", code)
	answer(w, status, body)
}

// errorV3 is an httpx.ErrorWriter of the third API's errors.
func errorV3(w http.ResponseWriter, _ *http.Request, status int, err error) {
	body := map[string]any{"error": err.Error()}
	var p *partial
	if errors.As(err, &p) && p.bad.err != nil {
		body["error"] = "partial write of line protocol occurred"
		body["data"] = []map[string]any{{"original_line": p.bad.text, "line_number": p.bad.line, "error_message": p.bad.err.Error()}}
	}
	versioned(w)
	answer(w, status, body)
}

// headerText is s as far as a header can hold it.
func headerText(s string) string {
	b := []byte(s[:min(len(s), 512)])
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	return string(b)
}
