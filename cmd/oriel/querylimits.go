package main

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/quota"
	"github.com/oriel-obs/oriel/query"
)

// withinCost holds queries to what limits.rates lets the tenant's and the
// token's cost, and refuses those beyond their number. A live tail is no query:
// it is counted where it is served.
func (a *app) withinCost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		method, pattern := httpx.Route(r)
		need, ok := a.needs.Of(method, pattern, r.URL.Path)
		if !ok || !need.Asks() || r.Header.Get("Upgrade") != "" {
			next.ServeHTTP(w, r)
			return
		}
		asked, err := a.quota.Ask(r.Context())
		if err != nil {
			refuse(w, r, err)
			return
		}
		if asked == nil {
			next.ServeHTTP(w, r)
			return
		}
		defer asked.Done()
		r = r.WithContext(query.WithNarrowing(r.Context(), &query.Narrowing{
			Limits: query.Limits{Timeout: asked.Timeout, MaxRows: asked.Rows, MaxBytes: asked.Bytes, MaxMemory: asked.Memory, MaxSamples: asked.Samples},
			Used: func(u query.Usage) {
				asked.Uses(quota.QueryRows, u.Rows)
				asked.Uses(quota.QueryBytes, u.Bytes)
				asked.Uses(quota.QueryMemory, u.Memory)
				asked.Uses(quota.QuerySamples, u.Samples)
			},
		}))
		next.ServeHTTP(&timedWriter{w, asked, time.Now()}, r)
	})
}

// A timedWriter tells how long it took when the answer begins.
type timedWriter struct {
	http.ResponseWriter
	query *quota.Query
	began time.Time
}

// Unwrap is for http.ResponseController.
func (w *timedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *timedWriter) WriteHeader(status int) {
	w.tell()
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *timedWriter) Write(b []byte) (int, error) {
	w.tell()
	return w.ResponseWriter.Write(b)
}

// Flush implements http.Flusher.
func (w *timedWriter) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // what cannot is not flushed
}

func (w *timedWriter) tell() {
	if !w.began.IsZero() {
		w.query.Uses(quota.QueryTime, int64(time.Since(w.began)))
		w.began = time.Time{}
	}
}

// refuse answers with an error that passes, in the way of the protocol.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	if !isGRPC(r) {
		httpx.Handler(func(http.ResponseWriter, *http.Request) error { return err }, httpx.JSONError).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/grpc")
	setGRPCStatus(w.Header(), err)
	w.WriteHeader(http.StatusOK)
}

func isGRPC(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// setGRPCStatus has h, headers or trailers, tell of an error that passes.
func setGRPCStatus(h http.Header, err error) {
	h.Set("Grpc-Status", strconv.Itoa(int(codes.ResourceExhausted)))
	h.Set("Grpc-Message", url.PathEscape(err.Error()))
}
