package event

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// TestPlanIsTheSameHoweverManyPlan asks for the same rows with the index not
// open and open, and with room for one planner and for several.
func TestPlanIsTheSameHoweverManyPlan(t *testing.T) {
	disk := vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	const parts = 6 * partsPerPlanner
	for i := range parts {
		bd := model.NewBuilder(model.Logs, 10)
		only := fmt.Sprint("only", i)
		for j, app := range []string{"a", "a", "a", "b", "a", "b", "a", "b", only, "b"} { // of a both halves, of the others one
			body := fmt.Sprintf(`"word" "row%d_%d"`, i, j)
			if j%2 == 1 {
				body = fmt.Sprintf(`{"msg":"word","row":"row%d_%d"}`, i, j)
			}
			bd.Row(bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}}), someDay+int64(10*i+j), body)
		}
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Flush(t.Context()))
	}
	require.Equal(t, parts, s.ShreddedParts())
	require.NoError(t, s.Close())

	app := func(name string) storage.Predicate {
		return storage.Compare{Field: storage.Field{Place: storage.Stream, Key: "app"}, Op: storage.Eq, Value: model.String(name)}
	}
	has := func(text string) storage.Predicate {
		return storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: `"` + text + `"`}
	}
	for name, tt := range map[string]struct {
		where storage.Predicate
		rows  int
	}{
		"a needle":                      {has("row7_2"), 1},
		"a needle of a stream":          {storage.And{app("a"), has("row7_2")}, 1},
		"a shredded one":                {storage.And{app("a"), has("row7_1")}, 1},
		"one of a shredded stream":      {storage.And{app("b"), has("row7_3")}, 1},
		"one of a whole stream":         {storage.And{app("only7"), has("row7_8")}, 1},
		"a needle of another stream":    {storage.And{app("b"), has("row7_2")}, 0},
		"a word everywhere":             {has("word"), 10 * parts},
		"a word of a stream everywhere": {storage.And{app("a"), has("word")}, 5 * parts},
		"a word of a stream of a part":  {storage.And{app("only9"), has("word")}, 1},
		"no such word":                  {has("nowhere"), 0},
		"no such stream":                {storage.And{app("none"), has("word")}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := openTiny(disk.Crash(rand.New(rand.NewPCG(1, 1))))
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			var first []string
			for _, room := range []int{1, 1, 4, 4} {
				s.gate = fair.NewBrief(room)
				var got []string
				var stats storage.Stats
				for b, err := range s.Scan(t.Context(), storage.Scan{
					Signal: model.Logs, Range: model.AllTime(), Where: tt.where, Project: &storage.Projection{Body: true}, Stats: &stats,
				}) {
					require.NoError(t, err)
					got = append(got, b.Body...)
				}
				require.Len(t, got, tt.rows)
				if first == nil {
					first = got
				}
				require.Equal(t, first, got)
				require.EqualValues(t, parts, stats.Parts)
				_, taken := s.gate.Waiting()
				require.Zero(t, taken)
			}
		})
	}
}
