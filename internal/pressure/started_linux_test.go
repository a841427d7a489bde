package pressure

import (
	"testing"

	"github.com/prometheus/procfs"
	"github.com/stretchr/testify/require"
)

func TestStartingUpIsGivenBack(t *testing.T) {
	resident := func() uint64 {
		p, err := procfs.Self()
		require.NoError(t, err)
		s, err := p.NewStatus()
		require.NoError(t, err)
		return s.RssFile
	}
	before := resident()
	require.NoError(t, releaseStart())
	require.Less(t, resident(), before, "pages of the program's file are not resident until they are used again")
}
