package authapi

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/oriel-obs/oriel/internal/auth/sso"
	"github.com/oriel-obs/oriel/internal/fault"
)

// startSignOn sends the browser to a provider; ?next= is where to come back to.
func (h *Handler) startSignOn(w http.ResponseWriter, r *http.Request) error {
	next := r.URL.Query().Get("next")
	target, cookie, err := h.Providers.Start(r.Context(), chi.URLParam(r, "provider"), next, h.visit(r), h.Guard.Secure(r))
	if err != nil {
		return h.notSignedOn(w, r, sso.OwnPath(next), err)
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, target, http.StatusFound)
	return nil
}

// finishSignOn takes the browser back from a provider.
func (h *Handler) finishSignOn(w http.ResponseWriter, r *http.Request) error {
	session, next, err := h.Providers.Finish(r.Context(), chi.URLParam(r, "provider"), r, h.visit(r))
	if err != nil {
		return h.notSignedOn(w, r, next, err)
	}
	http.SetCookie(w, &http.Cookie{Name: sso.BrowserCookie, Path: "/", MaxAge: -1})
	h.setCookie(w, r, session)
	http.Redirect(w, r, strings.TrimSuffix(h.External.Path, "/")+next, http.StatusFound)
	return nil
}

// notSignedOn sends people to the login page, which tells them why they are not
// let in and where to try again. Others get err.
func (h *Handler) notSignedOn(w http.ResponseWriter, r *http.Request, next string, err error) error {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return err
	}
	why := url.Values{"next": {next}, "provider": {chi.URLParam(r, "provider")}, "refused": {string(sso.RefusalOf(err))}}
	http.Redirect(w, r, strings.TrimSuffix(h.External.Path, "/")+"/login?"+why.Encode(), http.StatusFound)
	return nil
}

// signedOff is what a provider calls when somebody has logged out there.
func (h *Handler) signedOff(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("decode request: %w: %w", err, fault.ErrInvalid)
	}
	if err := h.Providers.Logout(r.Context(), chi.URLParam(r, "provider"), r.PostForm.Get("logout_token")); err != nil {
		return err
	}
	return done(w)
}
