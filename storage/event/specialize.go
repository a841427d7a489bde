package event

import (
	"slices"

	"github.com/oriel-obs/oriel/storage"
)

// filterOf returns what is left of the filter for rows of p: a predicate
// names every place that a value may be in, of which a part has few, and what
// is left is often about one column.
func (pl *planner) filterOf(p *part) (*filter, error) {
	t, err := p.streams()
	if err != nil {
		return nil, err
	}
	var absent []storage.Field
	id := ""
	for _, f := range pl.filter.keyed {
		if !p.has(t, f) {
			absent = append(absent, f)
			id += string(rune(f.Place)) + f.Key + "\x00"
		}
	}
	if len(absent) == 0 {
		return pl.filter, nil
	}
	if pl.special[id] == nil {
		if pl.special == nil {
			pl.special = map[string]*filter{}
		}
		pl.special[id] = newFilter(without(pl.filter.where, absent))
	}
	return pl.special[id], nil
}

// has reports whether some row of p, or some stream of its table t, may have
// the field.
func (p *part) has(t *streamTable, f storage.Field) bool {
	if f.Place == storage.Stream {
		return t.hasKey(f.Key)
	}
	return slices.ContainsFunc(p.meta.Keys, func(k keyMeta) bool { return k.Place == f.Place && k.Key == f.Key })
}

// keyedFields returns the fields of where that parts tell whether they have
// them, each once.
func keyedFields(where storage.Predicate) (of []storage.Field) {
	fields(where, func(f storage.Field) {
		switch f.Place {
		case storage.Attr, storage.EventAttr, storage.LinkAttr, storage.Stream:
			if !slices.Contains(of, f) {
				of = append(of, f)
			}
		}
	})
	return of
}

// What keeps all rows, and none.
var (
	keepsAll  = storage.And{}
	keepsNone = storage.Or{}
)

func isAll(p storage.Predicate) bool {
	and, ok := p.(storage.And)
	return ok && len(and) == 0
}

func isNone(p storage.Predicate) bool {
	or, ok := p.(storage.Or)
	return ok && len(or) == 0
}

// without simplifies p for rows that have none of the fields.
func without(p storage.Predicate, absent []storage.Field) storage.Predicate {
	switch p := p.(type) {
	case storage.And:
		var kept storage.And
		for _, q := range p {
			switch q = without(q, absent); {
			case isNone(q):
				return keepsNone
			case !isAll(q):
				kept = append(kept, q)
			}
		}
		if len(kept) == 1 {
			return kept[0]
		}
		return kept
	case storage.Or:
		var kept storage.Or
		for _, q := range p {
			switch q = without(q, absent); {
			case isAll(q):
				return keepsAll
			case !isNone(q):
				kept = append(kept, q)
			}
		}
		if len(kept) == 1 {
			return kept[0]
		}
		return kept
	case storage.Not:
		switch q := without(p.P, absent); {
		case isAll(q):
			return keepsNone
		case isNone(q):
			return keepsAll
		default:
			return storage.Not{P: q}
		}
	}
	if slices.Contains(absent, fieldOf(p)) {
		return keepsNone
	}
	return p
}
