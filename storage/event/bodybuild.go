package event

import (
	"fmt"

	"github.com/oriel-obs/oriel/storage/shred"
)

// build makes sure that the batch has the bodies of the rows of sel.
func (b *block) build(sel []uint32) error {
	s, err := b.openBodies()
	if err != nil || s == nil {
		return err
	}
	if s.built == nil {
		b.batch.Body, s.built = make([]string, b.rows), make([]bool, b.rows)
	} else {
		sel = sift(sel, func(row uint32) bool { return !s.built[row] })
	}
	texts, err := b.rebuilt(sel)
	for k, row := range sel {
		b.batch.Body[row], s.built[row] = texts[k], true
	}
	return err
}

// bodiesOf returns the bodies of the rows of sel.
func (b *block) bodiesOf(sel []uint32) ([]string, error) {
	if b.loaded.Body {
		return rowsOf(b.batch.Body, sel), nil
	}
	s, err := b.openShredded()
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return b.textsOf(colBody, sel)
	case s.built == nil:
		return b.rebuilt(sel)
	}
	err = b.build(sel)
	return rowsOf(b.batch.Body, sel), err
}

// rebuilt returns the bodies of the rows of sel of a granule whose bodies are
// shredded: put together, or read if they are whole.
func (b *block) rebuilt(sel []uint32) ([]string, error) {
	s := b.shredded
	out := make([]string, len(sel))
	uncut := sift(sel, func(row uint32) bool { return s.template[row] == whole })
	if len(uncut) > 0 {
		texts, err := b.textsOf(colBody, uncut)
		if err != nil {
			return out, err
		}
		k := 0
		for i, row := range uncut {
			for sel[k] != row {
				k++
			}
			out[k] = texts[i]
		}
	}
	arena, ends := make([]byte, 0, 256*(len(sel)-len(uncut))), make([]int, len(sel))
	for k, row := range sel {
		if s.template[row] != whole {
			var err error
			if arena, err = b.fill(arena, row); err != nil {
				return out, err
			}
		}
		ends[k] = len(arena)
	}
	all, start := stringOf(arena), 0
	for k, end := range ends {
		if end > start {
			out[k] = all[start:end]
		}
		start = end
	}
	return out, nil
}

// fill appends the body of a shredded row.
func (b *block) fill(dst []byte, row uint32) ([]byte, error) {
	t := b.shredded.Templates[b.shredded.template[row]]
	var failed error
	var rest restReader
	dst = t.Fill(dst, func(dst []byte, hole int) []byte {
		if t.Holes[hole].Column == shred.Rest {
			text, err := rest.next(b, row)
			if err != nil {
				failed = err
			}
			return append(dst, text...)
		}
		v, i, err := b.valueAt(row, t.Holes[hole].Column)
		if err != nil {
			failed = err
			return dst
		}
		return v.append(dst, i, b.timeAt(row))
	})
	return dst, failed
}

// valueAt returns where the value of a column is that a shredded row has.
func (b *block) valueAt(row uint32, column int) (*bodyValues, int32, error) {
	v, err := b.values(column)
	if err != nil {
		return nil, 0, err
	}
	i := v.at[row]
	if i == absent {
		return nil, 0, fmt.Errorf("granule %d: column %q lacks the value of row %d", b.number, b.shredded.names[column], row)
	}
	return v, i, nil
}

// timeAt returns the time of a row if columns that need it have been read.
func (b *block) timeAt(row uint32) int64 {
	if b.batch.Time == nil {
		return 0
	}
	return b.batch.Time[row]
}

// wholeRows returns the rows that are not shredded.
func (s *shredded) wholeRows() (rows []uint32) {
	for i, t := range s.template {
		if t == whole {
			rows = append(rows, uint32(i))
		}
	}
	return rows
}

// shreddedLengths returns the length of each body.
func (b *block) shreddedLengths() ([]int64, error) {
	s := b.shredded
	if err := b.build(s.wholeRows()); err != nil {
		return nil, err
	}
	fixed := make([]int64, len(s.Templates)) // of the literals
	for i, t := range s.Templates {
		for _, lit := range t.Literals {
			fixed[i] += int64(len(lit))
		}
	}
	out := make([]int64, b.rows)
	var scratch []byte
	for i, t := range s.template {
		if t == whole {
			out[i] = int64(len(b.batch.Body[i]))
			continue
		}
		out[i] = fixed[t]
		var rest restReader
		for _, h := range s.Templates[t].Holes {
			if h.Column == shred.Rest {
				text, err := rest.next(b, uint32(i))
				if err != nil {
					return nil, err
				}
				out[i] += int64(len(text))
				continue
			}
			v, at, err := b.valueAt(uint32(i), h.Column)
			if err != nil {
				return nil, err
			}
			scratch = v.append(scratch[:0], at, b.timeAt(uint32(i)))
			out[i] += int64(len(scratch))
		}
	}
	return out, nil
}
