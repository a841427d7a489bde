package lokiapi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLinesOfOneShapeMakeOnePattern(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  []string
	}{
		{"numbers vary", []string{"took 5 ms", "took 17 ms"}, []string{"took <_> ms"}},
		{"words vary", []string{"user bob logged in", "user ann logged in"}, []string{"user <_> logged in"}},
		{"values of a key vary", []string{"level=info path=/a", "level=info path=/b"}, []string{"level=info path=<_>"}},
		{"different lines stay apart", []string{"started", "cache miss for key", "connection refused by peer"}, []string{"started", "cache miss for key", "connection refused by peer"}},
		{"neighbours join", []string{"a b c 1 2", "a b c 3 4"}, []string{"a b c <_>"}},
		{"an empty line is a shape", []string{"", ""}, []string{""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := newClusterer()
			for i, l := range tt.lines {
				c.add(l, int64(i))
			}
			var got []string
			for _, cl := range c.all {
				got = append(got, cl.String())
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestClustersAreBounded(t *testing.T) {
	c := newClusterer()
	for i := range 3 * maxClusters {
		c.add(strings.Repeat(fmt.Sprintf("%c%c ", 'a'+i%26, 'a'+i/26%26), 1+i/600), 0)
	}
	require.LessOrEqual(t, len(c.all), maxClusters)
	c = newClusterer()
	c.add(strings.Repeat("w ", 10_000), 0)
	require.Len(t, c.all[0].words, maxWords+1)
}

func FuzzCluster(f *testing.F) {
	f.Add("took 5 ms", "took 6 ms")
	f.Add("a=b c", "a=d e")
	f.Fuzz(func(t *testing.T, a, b string) {
		c := newClusterer()
		c.add(a, 1)
		c.add(b, 2)
		c.add(a, 3)
		n := int64(0)
		for _, cl := range c.all {
			require.NotContains(t, cl.String(), variable+" "+variable)
			for _, k := range cl.times {
				n += k
			}
		}
		require.Equal(t, int64(3), n)
	})
}
