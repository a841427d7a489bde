package guard_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/auth/guard"
	"github.com/oriel-obs/oriel/internal/fault"
)

// ask makes a request with what a session's cookie holds. It returns the status,
// and what the cookie is to hold from now on, "" if it stays.
func (w *world) ask(identifier string, headers ...string) (status int, next string) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, w.request(http.MethodGet, "/any", append(headers, "Cookie", guard.CookieName+"="+identifier)...))
	for _, c := range rec.Result().Cookies() {
		require.Equal(w.t, guard.CookieName, c.Name)
		require.Empty(w.t, next, "one at a time")
		next = c.Value
	}
	return rec.Code, next
}

// is requires that an identifier is good, and not to be replaced.
func (w *world) is(identifier, why string) {
	w.t.Helper()
	status, next := w.ask(identifier)
	require.Equal(w.t, http.StatusOK, status, why)
	require.Empty(w.t, next, why)
}

// renewed requires that an identifier is good, and returns what replaces it.
func (w *world) renewed(identifier, why string) string {
	w.t.Helper()
	status, next := w.ask(identifier)
	require.Equal(w.t, http.StatusOK, status, why)
	require.NotEmpty(w.t, next, why)
	return next
}

func (w *world) ended(identifier, why string) {
	w.t.Helper()
	status, next := w.ask(identifier)
	require.Equal(w.t, http.StatusUnauthorized, status, why)
	require.Empty(w.t, next, why)
}

func TestWhatACookieHoldsIsReplacedFromTimeToTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, on)
		w.session("ada", auth.RoleViewer)
		time.Sleep(15*time.Minute - time.Nanosecond)
		w.is("ada", "it is new")
		time.Sleep(time.Nanosecond)
		second := w.renewed("ada", "it is old")
		require.Equal(t, second, w.renewed("ada", "the answer to a request at the same time"))
		time.Sleep(6 * time.Hour)
		require.Equal(t, second, w.renewed("ada", "no answer has come through"))
		require.NotEqual(t, second, w.renewed(second, "it was handed out hours ago"))
	})
}

func TestWhatWasReplacedIsGoodForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, on)
		w.session("ada", auth.RoleViewer)
		time.Sleep(15 * time.Minute)
		second := w.renewed("ada", "it is old")
		w.is(second, "it was handed out")
		time.Sleep(5*time.Minute - time.Nanosecond)
		w.is("ada", "a request was on its way")
		time.Sleep(10*time.Minute + time.Nanosecond)
		third := w.renewed(second, "it is old, too")
		require.NotEqual(t, second, third)
		w.is(third, "it was handed out")
		all, err := w.store.Sessions(t.Context(), "ada")
		require.NoError(t, err)
		require.Len(t, all, 1, "it is one session")
		require.Equal(t, auth.HashToken("ada"), all[0].Hash)
	})
}

func TestWhoShowsWhatWasReplacedLongAgoEndsTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, on)
		w.session("ada", auth.RoleViewer)
		time.Sleep(15 * time.Minute)
		second := w.renewed("ada", "it is old")
		w.is(second, "it was handed out")
		time.Sleep(5 * time.Minute)
		w.is(second, "it is in use")
		w.ended("ada", "it was replaced")
		w.ended(second, "nobody can tell who of them is a thief")
		w.ended("ada", "there is nothing left")

		_, err := w.store.Session(t.Context(), auth.HashToken(second))
		require.ErrorIs(t, err, fault.ErrNotFound)
		var replays []auth.Event
		for _, e := range w.seen {
			if e.Action == "session.replay" {
				replays = append(replays, e)
			}
		}
		require.Len(t, replays, 1)
		require.Equal(t, "ada", replays[0].Who)
		require.Equal(t, auth.Refused, replays[0].Result)
		require.Equal(t, "192.0.2.7", replays[0].Address)
		require.Contains(t, replays[0].Detail, "replaced 5m0s ago")
	})
}

func TestTheNextIdentifierIsGoodInAnotherProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, on)
		w.session("ada", auth.RoleViewer)
		time.Sleep(15 * time.Minute)
		second := w.renewed("ada", "it is old")

		later := newWorldOf(t, on, w.store)
		time.Sleep(time.Minute)
		other := later.renewed("ada", "its answer was lost")
		require.NotEqual(t, second, other, "the key is the process's")
		later.is(second, "its answer came through")
		later.is(other, "it came after that")
	})
}

func TestASessionIsNotRenewedWhereThatWouldBeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, on)
		w.session("ada", auth.RoleViewer)
		time.Sleep(time.Hour)
		status, next := w.ask("ada", "Upgrade", "websocket", "Sec-Fetch-Site", "same-origin")
		require.Equal(t, http.StatusOK, status)
		require.Empty(t, next, "a connection that is taken over has an answer of its own")
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, w.request(http.MethodGet, "/healthy", "Cookie", guard.CookieName+"=ada"))
		require.Empty(t, rec.Result().Cookies(), "what is public may be cached")

		rec = httptest.NewRecorder()
		w.h.ServeHTTP(rec, w.request(http.MethodGet, "/any", "Cookie", guard.CookieName+"=ada"))
		require.Equal(t, "no-store", rec.Header().Get("Cache-Control"))
		c := rec.Result().Cookies()[0]
		require.True(t, c.HttpOnly)
		require.True(t, c.Secure, "people come by https")
		require.Equal(t, http.SameSiteLaxMode, c.SameSite)
		require.Equal(t, "/", c.Path)
		require.Equal(t, int((7*24*time.Hour - time.Hour).Seconds()), c.MaxAge, "the session ends when it would have")
	})
	synctest.Test(t, func(t *testing.T) {
		forGood := on
		forGood.Sessions = auth.DefaultConfig().Sessions
		forGood.Sessions.Renew = 0
		w := newWorld(t, forGood)
		w.session("ada", auth.RoleViewer)
		time.Sleep(11 * time.Hour)
		w.is("ada", "that is switched off")
	})
}

func TestASessionEndsWhateverItsCookieHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, on)
		w.session("ada", auth.RoleViewer)
		identifier := "ada"
		for range 7*24 - 1 {
			time.Sleep(time.Hour)
			identifier = w.renewed(identifier, "an hour has passed")
		}
		w.is(identifier, "its last hour")
		time.Sleep(time.Hour)
		w.ended(identifier, "a week has passed")
	})
}
