package notify

import (
	"testing"

	"github.com/prometheus/alertmanager/nflog"
	"github.com/stretchr/testify/require"
)

func TestWhatAnIntegrationRemembersIsKept(t *testing.T) {
	s := nflog.NewStore(nil)
	b, err := memoryIn(s)
	require.NoError(t, err)
	require.Nil(t, b, "nothing")
	s.SetStr("threadTs", "17.5")
	s.SetInt("n", 3)
	b, err = memoryIn(s)
	require.NoError(t, err)
	again, err := newMemory(b)
	require.NoError(t, err)
	ts, _ := again.GetStr("threadTs")
	n, _ := again.GetInt("n")
	require.Equal(t, "17.5", ts)
	require.Equal(t, int64(3), n)
	_, err = newMemory([]byte{0xff})
	require.Error(t, err)
}
