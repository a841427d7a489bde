package sampling

import "github.com/oriel-obs/oriel/model"

// rules says which rows of one batch are kept whatever their trace.
type rules struct {
	cfg     *Config
	b       *model.Batch
	streams []bool // those whose resource has one of the attributes
	columns []wanted
}

// A wanted is a column and the value that a row is kept for.
type wanted struct {
	cursor model.Cursor
	value  string
}

func (s *Sampler) rules(b *model.Batch) *rules {
	r := &rules{cfg: &s.cfg, b: b, streams: make([]bool, len(b.Streams))}
	for _, a := range s.cfg.Attributes {
		for i, st := range b.Streams {
			v := st.Attr(a.Key)
			r.streams[i] = r.streams[i] || !v.IsNone() && v.Text() == a.Value
		}
		for _, c := range b.Attrs {
			if c.Key == a.Key {
				r.columns = append(r.columns, wanted{c.Cursor(), a.Value})
			}
		}
	}
	return r
}

// match reports whether row i is kept by rule. i never decreases.
func (r *rules) match(i int) bool {
	s := r.b.Spans
	if r.cfg.Errors && s.Status[i] == model.StatusError || r.streams[r.b.StreamOf[i]] {
		return true
	}
	if t := r.cfg.SlowerThan; t > 0 && s.Duration[i] > int64(t) {
		return true
	}
	if t := r.cfg.RootSlowerThan; t > 0 && s.ParentID[i].IsZero() && s.Duration[i] > int64(t) {
		return true
	}
	for j := range r.columns {
		if v := r.columns[j].cursor.At(i); !v.IsNone() && v.Text() == r.columns[j].value {
			return true
		}
	}
	return false
}
