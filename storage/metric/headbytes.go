package metric

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
)

// A headSample estimates what a series takes in the head: the bytes of its
// chunks and of its labels, as the mean of a few series of each metric. To
// read all would take longer than people wait.
type headSample struct {
	mu     sync.Mutex
	mean   map[string]float64 // bytes of a series, by metric
	others float64            // of metrics that were not looked at
	at     time.Time
}

const (
	headSampleAge    = time.Minute
	headSampleSeries = 8_000 // looked at, of all metrics together
	headSamplePer    = 8     // of one
)

// means returns the bytes of a series of every metric of the census, and of
// others.
func (h *headSample) means(ctx context.Context, head *tsdb.Head, all []headcount) (map[string]float64, float64, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.mean != nil && time.Since(h.at) < headSampleAge {
		return h.mean, h.others, nil
	}
	r, err := openHead(head)
	if err != nil {
		return nil, 0, err
	}
	defer r.close()
	per := min(max(headSampleSeries/max(len(all), 1), 1), headSamplePer)
	mean := make(map[string]float64, len(all))
	var bytes, series float64
	for _, x := range all[:min(len(all), headSampleSeries)] {
		b, n, err := r.sample(ctx, x.name, per)
		if err != nil {
			return nil, 0, fmt.Errorf("look at series of %q: %w", x.name, err)
		}
		if n > 0 {
			mean[x.name] = b / n
			bytes, series = bytes+b, series+n
		}
	}
	h.mean, h.others, h.at = mean, bytes/max(series, 1), time.Now()
	return h.mean, h.others, nil
}

// A headReader reads series and chunks of the head.
type headReader struct {
	index   tsdb.IndexReader
	chunks  tsdb.ChunkReader
	builder labels.ScratchBuilder
	metas   []chunks.Meta
}

func openHead(h *tsdb.Head) (*headReader, error) {
	ir, err := h.Index()
	if err != nil {
		return nil, fmt.Errorf("open index of the head: %w", err)
	}
	cr, err := h.Chunks()
	if err != nil {
		return nil, fmt.Errorf("open chunks of the head: %w", err)
	}
	return &headReader{index: ir, chunks: cr}, nil
}

func (r *headReader) close() {
	_ = r.index.Close() // read only
	_ = r.chunks.Close()
}

// sample returns the bytes of about n series of a metric, spread over all of
// them, and how many they are.
func (r *headReader) sample(ctx context.Context, name string, n int) (bytes, series float64, err error) {
	p, err := r.index.Postings(ctx, model.MetricNameLabel, name)
	if err != nil {
		return 0, 0, err
	}
	refs, err := index.ExpandPostings(p)
	if err != nil {
		return 0, 0, err
	}
	for i := 0; i < len(refs); i += max(len(refs)/n, 1) {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		b, err := r.bytesOf(refs[i])
		if err != nil {
			continue // it has left the head meanwhile
		}
		bytes, series = bytes+b, series+1
	}
	return bytes, series, nil
}

func (r *headReader) bytesOf(ref promstorage.SeriesRef) (float64, error) {
	if err := r.index.Series(ref, &r.builder, &r.metas); err != nil {
		return 0, err
	}
	bytes := 0
	r.builder.Labels().Range(func(l labels.Label) { bytes += len(l.Name) + len(l.Value) })
	for _, m := range r.metas {
		c, err := r.chunk(m)
		if err != nil {
			return 0, err
		}
		bytes += len(c.Bytes())
	}
	return float64(bytes), nil
}

// chunk copies the chunk that is still written to.
func (r *headReader) chunk(m chunks.Meta) (chunkenc.Chunk, error) {
	if cr, ok := r.chunks.(tsdb.ChunkReaderWithCopy); ok {
		c, _, _, err := cr.ChunkOrIterableWithCopy(m)
		return c, err
	}
	c, _, err := r.chunks.ChunkOrIterable(m)
	return c, err
}
