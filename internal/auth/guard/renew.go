package guard

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

// What a session's cookie holds is replaced from time to time, so that a copy of
// it is of use for a short time, and shows. Answers get lost, for the page gives
// up on many: what the cookie held is good until what takes its place has been
// shown, and for a while after that, for requests that were on their way. Who
// shows it later has a copy, or is the one from whom it was taken; which of them
// nobody can tell, so that the session ends, as that of a refresh token does that
// is used twice [1].
//
// [1]: https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2

// replacedGrace is for how long what was replaced is good. Browsers take the
// cookie when a request is made, and send it when a connection is free: behind
// queries and live tails that takes minutes.
const replacedGrace = 5 * time.Minute

// current notes that an identifier was shown, and ends the session if it was
// replaced long ago.
func (g *Guard) current(ctx context.Context, hash string, s auth.SessionRecord, from netip.Addr) error {
	now := g.now()
	if ago := now.Sub(s.Replaced); !s.Replaced.IsZero() && ago >= replacedGrace {
		return g.replayed(ctx, s, from, ago)
	}
	if !s.Newest {
		return nil
	}
	if err := g.store.ReplaceSession(ctx, s.Hash, hash, now); err != nil {
		return &refusal{Unavailable, s.User, fmt.Errorf("replace the session's identifier: %w", err)}
	}
	g.Forget() // that those before it were good
	return nil
}

// replayed ends a session of which somebody else has, or had, the cookie.
func (g *Guard) replayed(ctx context.Context, s auth.SessionRecord, from netip.Addr, ago time.Duration) error {
	ctx = context.WithoutCancel(ctx) // a thief may hang up
	if err := g.store.DeleteSession(ctx, s.Hash); err != nil && !errors.Is(err, fault.ErrNotFound) {
		return &refusal{Unavailable, s.User, fmt.Errorf("end the session: %w", err)}
	}
	g.Forget()
	g.Fail(ctx, SessionReplayed, auth.Event{
		Who: s.User, Kind: auth.User, Action: "session.replay", Target: s.Source, Address: from.String(),
		Detail: fmt.Sprintf("a cookie that was replaced %v ago was shown: somebody has a copy; the session, of a login from %s, was ended", ago.Round(time.Second), s.Address),
	})
	return refuse(SessionEnded, s.User, fault.ErrUnauthenticated, "the session has ended: log in again")
}

// renew hands the browser that makes r another identifier of its session if it is
// time for that: the same one until that is shown, so that it does not matter
// which of several answers comes last.
func (g *Guard) renew(w http.ResponseWriter, r *http.Request) {
	if g.config.Sessions.Renew == 0 || r.Header.Get("Upgrade") != "" { // the answer to that is not written through w
		return
	}
	cookie, now := cookieOf(r.Header), g.now()
	hash := auth.HashToken(cookie)
	k, err := g.session(r.Context(), hash)
	if err != nil || !k.record.Replaced.IsZero() || now.Sub(k.record.Issued) < g.config.Sessions.Renew {
		return // what is wrong is told by the next request, this one has been let through
	}
	next := g.successor(cookie)
	if _, err := recall(&g.known, "offer "+hash, now, func() (struct{}, error) {
		return struct{}{}, g.store.OfferSession(r.Context(), k.record.Hash, auth.HashToken(next), now)
	}); err != nil {
		g.log.WarnContext(r.Context(), "session not renewed", "user", k.record.User, "err", err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.SetCookie(w, g.SessionCookie(r, next, k.record.Created.Add(g.config.Sessions.Absolute).Sub(now)))
}

// successor returns what takes the place of what a cookie holds. Who does not
// have the process's key cannot tell, and the process need not remember.
func (g *Guard) successor(cookie string) string {
	mac := hmac.New(sha256.New, g.key[:])
	mac.Write([]byte(cookie))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil))
}

// SessionCookie returns the cookie that hands an identifier to the browser that
// makes r, for no longer than left; "" takes it away.
func (g *Guard) SessionCookie(r *http.Request, identifier string, left time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: CookieName, Value: identifier, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: g.Secure(r),
		MaxAge: int(left.Seconds()),
	}
	if identifier == "" {
		c.MaxAge = -1
	}
	return c
}
