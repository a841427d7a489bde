package state

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
)

func TestUsersAreKept(t *testing.T) {
	db := open(t, t.TempDir())
	ada := auth.UserRecord{Name: "ada", PasswordHash: "$2a$", Roles: []string{"admin"}, Recovery: []string{"x"}}
	require.NoError(t, db.AddUser(t.Context(), ada))
	require.ErrorIs(t, db.AddUser(t.Context(), ada), fault.ErrConflict)
	got, err := db.User(t.Context(), "ada")
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), got.Created, time.Minute)
	require.True(t, got.LastLogin.IsZero())
	ada.Created, ada.TOTPSecret, ada.TOTPStep, ada.Disabled, ada.LastLogin = got.Created, []byte{1}, 5, true, time.UnixMilli(7).UTC()
	set := func(u *auth.UserRecord) error { *u = ada; return nil }
	require.NoError(t, db.ChangeUser(t.Context(), "ada", set))
	all, err := db.Users(t.Context())
	require.NoError(t, err)
	require.Equal(t, []auth.UserRecord{ada}, all)
	require.ErrorIs(t, db.ChangeUser(t.Context(), "ada", func(u *auth.UserRecord) error { u.Disabled = false; return fault.ErrInvalid }), fault.ErrInvalid)
	got, err = db.User(t.Context(), "ada")
	require.NoError(t, err)
	require.Equal(t, ada, got, "nothing is kept of what fails")

	require.NoError(t, db.AddSession(t.Context(), auth.SessionRecord{Hash: "h", User: "ada"}))
	require.NoError(t, db.DeleteUser(t.Context(), "ada"))
	_, err = db.Session(t.Context(), "h")
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.ErrorIs(t, db.DeleteUser(t.Context(), "ada"), fault.ErrNotFound)
	require.ErrorIs(t, db.ChangeUser(t.Context(), "ada", set), fault.ErrNotFound)
}

func TestTokensAreKept(t *testing.T) {
	db := open(t, t.TempDir())
	agent := auth.TokenRecord{
		ID: "1", Name: "agent", Hash: "h", Scopes: []auth.Scope{auth.LogsWrite}, Tenant: "a", Creator: "ada",
		Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, Expires: time.UnixMilli(9).UTC(),
	}
	require.NoError(t, db.AddToken(t.Context(), agent))
	require.ErrorIs(t, db.AddToken(t.Context(), auth.TokenRecord{ID: "2", Name: "agent", Hash: "other"}), fault.ErrConflict)
	require.NoError(t, db.UseToken(t.Context(), "1", time.UnixMilli(5)))
	require.NoError(t, db.UseToken(t.Context(), "1", time.UnixMilli(3)))
	got, err := db.TokenByHash(t.Context(), "h")
	require.NoError(t, err)
	agent.Created, agent.LastUsed = got.Created, time.UnixMilli(5).UTC()
	require.Equal(t, agent, got)
	require.NoError(t, db.DeleteToken(t.Context(), "1"))
	_, err = db.TokenByHash(t.Context(), "h")
	require.ErrorIs(t, err, fault.ErrNotFound)
	require.ErrorIs(t, db.DeleteToken(t.Context(), "1"), fault.ErrNotFound)
}

func TestSessionsEnd(t *testing.T) {
	db := open(t, t.TempDir())
	now := time.UnixMilli(1_000_000)
	db.now = func() time.Time { return now }
	for _, hash := range []string{"idle", "old", "live"} {
		require.NoError(t, db.AddSession(t.Context(), auth.SessionRecord{Hash: hash, User: "ada", Roles: []string{"viewer"}, Source: "sso"}))
		now = now.Add(time.Minute)
	}
	require.NoError(t, db.SeeSession(t.Context(), "old", now))
	require.NoError(t, db.SeeSession(t.Context(), "live", now))
	require.NoError(t, db.EndSessions(t.Context(), now.Add(-time.Second), now.Add(-90*time.Second)))
	all, err := db.Sessions(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "live", all[0].Hash)
	require.Equal(t, []string{"viewer"}, all[0].Roles)
	none, err := db.Sessions(t.Context(), "bob")
	require.NoError(t, err)
	require.Empty(t, none)
	require.NoError(t, db.DeleteSession(t.Context(), "live"))
	require.ErrorIs(t, db.SeeSession(t.Context(), "live", now), fault.ErrNotFound)
}

func TestRolesAreReplaced(t *testing.T) {
	db := open(t, t.TempDir())
	shop := auth.RoleRecord{Name: "shop", Scopes: []auth.Scope{auth.QueryLogs}, Selectors: map[auth.Signal]string{auth.Logs: `{namespace="shop"}`}}
	require.NoError(t, db.SaveRole(t.Context(), shop))
	shop.Tenants = []string{}
	require.NoError(t, db.SaveRole(t.Context(), shop))
	all, err := db.Roles(t.Context())
	require.NoError(t, err)
	require.Equal(t, []auth.RoleRecord{shop}, all)
	require.NoError(t, db.DeleteRole(t.Context(), "shop"))
	require.ErrorIs(t, db.DeleteRole(t.Context(), "shop"), fault.ErrNotFound)
}

func TestASessionHasOneIdentifierAfterTheOther(t *testing.T) {
	db := open(t, t.TempDir())
	began := time.UnixMilli(1_000_000).UTC()
	db.now = func() time.Time { return began }
	require.NoError(t, db.AddSession(t.Context(), auth.SessionRecord{Hash: "1", User: "ada"}))
	require.ErrorIs(t, db.AddSession(t.Context(), auth.SessionRecord{Hash: "1", User: "bob"}), fault.ErrConflict)
	later := func(minutes int) time.Time { return began.Add(time.Duration(minutes) * time.Minute) }
	for range 2 {
		require.NoError(t, db.OfferSession(t.Context(), "1", "2", later(1)))
	}
	of := func(hash string) auth.SessionRecord {
		t.Helper()
		s, err := db.Session(t.Context(), hash)
		require.NoError(t, err)
		require.Equal(t, "1", s.Hash)
		require.Equal(t, "ada", s.User)
		return s
	}
	require.Equal(t, began, of("1").Issued)
	require.False(t, of("1").Newest)
	require.Equal(t, later(1), of("2").Issued)
	require.True(t, of("2").Newest)
	require.NoError(t, db.ReplaceSession(t.Context(), "1", "2", later(2)))
	require.Equal(t, later(2), of("1").Replaced)
	require.Zero(t, of("2").Replaced)
	require.False(t, of("2").Newest)
	require.NoError(t, db.ReplaceSession(t.Context(), "1", "2", later(3)))
	require.Equal(t, later(2), of("1").Replaced, "that was before")

	require.Error(t, db.OfferSession(t.Context(), "none", "3", later(1)), "there is no such session")
	require.NoError(t, db.DeleteSession(t.Context(), "2"))
	for _, hash := range []string{"1", "2"} {
		_, err := db.Session(t.Context(), hash)
		require.ErrorIs(t, err, fault.ErrNotFound)
	}
	left := 0
	require.NoError(t, db.sql.QueryRowContext(t.Context(), `SELECT count(*) FROM session_ids`).Scan(&left))
	require.Zero(t, left)
}
