package httpx

import (
	"io"
	"net/http"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzip"
)

// gzipLevel is where an answer of JSON becomes hardly smaller by more work.
const gzipLevel = 3

// Compress returns a middleware that compresses answers of text for clients that take them so.
func Compress() func(http.Handler) http.Handler {
	c := middleware.NewCompressor(gzipLevel, "application/json", "text/html", "text/css", "text/csv", "text/plain", "application/x-ndjson", "application/javascript", "image/svg+xml")
	c.SetEncoder("gzip", func(w io.Writer, level int) io.Writer {
		z, _ := gzip.NewWriterLevel(w, level) // which refuses nothing but a level that is none
		return z
	})
	return c.Handler
}
