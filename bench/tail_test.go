package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLinesOfATailAreCounted(t *testing.T) {
	for frame, want := range map[string][2]int{
		`{"streams":[]}`: {0, 0},
		`{"streams":[{"stream":{"a":"[\"x\"]"},"values":[["1","{\"k\":[\"v\"]}"],["2","[\"dropped_count\":7"]]}]}`: {2, 0},
		`{"streams":[],"dropped_entries":[{"labels":{"a":"b"},"timestamp":"1"}],"dropped_count":1234}`:             {0, 1234},
		`{"streams":[{"stream":{},"values":[["1","x",{"structuredMetadata":{"a":"b"}}]]}],"dropped_count":5}`:      {1, 5},
	} {
		shown, dropped := countFrame([]byte(frame))
		require.Equal(t, want, [2]int{shown, dropped}, frame)
	}
}

func TestTailsMissWhatIsNeitherShownNorToldOf(t *testing.T) {
	o := &options{streams: 5, mix: []string{"json", "text"}, tails: 3}
	tails := liveTails(o, []int{1, 2, 3, 4, 5})
	var want []int
	for _, lt := range tails {
		want = append(want, lt.want)
		lt.got.Store(int64(lt.want) - 1)
		lt.told.Store(1)
	}
	require.Equal(t, []int{1, 7, 5, 15, 15}, want)
	require.NoError(t, awaitTails(tails))
}
