// Package tracearchive keeps traces that somebody asked for, beyond the
// retention of spans: a copy of each, in the state database, until it is
// deleted.
package tracearchive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/traceql"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/state"
)

// A Config is section trace_archive of the configuration.
type Config struct {
	MaxBytes int64 `yaml:"max_bytes"` // of all copies, compressed; 0 means that there is no archive
}

// DefaultConfig has room for some ten thousand ordinary traces.
func DefaultConfig() Config { return Config{MaxBytes: 256 << 20} }

// Validate names what is wrong, with its key.
func (c Config) Validate() error {
	if c.MaxBytes < 0 {
		return fmt.Errorf("max_bytes: %d is negative", c.MaxBytes)
	}
	return nil
}

// maxTrace bounds what a copy may decompress to, and be before it is
// compressed: a trace of 100,000 spans takes some 50 MiB.
const maxTrace = 256 << 20

// Options are what an Archive is made of. All are required.
type Options struct {
	State  *state.DB
	Traces *traceql.Engine                             // finds spans, whoever asks: a copy is of the whole trace
	View   func(query.EventSource) query.EventSource   // a source as whoever asks sees it
	Decode func(protobuf []byte) (*model.Batch, error) // reads OTLP
	Config Config
}

// An Archive is the traces that are kept. It is safe for concurrent use.
type Archive struct {
	opts Options
	pack func() *zstd.Encoder

	// Held for writing by what forgets spans, and for reading from when spans are
	// read until they are copied: what was forgotten is not copied afterwards.
	forgetting sync.RWMutex
}

// New returns an Archive.
func New(opts Options) *Archive {
	return &Archive{opts: opts, pack: sync.OnceValue(func() *zstd.Encoder {
		e, _ := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1)) // fails with other options only
		return e
	})}
}

// Keep copies the trace with an id, or copies it anew if there are more spans
// of it now. A trace that is nowhere is fault.ErrNotFound; one that the archive
// has no room for, fault.ErrTooLarge. Whether the one who asks may see the
// trace is for the caller to know.
func (a *Archive) Keep(ctx context.Context, id model.TraceID) error {
	a.forgetting.RLock()
	defer a.forgetting.RUnlock()
	t, err := a.opts.Traces.Trace(ctx, id, model.AllTime())
	if errors.Is(err, fault.ErrNotFound) {
		_, err = a.opts.State.ArchivedTrace(ctx, id)
		return err
	}
	if err != nil {
		return err
	}
	copied, err := a.copyOf(id, t)
	if err != nil {
		return err
	}
	err = a.opts.State.ArchiveTrace(ctx, copied, a.opts.Config.MaxBytes)
	if errors.Is(err, fault.ErrTooLarge) {
		return fmt.Errorf("%w; delete some, or raise trace_archive.max_bytes", err)
	}
	return err
}

func (a *Archive) copyOf(id model.TraceID, t *traceql.Trace) (state.ArchivedTrace, error) {
	raw, err := proto.Marshal(t.OTLP())
	if err != nil {
		return state.ArchivedTrace{}, fmt.Errorf("encode trace: %w", err)
	}
	if len(raw) > maxTrace {
		return state.ArchivedTrace{}, fmt.Errorf("trace %v takes %d bytes; the archive takes traces of up to %d: %w", id, len(raw), maxTrace, fault.ErrTooLarge)
	}
	streams := make([]*model.Stream, len(t.Spans))
	for i, s := range t.Spans {
		streams[i] = s.Stream
	}
	return state.ArchivedTrace{ID: id, Spans: len(t.Spans), Data: a.pack().EncodeAll(raw, nil), Tenants: tenantsOf(streams)}, nil
}

