package metric

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/require"
)

func TestChangesReachAsFarBackAsTheOldestSince(t *testing.T) {
	c := newChanges()
	c.note(50_000)
	c.note(90_000)
	c.note(70_000)
	c.note(math.MaxInt64) // an empty transaction
	require.EqualValues(t, 50_000, c.since(0))
	require.EqualValues(t, 70_000, c.since(1))
	require.EqualValues(t, 70_000, c.since(2))
	require.EqualValues(t, math.MaxInt64, c.since(3))
	c.note(math.MinInt64)
	c.note(100_000)
	require.EqualValues(t, math.MinInt64, c.since(3))
	require.EqualValues(t, 100_000, c.since(4))
}

// Whatever is merged and forgotten, an answer is never later than the truth,
// and in ordinary use not much earlier.
func TestChangesAreNeverForgottenAndBounded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	c := newChanges()
	var all []int64
	now := int64(0)
	for range 3 * maxChanges {
		now += rnd.Int64N(5000)
		mint := now - rnd.Int64N(3000)
		if rnd.IntN(500) == 0 {
			mint = now - rnd.Int64N(1_000_000)
		}
		all = append(all, mint)
		c.note(mint)
	}
	require.LessOrEqual(t, len(c.kept), maxChanges)
	truth := int64(math.MaxInt64)
	for i := len(all) - 1; i >= 0; i-- {
		truth = min(truth, all[i])
		got := c.since(uint64(i))
		require.LessOrEqual(t, got, truth)
		if i > len(all)-1000 {
			require.Greater(t, got, truth-1_100_000)
		}
	}
}

func TestTheStoreTellsHowFarBackItWasChanged(t *testing.T) {
	s := open(t)
	v := s.Version()
	require.EqualValues(t, math.MaxInt64, s.ChangedSince(v))
	hour := time.Hour.Milliseconds()
	for at := int64(0); at < 4*hour; at += hour / 2 {
		write(t, s, up, at, 1)
	}
	require.EqualValues(t, 0, s.ChangedSince(v))

	v = s.Version()
	write(t, s, up, 4*hour, 1)
	require.EqualValues(t, 4*hour, s.ChangedSince(v))
	old := s.Appender(t.Context())
	_, err := old.Append(0, labels.FromStrings("__name__", "b"), 4*hour-5, 1)
	require.NoError(t, err)
	require.EqualValues(t, 4*hour, s.ChangedSince(v), "not committed")
	require.NoError(t, old.Commit())
	require.EqualValues(t, 4*hour-5, s.ChangedSince(v))

	v = s.Version()
	require.NoError(t, s.db.Compact(t.Context()))
	require.NotEmpty(t, s.db.Blocks())
	require.EqualValues(t, math.MinInt64, s.ChangedSince(v), "blocks came")

	v = s.Version()
	require.NoError(t, s.Delete(t.Context(), 7, 8, labels.MustNewMatcher(labels.MatchEqual, "__name__", "up")))
	require.EqualValues(t, 7, s.ChangedSince(v))
}
