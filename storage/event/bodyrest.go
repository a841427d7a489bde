package event

import (
	"fmt"

	"github.com/oriel-obs/oriel/storage/shred"
)

// restValues returns the column of the values of keys that have no column of
// their own: a text for each row with such keys.
func (b *block) restValues() (*bodyValues, error) {
	s := b.shredded
	if s.rest == nil {
		v := &bodyValues{}
		if err := b.readTexts(colValues, v); err != nil {
			return nil, err
		}
		s.rest = v
	}
	return s.rest, nil
}

// A restReader reads the values of a row one after the other.
type restReader struct {
	open bool
	r    reader
}

func (r *restReader) next(b *block, row uint32) (text string, err error) {
	if !r.open {
		v, err := b.restValues()
		if err != nil {
			return "", err
		}
		if i := v.at[row]; i != absent {
			r.r.rest = v.text(int(i))
		}
		r.open = true
	}
	text = r.r.bytes(r.r.uvarint())
	if r.r.err != nil {
		return "", fmt.Errorf("granule %d: column %q, row %d: %w", b.number, colValues, row, r.r.err)
	}
	return text, nil
}

// textAt returns the value of a hole without a column in a line of t.
func (b *block) textAt(row uint32, t *shred.Template, hole int) (text string, err error) {
	var r restReader
	for i := range hole + 1 {
		if t.Holes[i].Column != shred.Rest {
			continue
		}
		if text, err = r.next(b, row); err != nil {
			return "", err
		}
	}
	return text, nil
}
