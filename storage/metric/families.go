package metric

import (
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/prometheus/model/metadata"
)

// Families is the type, help and unit of each metric family, the latest that
// came in, for /api/v1/metadata. tsdb could keep them with every series in its
// WAL; one table of families is far smaller, and holds what comes without a
// sample too. It is saved in families.json beside the blocks.
//
// Families is safe for concurrent use.
type Families struct {
	file    checkedFile
	max     int
	metrics *storeMetrics

	mu    sync.RWMutex
	byKey map[string]family
	dirty bool
}

type family struct {
	name string // the key again, to hand out instead of a caller's string
	meta metadata.Metadata
}

// maxHelpBytes cuts help texts that would not be read anyway.
const maxHelpBytes = 4 << 10

// Set remembers m for the family name. Both may be in memory the caller uses
// again; the name returned is not. Over Config.MaxFamilies, new names are
// dropped and counted.
func (f *Families) Set(name string, m metadata.Metadata) string {
	if len(m.Help) > maxHelpBytes {
		m.Help = strings.ToValidUTF8(m.Help[:maxHelpBytes], "")
	}
	f.mu.RLock()
	old, ok := f.byKey[name]
	f.mu.RUnlock()
	if ok && old.meta == m {
		return old.name
	}

	f.mu.Lock()
	defer f.mu.Unlock()
	if !ok {
		if len(f.byKey) >= f.max {
			f.metrics.familiesDropped.Inc()
			return ""
		}
		old.name = strings.Clone(name)
	}
	m.Help, m.Unit = strings.Clone(m.Help), strings.Clone(m.Unit)
	f.byKey[old.name] = family{old.name, m}
	f.dirty = true
	f.metrics.families.Set(float64(len(f.byKey)))
	return old.name
}

// Get returns the metadata of one family.
func (f *Families) Get(name string) (metadata.Metadata, bool) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	x, ok := f.byKey[name]
	return x.meta, ok
}

// All yields the families of the moment, sorted by name.
func (f *Families) All() iter.Seq2[string, metadata.Metadata] {
	return func(yield func(string, metadata.Metadata) bool) {
		f.mu.RLock()
		all := maps.Clone(f.byKey)
		f.mu.RUnlock()
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if !yield(name, all[name].meta) {
				return
			}
		}
	}
}

// openFamilies reads the table.
func openFamilies(cfg Config, log *slog.Logger, m *storeMetrics) (*Families, error) {
	f := &Families{
		file:    checkedFile{filepath.Join(cfg.Dir, "families.json"), "oriel-families-1 "},
		max:     cfg.MaxFamilies,
		metrics: m,
		byKey:   map[string]family{},
	}
	var all map[string]metadata.Metadata
	if err := f.file.load(&all, log); err != nil {
		return nil, fmt.Errorf("read metadata of metric families: %w", err)
	}
	for name, meta := range all {
		f.byKey[name] = family{name, meta}
	}
	m.families.Set(float64(len(f.byKey)))
	return f, nil
}

// save writes the table if it has changed: whole, or not at all.
func (f *Families) save() error {
	f.mu.Lock()
	if !f.dirty {
		f.mu.Unlock()
		return nil
	}
	all := make(map[string]metadata.Metadata, len(f.byKey))
	for name, x := range f.byKey {
		all[name] = x.meta
	}
	f.dirty = false
	f.mu.Unlock()

	if err := f.file.save(all); err != nil {
		f.mu.Lock()
		f.dirty = true
		f.mu.Unlock()
		return fmt.Errorf("save metadata of metric families: %w", err)
	}
	return nil
}
