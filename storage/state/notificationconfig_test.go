package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func TestNotificationConfigsFollowEachOther(t *testing.T) {
	db, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	save := func(c NotificationConfig, base int) (NotificationConfig, error) {
		return db.SaveNotificationConfig(t.Context(), c, base)
	}

	_, err = db.NotificationConfig(t.Context(), 0)
	require.ErrorIs(t, err, fault.ErrNotFound)
	_, err = save(NotificationConfig{Sealed: []byte("x")}, 1)
	require.ErrorIs(t, err, fault.ErrConflict, "there is no version 1 to begin with")

	first, err := save(NotificationConfig{Sealed: []byte("a"), Author: "ada", Message: "on call"}, 0)
	require.NoError(t, err)
	require.Equal(t, []any{1, "ada", "on call"}, []any{first.Version, first.Author, first.Message})
	_, err = save(NotificationConfig{Sealed: []byte("b")}, 0)
	require.ErrorIs(t, err, fault.ErrConflict)
	_, err = save(NotificationConfig{Sealed: []byte("b"), Author: "bob", Restored: 1}, 1)
	require.NoError(t, err)

	newest, err := db.NotificationConfig(t.Context(), 0)
	require.NoError(t, err)
	require.Equal(t, []any{2, []byte("b"), 1}, []any{newest.Version, newest.Sealed, newest.Restored})
	old, err := db.NotificationConfig(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, []byte("a"), old.Sealed)

	for base := 2; base < keptNotificationConfigs+2; base++ {
		_, err := save(NotificationConfig{Sealed: []byte("c")}, base)
		require.NoError(t, err)
	}
	all, err := db.NotificationConfigs(t.Context())
	require.NoError(t, err)
	require.Len(t, all, keptNotificationConfigs)
	require.Equal(t, keptNotificationConfigs+2, all[0].Version)
	require.Nil(t, all[0].Sealed)
	_, err = db.NotificationConfig(t.Context(), 1)
	require.ErrorIs(t, err, fault.ErrNotFound, "the oldest made room")
}
