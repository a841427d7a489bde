package fulltext

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCacheKeepsWhatWasAskedLast(t *testing.T) {
	bloom, dict := small(t)
	open := func(c *Cache) *Index {
		x, err := Open(bytes.NewReader(bloom), bytes.NewReader(dict), c)
		require.NoError(t, err)
		return x
	}
	probe := NewCache(1 << 20)
	x := open(probe)
	size := probe.used
	x.Close()
	require.Zero(t, probe.used)

	c := NewCache(2*size + size/2)
	a, b := open(c), open(c)
	require.NotNil(t, c.get(a))
	d := open(c)
	require.Nil(t, c.get(b), "not asked for longest")
	require.NotNil(t, c.get(a))
	require.NotNil(t, c.get(d))
	require.Equal(t, 2*size, c.used)

	none := NewCache(0)
	y := open(none)
	require.Zero(t, none.used)
	_, _, err := y.Granules(questions[0])
	require.NoError(t, err, "a dictionary larger than the cache is read again")
}

func TestAnIndexMayBeAskedConcurrently(t *testing.T) {
	bloom, dict := small(t)
	x, err := Open(bytes.NewReader(bloom), bytes.NewReader(dict), NewCache(0))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, q := range questions {
				_, _, err := x.Granules(q)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}
