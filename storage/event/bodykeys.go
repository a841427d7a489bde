package event

import (
	"context"
	"sync"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// bodyKeys notes the labels that a parser makes of bodies. Of shredded ones
// the template tells; the others are parsed.
func (s *Store) bodyKeys(ctx context.Context, t *table, r storage.KeysRequest, keys keyNotes) error {
	snap := t.snapshot()
	defer snap.release()
	g := &aggregation{
		scanner: scanner{
			t: t, sc: storage.Scan{Signal: r.Signal, Range: r.Range, Where: r.Where}, filter: newFilter(r.Where), gate: s.gateFor(ctx),
		},
		a: storage.Aggregate{Signal: r.Signal, Range: r.Range},
	}
	if err := g.plan(ctx, snap); err != nil {
		return err
	}
	k := &bodyKeys{place: r.Place, rows: map[string]int64{}}
	counters := make([]counter, g.gate.room())
	tasks := make([]task, len(g.units))
	for i, u := range g.units {
		tasks[i] = func(worker int) error {
			if u.part != nil {
				u.part.enter()
				defer u.part.leave()
			}
			rows, err := g.unitKeys(u, &counters[worker], k.place)
			if err != nil {
				return g.t.corrupt(u.part, err)
			}
			k.add(rows)
			return nil
		}
	}
	if err := sweep(ctx, g.gate, tasks); err != nil {
		return err
	}
	for label, rows := range k.rows {
		n := keys.of(label)
		n.kinds, n.rows = 1<<model.KindString, rows
	}
	return nil
}

type bodyKeys struct {
	place storage.Place

	mu   sync.Mutex // guards what follows
	rows map[string]int64
}

func (k *bodyKeys) add(rows map[string]int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for label, n := range rows {
		k.rows[label] += n
	}
}

// unitKeys returns how many of the rows wanted of u have each label.
func (g *aggregation) unitKeys(u unit, c *counter, place storage.Place) (map[string]int64, error) {
	b, err := g.openEmpty(u)
	if err != nil {
		return nil, err
	}
	inRange, _ := g.fits(u)
	if err := c.selectRows(g, b, u, inRange); err != nil || len(c.rows) == 0 {
		return nil, err
	}
	s, err := b.openBodies()
	if err != nil {
		return nil, err
	}
	labels := labelCount{place: place, rows: map[string]int64{}}
	open := c.rows // to be parsed
	if s != nil {
		of := make([]int64, len(s.Templates))
		open = sift(open, func(row uint32) bool {
			t := s.template[row]
			if t == whole || !tells(s.Templates[t], place) {
				return true
			}
			of[t]++
			return false
		})
		for t, rows := range of {
			if rows > 0 {
				line, _ := probe(s.Templates[t], 1)
				labels.line(line, rows)
			}
		}
		if err := b.build(open); err != nil {
			return nil, err
		}
	}
	for _, row := range open {
		labels.line(b.batch.Body[row], 1)
	}
	return labels.rows, nil
}

// tells reports whether all lines of t have the same labels, as those of its
// own format do.
func tells(t *shred.Template, place storage.Place) bool {
	return place == storage.JSON || t.Format() == shred.Logfmt
}

// A labelCount counts lines by the labels they have.
type labelCount struct {
	place  storage.Place
	parser storage.BodyParser
	rows   map[string]int64
	seen   map[string]bool // of one line
}

func (l *labelCount) line(text string, rows int64) {
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	clear(l.seen)
	l.parser.EachKey(text, l.place, func(label string) {
		if !l.seen[label] {
			l.seen[label] = true
			l.rows[label] += rows
		}
	})
}
