package metric

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"iter"
	"log/slog"
	"maps"
	"os"
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
	path    string
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

// familiesMagic opens the file; a CRC-32C of what follows the line comes after
// it, in hexadecimal.
const familiesMagic = "oriel-families-1 "

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// openFamilies reads the table. A damaged file is put aside: it holds nothing
// that senders do not repeat.
func openFamilies(cfg Config, log *slog.Logger, m *storeMetrics) (*Families, error) {
	f := &Families{
		path:    filepath.Join(cfg.Dir, "families.json"),
		max:     cfg.MaxFamilies,
		metrics: m,
		byKey:   map[string]family{},
	}
	b, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read metadata of metric families: %w", err)
	}
	all, err := decodeFamilies(b)
	if err != nil {
		bad := f.path + ".damaged"
		log.Warn("Metadata of metric families is damaged and is put aside; senders will repeat it", "file", bad, "err", err)
		if err := os.Rename(f.path, bad); err != nil {
			return nil, fmt.Errorf("put damaged metadata aside: %w", err)
		}
		return f, nil
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

	if err := writeFamilies(f.path, all); err != nil {
		f.mu.Lock()
		f.dirty = true
		f.mu.Unlock()
		return fmt.Errorf("save metadata of metric families: %w", err)
	}
	return nil
}

func writeFamilies(path string, all map[string]metadata.Metadata) error {
	body, err := json.Marshal(all)
	if err != nil {
		return err
	}
	tmp := path + ".new"
	file, err := os.Create(tmp)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "%s%08x\n%s", familiesMagic, crc32.Checksum(body, castagnoli), body)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func decodeFamilies(b []byte) (map[string]metadata.Metadata, error) {
	head, body, ok := bytes.Cut(b, []byte("\n"))
	if !ok || !bytes.HasPrefix(head, []byte(familiesMagic)) {
		return nil, errors.New("not a families file")
	}
	if want := fmt.Sprintf("%s%08x", familiesMagic, crc32.Checksum(body, castagnoli)); want != string(head) {
		return nil, errors.New("checksum mismatch")
	}
	var all map[string]metadata.Metadata
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	return all, nil
}
