package relay

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPasswordsOfReceiversAreNotLogged(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(discreet{slog.NewTextHandler(&out, nil)})
	log.With("url", "http://ada:s3cret@far/w").WithGroup("g").Info("begun", "n", 1)
	log.Warn("failed", "url", "http://ada:s3cret@far/w", "err", "gone")
	require.NotContains(t, out.String(), "s3cret")
	require.Contains(t, out.String(), "http://ada:xxxxx@far/w")
	require.Contains(t, out.String(), "g.n=1")
	require.Contains(t, out.String(), "err=gone")
}
