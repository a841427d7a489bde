package fulltext_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/fulltext"
)

var update = flag.Bool("update", false, "write the files of a new format version to testdata")

func goldenGranules() []*model.Batch {
	granules := []*model.Batch{
		lines("level=info msg=\"request timeout\" dur=12ms", "rid=5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f6"),
		lines("level=error Größe überschritten", "trace=4bf92f3577b34da6a3ce929d0e0e4736 request"),
		lines("level=info started", "\u212aelvin request"),
	}
	granules[1].Streams = []*model.Stream{{Attrs: []model.Attr{{Key: "app", Value: model.String("api")}}}}
	granules[2].Attrs = []*model.Column{{Key: "status", Rows: []uint32{1}, Vals: []model.Value{model.Int(500)}}}
	return granules
}

// TestFormatVersion1 opens files of the first version, which must open for
// ever, and says so if what is written changes: that takes a new version.
func TestFormatVersion1(t *testing.T) {
	bloom, dict := files(t, goldenGranules())
	if *update {
		require.NoError(t, os.MkdirAll("testdata/v1", 0o755))
		require.NoError(t, os.WriteFile("testdata/v1/tokens.bloom", bloom, 0o644))
		require.NoError(t, os.WriteFile("testdata/v1/tokens.fst", dict, 0o644))
	}
	goldenBloom, err := os.ReadFile("testdata/v1/tokens.bloom")
	require.NoError(t, err)
	goldenDict, err := os.ReadFile("testdata/v1/tokens.fst")
	require.NoError(t, err)
	require.Equal(t, goldenBloom, bloom)
	require.Equal(t, goldenDict, dict)

	x, err := fulltext.Open(bytes.NewReader(goldenBloom), bytes.NewReader(goldenDict), fulltext.NewCache(1<<20))
	require.NoError(t, err)
	for _, tt := range []struct {
		p    storage.Predicate
		want []int
	}{
		{contains("5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f6"), []int{0}},
		{contains("4bf92f3577b34da6a3ce929d0e0e4736"), []int{1}},
		{contains("timeout"), []int{0}},
		{contains("equest"), []int{0, 1, 2}},
		{contains("info "), []int{0, 2}},
		{matches("(?i)KELVIN|GRÖSSE|ÜBERSCHRIT"), []int{1, 2}},
		{storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String("api")}, []int{1}},
		{storage.Compare{Field: storage.Field{Place: storage.Attr, Key: "status"}, Op: storage.Eq, Value: model.Int(500)}, []int{2}},
	} {
		require.Equal(t, tt.want, candidates(t, x, tt.p), "%v", tt.p)
	}
}
