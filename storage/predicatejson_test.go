package storage_test

import (
	"math"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func somePredicates() map[string]storage.Predicate {
	body, app := storage.Field{Place: storage.Body}, storage.Field{Place: storage.Stream, Key: "app"}
	compare := func(v model.Value) storage.Predicate { return storage.Compare{Field: app, Op: storage.Le, Value: v} }
	return map[string]storage.Predicate{
		"nothing": nil,
		"everything at once": storage.And{
			storage.Compare{Field: app, Op: storage.Eq, Value: model.String("x")},
			storage.Or{storage.Contains{Field: body, Needle: "Timeout", FoldCase: true}, storage.Match{Field: body, Regexp: regexp.MustCompile(`(?s:^a.*\d$)`)}},
			storage.Not{P: storage.Exists{Field: storage.Field{Place: storage.EventAttr, Key: "k"}}},
		},
		"empty and":         storage.And{},
		"empty or":          storage.Or{},
		"not of and":        storage.Not{P: storage.And{}},
		"bytes, not text":   storage.Contains{Field: storage.Field{Place: storage.Attr, Key: "\xff"}, Needle: "a\xfe\x00"},
		"path of a body":    storage.Exists{Field: storage.Field{Place: storage.JSONPath, Key: "a" + storage.PathSeparator + "[0]"}},
		"markup":            storage.Contains{Field: body, Needle: "<a>&\u2028"},
		"no value":          compare(model.Value{}),
		"least integer":     compare(model.Int(math.MinInt64)),
		"greatest integer":  compare(model.Int(math.MaxInt64)),
		"float":             compare(model.Float(0.1)),
		"negative zero":     compare(model.Float(math.Copysign(0, -1))),
		"infinity":          compare(model.Float(math.Inf(-1))),
		"boolean":           compare(model.Bool(true)),
		"bytes":             compare(model.Bytes("\x00\xff")),
		"array":             compare(model.Array(`["a",1]`)),
		"map":               compare(model.Map(`{"a":1}`)),
		"empty string":      compare(model.String("")),
		"empty regexp":      storage.Match{Field: body, Regexp: regexp.MustCompile("")},
		"greater than":      storage.Compare{Field: app, Op: storage.Ge, Value: model.Int(1)},
		"or of comparisons": storage.Or{compare(model.Int(1)), compare(model.String("1"))},
	}
}

func TestPredicateComesBackFromJSON(t *testing.T) {
	for name, p := range somePredicates() {
		t.Run(name, func(t *testing.T) {
			b, err := storage.EncodePredicate(p)
			require.NoError(t, err)
			got, err := storage.DecodePredicate(b)
			require.NoError(t, err)
			require.Equal(t, p, got, "%s", b)
		})
	}
}

func TestNaNComesBackFromJSON(t *testing.T) {
	b, err := storage.EncodePredicate(storage.Compare{Field: storage.Field{Place: storage.Duration}, Op: storage.Eq, Value: model.Float(math.NaN())})
	require.NoError(t, err)
	got, err := storage.DecodePredicate(b)
	require.NoError(t, err)
	require.True(t, math.IsNaN(got.(storage.Compare).Value.Float64()))
}

func TestPredicateJSONIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                          "none of and",
		`{"not":{}}`:                  "none of and",
		`{"and":[null]}`:              "null in a list",
		`{"exists":{"place":"nose"}}`: `unknown place "nose"`,
		`{"exists":{"place":""}}`:     `unknown place ""`,
		`{"compare":{"place":"body","op":"~","kind":"int","value":"1"}}`:  `unknown operator "~"`,
		`{"compare":{"place":"body","op":"=","kind":"int","value":"x"}}`:  "invalid syntax",
		`{"compare":{"place":"body","op":"=","kind":"tree","value":"x"}}`: `unknown kind of value "tree"`,
		`{"match":{"place":"body","regexp":"("}}`:                         "missing closing",
		`[]`: "cannot unmarshal",
	} {
		_, err := storage.DecodePredicate([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
	_, err := storage.EncodePredicate(storage.Not{})
	require.ErrorContains(t, err, "not of nothing")
}

// FuzzDecodePredicate looks that what is accepted means the same after another
// round.
func FuzzDecodePredicate(f *testing.F) {
	for _, p := range somePredicates() {
		b, err := storage.EncodePredicate(p)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := storage.DecodePredicate(b)
		if err != nil {
			return
		}
		again, err := storage.EncodePredicate(p)
		require.NoError(t, err)
		q, err := storage.DecodePredicate(again)
		require.NoError(t, err)
		third, err := storage.EncodePredicate(q)
		require.NoError(t, err)
		require.Equal(t, string(again), string(third))
	})
}
