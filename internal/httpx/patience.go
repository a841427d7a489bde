package httpx

import (
	"io"
	"net/http"
	"time"
)

// slowest is the rate of a body that is waited for in the long run, in bytes a
// second: a sender that gives a byte from time to time would else hold a
// connection and memory for as long as it likes.
const slowest = 1 << 10

// Patience ends requests whose body stops coming: each read of it has so much
// time, and all together so much more than it takes at a kilobyte a second.
// Those for whom endless is true, which are quiet for hours, wait.
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
	got      int64
	waited   time.Duration
	ended    bool
}

func (b *patientBody) Read(p []byte) (int, error) {
	began := time.Now()
	if !b.ended {
		left := b.patience + time.Duration(b.got)*time.Second/slowest - b.waited
		_ = b.conn.SetReadDeadline(began.Add(min(b.patience, left))) // a writer that has none, as in tests, waits
	}
	n, err := b.ReadCloser.Read(p)
	b.got += int64(n)
	b.waited += time.Since(began)
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
