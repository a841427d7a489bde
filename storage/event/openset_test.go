package event

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestPartsNotUsedForLongestAreClosed(t *testing.T) {
	s, err := openTiny(vfs.NewMem())
	require.NoError(t, err)
	s.tables[0].opens = newOpenSet(1<<30, 2)
	rnd := rand.New(rand.NewPCG(1, 1))
	for i := range 6 {
		require.NoError(t, s.Append(t.Context(), batchOf(rnd, []string{fmt.Sprint("row-", i)})))
		require.NoError(t, s.Flush(t.Context()))
	}
	open := func() (n int) {
		for _, p := range s.tables[0].parts {
			p.mu.Lock()
			if p.columns != nil {
				n++
			}
			p.mu.Unlock()
		}
		return n
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 6 {
				n := 0
				for b, err := range s.Scan(t.Context(), storage.Scan{
					Signal: model.Logs, Range: model.AllTime(),
					Where: storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: fmt.Sprint("row-", i)},
				}) {
					if err != nil {
						t.Error(err)
						return
					}
					n += b.Len()
				}
				if n != 1 {
					t.Errorf("row %d found %d times", i, n)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2, open())
	require.NoError(t, s.Close())
	require.Zero(t, open())
	require.Zero(t, s.tables[0].opens.bytes)
}
