package fulltext

import (
	"fmt"
	"sync"

	"github.com/bits-and-blooms/bitset"

	"github.com/oriel-obs/oriel/storage"
)

// An Index tells which granules of a part may hold the rows a predicate keeps.
type Index struct {
	bloom *bloom
	dict  File
	cache *Cache

	loading sync.Mutex // held while the dictionary is read, to read it once
}

// Open opens an index and verifies its dictionary; the bloom is verified as it
// is read. The files must stay open until Close.
func Open(bloom, dict File, cache *Cache) (*Index, error) {
	b, err := openBloom(bloom)
	if err != nil {
		return nil, fmt.Errorf("tokens.bloom: %w", err)
	}
	x := &Index{bloom: b, dict: dict, cache: cache}
	if _, err := x.dictionary(); err != nil {
		return nil, err
	}
	return x, nil
}

// Close gives back the memory the cache keeps for x. It does not close the
// files. No search may be under way.
func (x *Index) Close() { x.cache.remove(x) }

// Len returns the number of granules.
func (x *Index) Len() int { return x.bloom.granules }

// Granules returns the granules that may hold rows that p keeps, or all if p
// rules none out; candidates is nil then. An error wraps ErrCorrupt or is that
// of a File.
func (x *Index) Granules(p storage.Predicate) (candidates *bitset.BitSet, all bool, err error) {
	s := search{x: x, room: x.cache.takeRoom()}
	defer x.cache.putRoom(s.room)
	candidates, err = s.predicate(p)
	return candidates, candidates == nil && err == nil, err
}

// dictionary returns the dictionary, from the cache if it is there.
func (x *Index) dictionary() (*words, error) {
	if w := x.cache.get(x); w != nil {
		return w, nil
	}
	x.loading.Lock()
	defer x.loading.Unlock()
	if w := x.cache.get(x); w != nil {
		return w, nil
	}
	w, err := loadWords(x.dict)
	if err == nil && w.granules != x.bloom.granules {
		err = corrupt("words of %d granules; want %d", w.granules, x.bloom.granules)
	}
	if err != nil {
		return nil, fmt.Errorf("tokens.fst: %w", err)
	}
	x.cache.put(x, w)
	return w, nil
}
