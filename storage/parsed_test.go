package storage_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestFieldsOfBodiesAreWhatParsersFind(t *testing.T) {
	path := func(elements ...string) string { return strings.Join(elements, storage.PathSeparator) }
	const object = `{"a":"x","a":"y","n":null,"o":{"p":[1,{"q":"z"}]},"b.c":2}`
	tests := []struct {
		name  string
		body  string
		place storage.Place
		key   string
		want  any // a text, or nil for nothing
	}{
		{"the first member of a name", object, storage.JSON, "a", "x"},
		{"a member by its label", object, storage.JSON, "b_c", "2"},
		{"a null is no label", object, storage.JSON, "n", nil},
		{"an object is no label", object, storage.JSON, "o", nil},
		{"an object has no error", object, storage.JSON, "", nil},
		{"what is no object has an error", `a=b`, storage.JSON, "", linefield.JSONError},
		{"a fault late in the text is an error", `{"a":1,`, storage.JSON, "", linefield.JSONError},
		{"members before a fault are there", `{"a":1,`, storage.JSON, "a", "1"},

		{"a path", object, storage.JSONPath, path("o", "p", "[1]", "q"), "z"},
		{"a path of one element", object, storage.JSONPath, "a", "x"},
		{"a path to an object", object, storage.JSONPath, path("o", "p"), `[1,{"q":"z"}]`},
		{"a path to null is there and empty", object, storage.JSONPath, "n", ""},
		{"a path to nowhere", object, storage.JSONPath, "x", nil},
		{"a path in a list", `["x"]`, storage.JSONPath, "[0]", "x"},
		{"a path in text that is refused", `a=b`, storage.JSONPath, "a", nil},
		{"a path is refused by the first byte", `a=b`, storage.JSONPath, "", linefield.JSONError},
		{"a path is refused by nothing else", `{"a":`, storage.JSONPath, "", nil},

		{"the first pair of a name", `a=1 a=2`, storage.Logfmt, "a", "1"},
		{"a pair without value is no label", `a= b`, storage.Logfmt, "a", nil},
		{"the last pair of a key", `a=1 a=2 a= a==`, storage.LogfmtKey, "a", "2"},
		{"a pair by its key as written", `a.b=1 a_b=2`, storage.LogfmtKey, "a.b", "1"},
		{"a key that is not there", `a=1`, storage.LogfmtKey, "b", nil},
		{"a key without a value", `a= b`, storage.LogfmtKey, "a", nil},
		{"no key has no pair", `=1 a=2`, storage.LogfmtKey, "", nil},
		{"logfmt has no errors", `a==`, storage.Logfmt, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bd := model.NewBuilder(model.Logs, 1)
			bd.Row(bd.Stream(&model.Stream{}), 0, tt.body)
			b, field := bd.Batch(), storage.Field{Place: tt.place, Key: tt.key}
			var got any
			for v := range storage.Values(b, 0, field) {
				require.Equal(t, model.KindString, v.Kind())
				got = v.Str()
			}
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.want != nil, storage.NewMatcher(storage.Exists{Field: field}).Keep(b, 0))
			tally := storage.NewTally(storage.Aggregate{Signal: model.Logs, Range: model.Range{End: 1}, By: []storage.Field{field}})
			require.NoError(t, tally.Add(b))
			require.Len(t, tally.Groups(), 1)
			require.Equal(t, tt.want != nil, !tally.Groups()[0].Key[0].IsNone())
		})
	}
}
