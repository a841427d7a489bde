package state

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheRetentionSetLastCounts(t *testing.T) {
	db, ctx := open(t, t.TempDir()), t.Context()
	day := 24 * time.Hour
	require.NoError(t, db.SaveRetention(ctx, Retention{Signal: "spans", Period: 3 * day, Author: "ada"}))
	require.NoError(t, db.SaveRetention(ctx, Retention{Signal: "logs", Period: 90 * day, Author: "ada"}))
	require.NoError(t, db.SaveRetention(ctx, Retention{Signal: "logs", Author: "eve"}))

	set, err := db.Retentions(ctx)
	require.NoError(t, err)
	require.Len(t, set, 2)
	require.Equal(t, []any{"logs", time.Duration(0), "eve"}, []any{set[0].Signal, set[0].Period, set[0].Author})
	require.Equal(t, []any{"spans", 3 * day, "ada"}, []any{set[1].Signal, set[1].Period, set[1].Author})
	require.False(t, set[1].Updated.IsZero())

	require.NoError(t, db.DeleteRetention(ctx, "logs"))
	require.NoError(t, db.DeleteRetention(ctx, "logs"), "it is as it should be")
	set, err = db.Retentions(ctx)
	require.NoError(t, err)
	require.Len(t, set, 1)
}
