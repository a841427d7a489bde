package quota

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUsesTellHowNearLimitsAre(t *testing.T) {
	c := DefaultConfig()
	c.Tenant.Lines, c.Tenant.Streams = 100, 10
	k, now := newKeeper(c)
	require.Empty(t, k.Uses(), "nobody has sent anything")
	require.NoError(t, k.Streams(as(t, "a"), []uint64{1, 2, 3}))
	for range 6 {
		require.NoError(t, k.Take(as(t, "a"), lines(500)))
		*now = now.Add(10 * time.Second)
	}
	require.Equal(t, []Use{
		{"tenant", "a", Lines, 50, 100},
		{"tenant", "a", maxStreams, 3, 10},
	}, k.Uses())
	*now = now.Add(2 * time.Minute)
	require.Zero(t, k.Uses()[0].Used)
	*now = now.Add(3 * time.Hour)
	require.Zero(t, k.Uses()[1].Used)
	have, most := k.Tenants()
	require.Equal(t, []int{1, 1000}, []int{have, most})
}
