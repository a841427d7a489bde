package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestDefaultsOfSpanSignalsAreThoseInTheirDocument(t *testing.T) {
	doc, err := os.ReadFile("../../docs/spansignals.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(doc), "```yaml\n")
	require.True(t, ok)
	text, _, _ := strings.Cut(rest, "```")
	c, err := load(t, text)
	require.NoError(t, err)
	want, err := yaml.Marshal(defaultSpansConfig())
	require.NoError(t, err)
	got, err := yaml.Marshal(c.Ingest.Spans)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}
