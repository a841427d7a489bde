package event

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

func TestStreamPoolHasEachStreamOnceAndOnlyWhileItIsUsed(t *testing.T) {
	encode := func(app string) string {
		b, err := (&model.Stream{Attrs: []model.Attr{{Key: "app", Value: model.String(app)}}}).AppendBinary(nil)
		require.NoError(t, err)
		return string(b)
	}
	p := newStreamPool()
	a, fresh, err := p.parse(encode("a"))
	require.NoError(t, err)
	require.True(t, fresh)
	again, fresh, err := p.parse(encode("a"))
	require.NoError(t, err)
	require.False(t, fresh)
	require.Same(t, a, again)
	b, _, err := p.parse(encode("b"))
	require.NoError(t, err)
	require.NotSame(t, a, b)
	require.Equal(t, model.String("b"), b.Attr("app"))
	_, _, err = p.parse("\xff")
	require.Error(t, err)

	size := func() int {
		p.mu.Lock()
		defer p.mu.Unlock()
		return len(p.of)
	}
	require.Equal(t, 2, size())
	runtime.KeepAlive(b)
	require.Eventually(t, func() bool {
		runtime.GC()
		return size() == 1
	}, 5*time.Second, time.Millisecond)
	require.Equal(t, model.String("a"), a.Attr("app"))
	runtime.KeepAlive(a)
}
