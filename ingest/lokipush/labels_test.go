package lokipush

import (
	"errors"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStreamCacheStaysBoundedAndForgetsFailures(t *testing.T) {
	var (
		c      streamCache
		parsed int
	)
	get := func(wire string, err error) (*stream, error) {
		return c.get([]byte(wire), func() (*stream, error) {
			parsed++
			return &stream{text: wire}, err
		})
	}
	for i := range 3 * maxCachedStreams {
		s, err := get(strconv.Itoa(i), nil)
		require.NoError(t, err)
		require.Equal(t, strconv.Itoa(i), s.text)
		require.LessOrEqual(t, len(c.m), maxCachedStreams)
	}
	parsed = 0
	for range 3 {
		_, _ = get("known", nil)
	}
	require.Equal(t, 1, parsed)

	for range 3 {
		_, err := get("bad", errors.New("no"))
		require.EqualError(t, err, "no")
	}
	require.Equal(t, 4, parsed)

	long := string(make([]byte, maxCachedLabelBytes+1))
	_, _ = get(long, nil)
	_, _ = get(long, nil)
	require.Equal(t, 6, parsed, "huge label sets are not kept")
}
