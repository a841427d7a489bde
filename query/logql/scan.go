package logql

import (
	"context"

	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/storage"
)

// scanned is what a scan knows of a stream.
type scanned struct {
	labels []label
	group  *window // of a range aggregation whose series depend on the stream only
}

// A scanner takes records through a pipeline.
type scanner struct {
	engine  *Engine
	plan    *plan
	within  model.Range
	reverse bool
	limit   int // of records, 0 is none
	stats   *storage.Stats

	// byStream says that nothing but the stream and attributes make labels;
	// plain that records of the batch at hand have no attributes either, so
	// that the group of a stream is that of all its lines.
	byStream, plain bool

	// rows are those of a batch that are wanted, ascending; nil is all: a scan
	// yields no others, but a batch that just came in may have some.
	rows []uint32

	streams map[*model.Stream]*scanned
	columns []metadataColumn
	line    line
}

type metadataColumn struct {
	name   string
	values model.Cursor
}

// maxKnownStreams bounds the cache of streams, which begins anew when full.
const maxKnownStreams = 1 << 17

// run calls f with each line that the pipeline keeps, until f returns false
// or fails. The line is valid during the call.
func (s *scanner) run(ctx context.Context, f func(l *line, st *scanned) (bool, error)) error {
	if s.within.Empty() {
		return nil
	}
	s.streams = map[*model.Stream]*scanned{}
	var rows int64
	scan := storage.Scan{
		Signal: model.Logs, Range: s.within, Where: s.plan.where, Project: &s.plan.project,
		Reverse: s.reverse, Limit: s.limit, Stats: s.stats,
	}
	for b, err := range s.engine.src.Scan(ctx, scan) {
		if err != nil {
			return err
		}
		rows += int64(b.Len())
		if err := s.engine.tooManyRows(max(rows, s.stats.RowsScanned)); err != nil {
			return err
		}
		more, err := s.batch(ctx, b, f)
		if err != nil || !more {
			return err
		}
	}
	return ctx.Err()
}

// tooManyRows is the error over the limit of rows, or nil.
func (e *Engine) tooManyRows(rows int64) error {
	e.limits.Used(query.Usage{Rows: rows})
	if most := e.limits.MaxRows; most > 0 && rows > most {
		return limitErrorf("query looks at more than %d records; narrow it, or raise query.max_rows", most)
	}
	return nil
}

// linesPerCheck is how many lines go by between looks at the context, and whether
// others go first: stages may take long.
const linesPerCheck = 256

func (s *scanner) batch(ctx context.Context, b *model.Batch, f func(l *line, st *scanned) (bool, error)) (bool, error) {
	defer fair.Work(ctx)()
	s.columns = s.columns[:0]
	for _, c := range b.Attrs {
		if name := linefield.Label(c.Key); name != "" {
			s.columns = append(s.columns, metadataColumn{name, c.Cursor()})
		}
	}
	s.plain = s.byStream && len(s.columns) == 0
	l := &s.line
	n := b.Len()
	if s.rows != nil {
		n = len(s.rows)
	}
	for i := range n {
		if i%linesPerCheck == 0 {
			if fair.Pause(ctx); ctx.Err() != nil {
				return false, ctx.Err()
			}
		}
		if s.rows != nil {
			i = int(s.rows[i])
		}
		st := s.stream(b.Stream(i))
		text := ""
		if b.Body != nil {
			text = b.Body[i]
		}
		if s.plain && st.group != nil {
			l.time, l.text = b.Time[i], text
			if more, err := f(l, st); err != nil || !more {
				return false, err
			}
			continue
		}
		l.reset(b.Time[i], text, st.labels)
		for c := range s.columns {
			if v := s.columns[c].values.At(i); !v.IsNone() {
				if t := v.Text(); t != "" {
					l.addMetadata(s.columns[c].name, t)
				}
			}
		}
		if !s.pass(l) {
			continue
		}
		more, err := f(l, st)
		if err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

func (s *scanner) pass(l *line) bool {
	for _, p := range s.plan.stages {
		if !p.process(l) {
			return false
		}
	}
	return true
}

func (s *scanner) stream(st *model.Stream) *scanned {
	if known := s.streams[st]; known != nil {
		return known
	}
	if len(s.streams) >= maxKnownStreams {
		clear(s.streams)
	}
	known := &scanned{labels: make([]label, 0, len(st.Attrs))}
	for _, a := range st.Attrs {
		known.labels = append(known.labels, label{name: a.Key, value: a.Value.Text()})
	}
	s.streams[st] = known
	return known
}
