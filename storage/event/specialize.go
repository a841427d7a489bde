package event

import (
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/storage"
)

// filterOf returns what is left of the scan's filter for rows of p: a predicate
// names every place that a value may be in, of which a part has few, and what
// is left is often about one column.
func (x *scanner) filterOf(p *part) *filter {
	absent := slices.DeleteFunc(slices.Clone(x.filter.attrs), p.hasAttr)
	if len(absent) == 0 {
		return x.filter
	}
	id := strings.Join(absent, "\x00")
	if x.special[id] == nil {
		if x.special == nil {
			x.special = map[string]*filter{}
		}
		x.special[id] = newFilter(without(x.filter.where, absent))
	}
	return x.special[id]
}

// hasAttr reports whether some row of p has the attribute.
func (p *part) hasAttr(key string) bool {
	return slices.ContainsFunc(p.meta.Keys, func(k keyMeta) bool { return k.Place == storage.Attr && k.Key == key })
}

// attrsOf returns the keys of rows' attributes that where names, sorted.
func attrsOf(where storage.Predicate) (keys []string) {
	fields(where, func(f storage.Field) {
		if f.Place == storage.Attr && !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	})
	slices.Sort(keys)
	return keys
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

// without simplifies p for rows that have none of the attributes.
func without(p storage.Predicate, absent []string) storage.Predicate {
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
	if f := fieldOf(p); f.Place == storage.Attr && slices.Contains(absent, f.Key) {
		return keepsNone
	}
	return p
}
