package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/rs/cors"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// bodyPatience is how long a request's body may stop coming.
const bodyPatience = time.Minute

// endlessBody is true of journals, which come as they are written.
func endlessBody(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/upload") }

// noOrigin is of promapi, which has rules of its own, that none is allowed: the
// rules are those of the whole port.
var noOrigin = regexp.MustCompile(`^[^\s\S]$`)

// checkOrigins returns what is wrong with web.cors_origins.
func (c webConfig) checkOrigins() error {
	for i, o := range c.CORSOrigins {
		u, err := url.Parse(o)
		if o != "*" && (err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" || u.RawQuery != "") {
			return fmt.Errorf("cors_origins[%d]: %q is not an origin, such as https://shop.example", i, o)
		}
	}
	return nil
}

// crossOrigin lets scripts of the origins that the configuration names read
// answers, and no others. They show a token: cookies are not theirs to use.
func (a *app) crossOrigin(next http.Handler) http.Handler {
	if len(a.cfg.Web.CORSOrigins) == 0 {
		return next
	}
	return cors.New(cors.Options{
		AllowedOrigins: a.cfg.Web.CORSOrigins, AllowedHeaders: []string{"*"}, MaxAge: int(10 * time.Minute / time.Second),
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
	}).Handler(next)
}

// ownPages refuses what a page of another origin makes a browser change, while
// nobody has to show who they are: any page could. Data may come from any page,
// which is how browsers send what they measure.
func (a *app) ownPages(external *url.URL) func(http.Handler) http.Handler {
	own := http.NewCrossOriginProtection()
	for _, o := range append([]string{external.Scheme + "://" + external.Host}, a.cfg.Web.CORSOrigins...) {
		_ = own.AddTrustedOrigin(o) // those that are none, such as *, trust nobody
	}
	return func(next http.Handler) http.Handler {
		if a.guard.Enabled() { // which does that
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := own.Check(r); err != nil && !a.isData(r) {
				httpx.JSONError(w, r, http.StatusForbidden, fmt.Errorf("a page of another origin may not do that: %w: %w", err, fault.ErrForbidden))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// isData reports whether r brings or asks for metrics, logs or traces, which
// changes nothing else.
func (a *app) isData(r *http.Request) bool {
	method, pattern := httpx.Route(r)
	need, ok := a.needs.Of(method, pattern, r.URL.Path)
	return ok && (need.Brings() || need.Asks())
}
