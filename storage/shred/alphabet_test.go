package shred_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage/shred"
)

func TestAlphabetTellsWhatNoValueHas(t *testing.T) {
	p := &shred.Plan{Columns: []shred.Column{
		{Format: shred.JSON, Path: []string{"a"}, Type: shred.Text},
		{Format: shred.JSON, Path: []string{"b"}, Type: shred.Text},
		{Format: shred.JSON, Path: []string{"c"}, Type: shred.Text},
	}}
	p.Columns[0].Note("GET /ä")
	p.Columns[0].Note("\x00\xff")
	p.Columns[1].Note("")
	b, err := p.Encode()
	require.NoError(t, err)
	p, err = shred.Decode(b)
	require.NoError(t, err)
	for _, part := range []string{"", "GET", "TEG/", "ä", "\xc3", "\x00\xff"} {
		require.True(t, p.Columns[0].Possible(part), part)
	}
	for _, part := range []string{"get", "GETs", "ö", "\x01"} {
		require.False(t, p.Columns[0].Possible(part), part)
	}
	require.True(t, p.Columns[1].Possible(""))
	require.False(t, p.Columns[1].Possible("x"))
	require.True(t, p.Columns[2].Possible("x"), "nobody noted its values")

	p.Columns[0].Alphabet = p.Columns[0].Alphabet[1:]
	b, err = p.Encode()
	require.NoError(t, err)
	_, err = shred.Decode(b)
	require.Error(t, err)
}