// tenantsOf returns whose streams these are.
func tenantsOf(streams []*model.Stream) []string {
	names := []string{}
	for _, s := range streams {
		name := ""
		for _, attr := range s.Attrs {
			if attr.Key == auth.TenantLabel {
				name = attr.Value.Str()
			}
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Tenants returns those whose spans are in copies, the default one being "". It
// reads those copies that an older version has made, once.
func (a *Archive) Tenants(ctx context.Context) ([]string, error) {
	a.forgetting.RLock() // what is read is what there is
	defer a.forgetting.RUnlock()
	names, unknown, err := a.opts.State.TenantsOfArchive(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range unknown {
		spans, err := a.spans(ctx, id)
		if errors.Is(err, fault.ErrNotFound) { // deleted meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		t := state.ArchivedTrace{ID: id, Tenants: tenantsOf(spans.Streams)}
		if err := a.opts.State.SetArchivedTenants(ctx, t); err != nil && !errors.Is(err, fault.ErrNotFound) {
			return nil, fmt.Errorf("note the tenants of archived trace %v: %w", model.TraceID(id), err)
		}
		names = append(names, t.Tenants...)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Trace returns what the one who asks sees of the copy of a trace that
// overlaps r, or fault.ErrNotFound.
func (a *Archive) Trace(ctx context.Context, id model.TraceID, r model.Range) (*traceql.Trace, error) {
	spans, err := a.spans(ctx, id)
	if err != nil {
		return nil, err
	}
	return traceql.NewEngine(a.opts.View(copied{spans}), query.Limits{}).Trace(ctx, id, r)
}

// spans returns all of a copy.
func (a *Archive) spans(ctx context.Context, id model.TraceID) (*model.Batch, error) {
	kept, err := a.opts.State.ArchivedTrace(ctx, id)
	if err != nil {
		return nil, err
	}
	unpack, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxTrace))
	if err != nil {
		return nil, err
	}
	defer unpack.Close()
	raw, err := unpack.DecodeAll(kept.Data, nil)
	if err != nil {
		return nil, fmt.Errorf("decompress archived trace %v: %w", id, err)
	}
	spans, err := a.opts.Decode(raw)
	if err != nil {
		return nil, fmt.Errorf("decode archived trace %v: %w", id, err)
	}
	return spans, nil
}

// Forget drops the spans that of selects from all copies, and copies of which
// nothing is left; with dry it counts them alone. It reads every copy. Spans that
// are to be gone for good are deleted where they come from first.
func (a *Archive) Forget(ctx context.Context, of storage.Predicate, dry bool) (spans int64, err error) {
	a.forgetting.Lock()
	defer a.forgetting.Unlock()
	ids, err := a.opts.State.ArchivedTraces(ctx)
	if err != nil {
		return 0, err
	}
	gone := storage.NewMatcher(of)
	for _, id := range ids {
		all, err := a.spans(ctx, id)
		if err != nil {
			return spans, err
		}
		var stay []int
		for i := range all.Len() {
			if !gone.Keep(all, i) {
				stay = append(stay, i)
			}
		}
		spans += int64(all.Len() - len(stay))
		if len(stay) == all.Len() || dry {
			continue
		}
		if err := a.leave(ctx, id, pick(all, stay)); err != nil && !errors.Is(err, fault.ErrNotFound) { // deleted meanwhile
			return spans, fmt.Errorf("forget spans of archived trace %v: %w", model.TraceID(id), err)
		}
	}
	return spans, nil
}

// leave makes a copy be of some spans alone.
func (a *Archive) leave(ctx context.Context, id model.TraceID, spans *model.Batch) error {
	if spans.Len() == 0 {
		return a.opts.State.DeleteArchivedTrace(ctx, id)
	}
	left, err := a.copyOf(id, traceql.Assemble(spans)[0])
	if err != nil {
		return err
	}
	return a.opts.State.ShrinkArchivedTrace(ctx, left)
}

// Delete drops the copy of a trace; one that is not there is
// fault.ErrNotFound.
func (a *Archive) Delete(ctx context.Context, id model.TraceID) error {
	return a.opts.State.DeleteArchivedTrace(ctx, id)
}
