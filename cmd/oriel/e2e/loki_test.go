//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A Node program that logs through pino's Loki transport: every line arrives,
// with its level found.
func TestPinoLokiClient(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false)
	nodeProgram(t, "loki.mjs", "ORIEL_URL="+o.url)
	requireEvents(t, o, `{app="e2e-pino"} | json | line_format "{{.msg}}"`) // a line is pino's JSON
	require.Equal(t, shipped/10, countLines(t, o, `{app="e2e-pino"} | detected_level="error"`))
	require.Equal(t, 1, countLines(t, o, `{app="e2e-pino"} | json | request="77"`))
}

// A Node program that logs through winston's Loki transport, which pushes
// snappy-compressed protobuf where it can.
func TestWinstonLokiClient(t *testing.T) {
	t.Parallel()
	o := startOriel(t, "serve", false)
	nodeProgram(t, "winston.mjs", "ORIEL_URL="+o.url)
	requireEvents(t, o, `{app="e2e-winston"}`)
	require.Equal(t, shipped/10, countLines(t, o, `{app="e2e-winston", level="error"} | detected_level="error"`))
}
