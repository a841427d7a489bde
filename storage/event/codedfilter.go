package event

import (
	"slices"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// codedField returns the field of a predicate that is best evaluated on codes:
// it is about one field, and that has one value in a row, which is not likely
// to be another in every row.
func codedField(p storage.Predicate) (storage.Field, bool) {
	var of []storage.Field
	fields(p, func(f storage.Field) {
		if !slices.Contains(of, f) {
			of = append(of, f)
		}
	})
	if len(of) != 1 {
		return storage.Field{}, false
	}
	switch of[0].Place {
	case storage.Attr, storage.Kind, storage.Status, storage.StatusMessage:
		return of[0], true
	}
	return storage.Field{}, false
}

// narrowCoded returns the rows of sel that p, which is about f alone, keeps.
// Each value is looked at once.
func (b *block) narrowCoded(f storage.Field, p storage.Predicate, sel []uint32) ([]uint32, error) {
	codes, words, err := b.coded(f, sel)
	if err != nil {
		return nil, err
	}
	used := make([]bool, len(words))
	for _, row := range sel {
		used[codes[row]] = true
	}
	// The words are an attribute of as many rows, the first of which lacks it.
	const key = ""
	column := &model.Column{Key: key, Vals: words}
	values := &model.Batch{Attrs: []*model.Column{column}}
	m := storage.NewMatcher(aboutAttr(p, key))
	keep := make([]bool, len(words))
	for code := range words {
		keep[code] = used[code] && m.Keep(values, code)
	}
	return sift(sel, func(row uint32) bool { return keep[codes[row]] }), nil
}

// aboutAttr returns p, which is about one field, as a predicate about the
// attribute key.
func aboutAttr(p storage.Predicate, key string) storage.Predicate {
	attr := storage.Field{Place: storage.Attr, Key: key}
	several := func(ps []storage.Predicate) []storage.Predicate {
		out := make([]storage.Predicate, len(ps))
		for i, q := range ps {
			out[i] = aboutAttr(q, key)
		}
		return out
	}
	switch p := p.(type) {
	case storage.And:
		return storage.And(several(p))
	case storage.Or:
		return storage.Or(several(p))
	case storage.Not:
		return storage.Not{P: aboutAttr(p.P, key)}
	case storage.Compare:
		p.Field = attr
		return p
	case storage.Match:
		p.Field = attr
		return p
	case storage.Contains:
		p.Field = attr
		return p
	case storage.Exists:
		p.Field = attr
		return p
	}
	return p
}
