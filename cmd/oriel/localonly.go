package main

import (
	"fmt"
	"net/http"
	"net/netip"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// localOnly lets nobody but programs on this machine through while nobody has
// to show who they are. Profiles tell much, and take time to make.
func (a *app) localOnly(next http.Handler) http.Handler {
	if a.guard.Enabled() || a.cfg.Web.ConfigFile != "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			err := fmt.Errorf("%s is for this machine alone while authentication is off: %w", r.URL.Path, fault.ErrForbidden)
			httpx.PlainError(w, r, httpx.Status(err), err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local reports whether a request is of a program on this machine, and not of a
// proxy for somebody else.
func local(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && from.Addr().Unmap().IsLoopback()
}
