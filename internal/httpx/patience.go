package httpx

import (
	"io"
	"net/http"
	"time"
)

// Patience ends requests whose body stops coming: each read of it has so much
// time. Those for whom endless is true, which are quiet for hours, wait.
func Patience(d time.Duration, endless func(*http.Request) bool) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 || endless(r) {
				next.ServeHTTP(w, r)
				return
			}
			b := &patientBody{ReadCloser: r.Body, conn: http.NewResponseController(w), patience: d}
			r.Body = b
			defer b.end()
			next.ServeHTTP(w, r)
		})
	}
}

type patientBody struct {
	io.ReadCloser
	conn     *http.ResponseController
	patience time.Duration
	ended    bool
}

func (b *patientBody) Read(p []byte) (int, error) {
	if !b.ended {
		_ = b.conn.SetReadDeadline(time.Now().Add(b.patience)) // a writer that has none, as in tests, waits
	}
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.end()
	}
	return n, err
}

// end takes the deadline away: the connection goes on, and a client that waits
// for its answer says nothing.
func (b *patientBody) end() {
	if !b.ended {
		b.ended = true
		_ = b.conn.SetReadDeadline(time.Time{})
	}
}
