package httpx

import "net/http"

// SafeHeaders gives every answer the headers that keep browsers from making
// more of it than it is: what is not the page, which has a policy of its own,
// runs nothing, is in no frame, and is of the type that it says.
func SafeHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = nosniff
		h["Referrer-Policy"] = sameOrigin
		h["Content-Security-Policy"] = nothing
		next.ServeHTTP(w, r)
	})
}

// Shared by all answers; nobody changes them in place.
var (
	nosniff    = []string{"nosniff"}
	sameOrigin = []string{"same-origin"}
	nothing    = []string{"default-src 'none'; frame-ancestors 'none'"}
)
