package state

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fault"
)

func TestDataSourcesHaveTheirNamesAlone(t *testing.T) {
	db, err := Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	save := func(d DataSource, base int) (DataSource, error) { return db.SaveDataSource(t.Context(), d, base) }

	a, err := save(DataSource{UID: "a", Name: " A ", JSON: []byte(`{}`), Sealed: []byte{1}, IsDefault: true, Author: "ada"}, 0)
	require.NoError(t, err)
	require.Equal(t, "A", a.Name)
	b, err := save(DataSource{Name: "B", JSON: []byte(`{}`), IsDefault: true}, 0)
	require.NoError(t, err)
	require.NotEmpty(t, b.UID)

	all, err := db.DataSources(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, []bool{false, true}, []bool{all[0].IsDefault, all[1].IsDefault}, "one is the default")
	require.Equal(t, []byte{1}, all[0].Sealed)

	_, err = save(DataSource{UID: "a", Name: "C", JSON: []byte(`{}`)}, 0)
	require.ErrorIs(t, err, fault.ErrConflict)
	_, err = save(DataSource{ID: b.ID, UID: b.UID, Name: "A", JSON: []byte(`{}`)}, 1)
	require.ErrorIs(t, err, fault.ErrConflict)
	_, err = save(DataSource{ID: b.ID, UID: b.UID, Name: "B", JSON: []byte(`{}`)}, 2)
	require.ErrorIs(t, err, fault.ErrConflict)
	_, err = save(DataSource{UID: "x y", Name: "X"}, 0)
	require.ErrorIs(t, err, fault.ErrInvalid)
	moved, err := save(DataSource{ID: b.ID, UID: "b", Name: "B", JSON: []byte(`{"url":1}`)}, 1)
	require.NoError(t, err)
	require.Equal(t, []any{"b", 2, b.ID}, []any{moved.UID, moved.Version, moved.ID})

	require.NoError(t, db.DeleteDataSource(t.Context(), b.ID))
	require.ErrorIs(t, db.DeleteDataSource(t.Context(), b.ID), fault.ErrNotFound)
}
