package metric

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
)

// A byteCount knows what each metric takes on disk. A block never changes, so
// each is read once in its life; what was found is kept in block_bytes.json
// beside the blocks.
type byteCount struct {
	db   *tsdb.DB
	log  *slog.Logger
	file checkedFile

	mu     sync.Mutex
	blocks map[string]map[string]int64 // by ULID, then metric
	disk   map[string]int64            // by metric, of all blocks; replaced, never changed
}

// bytesNames bounds the metrics of a block: the largest are kept.
const bytesNames = 10_000

func newByteCount(dir string, db *tsdb.DB, log *slog.Logger) *byteCount {
	b := &byteCount{
		db: db, log: log,
		file: checkedFile{filepath.Join(dir, "block_bytes.json"), "oriel-block-bytes-1 "},
	}
	if err := b.file.load(&b.blocks, log); err != nil {
		log.Warn("What metrics take on disk is counted anew", "err", err)
	}
	if b.blocks == nil {
		b.blocks = map[string]map[string]int64{}
	}
	b.add()
	return b
}

// onDisk returns the bytes of every metric in blocks, by name.
func (b *byteCount) onDisk() map[string]int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.disk
}

// refresh reads the blocks that are new, and forgets those that are gone.
func (b *byteCount) refresh(ctx context.Context) error {
	changed := false
	here := map[string]bool{}
	for _, block := range b.db.Blocks() {
		id := block.Meta().ULID.String()
		here[id] = true
		b.mu.Lock()
		_, known := b.blocks[id]
		b.mu.Unlock()
		if known {
			continue
		}
		names, err := bytesOfBlock(ctx, block)
		if errors.Is(err, tsdb.ErrClosing) {
			continue // compacted away meanwhile
		}
		if err != nil {
			return fmt.Errorf("count bytes of block %s: %w", id, err)
		}
		b.mu.Lock()
		b.blocks[id] = largest(names, bytesNames)
		b.mu.Unlock()
		changed = true
	}
	b.mu.Lock()
	for id := range b.blocks {
		if !here[id] {
			delete(b.blocks, id)
			changed = true
		}
	}
	b.mu.Unlock()
	if !changed {
		return nil
	}
	b.add()
	if err := b.file.save(b.blocks); err != nil { // only this goroutine changes it
		return fmt.Errorf("save bytes of blocks: %w", err)
	}
	return nil
}

// add sums the blocks up.
func (b *byteCount) add() {
	disk := map[string]int64{}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, names := range b.blocks {
		for name, n := range names {
			disk[name] += n
		}
	}
	b.disk = disk
}

// bytesOfBlock returns the bytes of each metric in a block: of its chunks,
// which lie one after the other in the order of the index, so that the start
// of one is the end of the one before; and of the index, by share of series.
func bytesOfBlock(ctx context.Context, block *tsdb.Block) (map[string]int64, error) {
	ir, err := block.Index()
	if err != nil {
		return nil, err
	}
	defer func() { _ = ir.Close() }() // read only
	key, value := index.AllPostingsKey()
	all, err := ir.Postings(ctx, key, value)
	if err != nil {
		return nil, err
	}

	bytes, series := map[string]int64{}, map[string]int64{}
	total := int64(0)
	var (
		builder labels.ScratchBuilder
		ls      labels.Labels
		metas   []chunks.Meta
		name    string
		open    openChunk // whose end is not known yet
	)
	for all.Next() {
		if total++; total%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err := ir.Series(all.At(), &builder, &metas); err != nil {
			return nil, err
		}
		builder.Overwrite(&ls) // used again for the next
		if n := ls.Get(model.MetricNameLabel); n != name {
			name = strings.Clone(n)
		}
		series[name]++
		for _, m := range metas {
			segment, at := chunks.BlockChunkRef(m.Ref).Unpack()
			if open.name != "" {
				end := int64(at)
				if segment != open.segment {
					end = segmentSize(block.Dir(), open.segment)
				}
				bytes[open.name] += max(end-open.at, 0)
			}
			open = openChunk{name, segment, int64(at)}
		}
	}
	if err := all.Err(); err != nil {
		return nil, err
	}
	if open.name != "" {
		bytes[open.name] += max(segmentSize(block.Dir(), open.segment)-open.at, 0)
	}
	if info, err := os.Stat(filepath.Join(block.Dir(), "index")); err == nil && total > 0 {
		for name, n := range series {
			bytes[name] += info.Size() * n / total
		}
	}
	return bytes, nil
}

type openChunk struct {
	name    string
	segment int
	at      int64
}

// segmentSize is the length of a file of chunks; 0 if it cannot be told, in
// which case its last chunk counts nothing.
func segmentSize(dir string, segment int) int64 {
	info, err := os.Stat(filepath.Join(dir, "chunks", fmt.Sprintf("%06d", segment+1)))
	if err != nil {
		return 0
	}
	return info.Size()
}

// largest keeps the n names with the largest numbers.
func largest(names map[string]int64, n int) map[string]int64 {
	if len(names) <= n {
		return names
	}
	keys := make([]string, 0, len(names))
	for name := range names {
		keys = append(keys, name)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(names[b], names[a]) })
	for _, name := range keys[n:] {
		delete(names, name)
	}
	return names
}
