package event

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestAPredicateIsSimplifiedForRowsWithoutAttributes(t *testing.T) {
	is := func(p storage.Place, key string) storage.Predicate {
		return storage.Compare{Field: storage.Field{Place: p, Key: key}, Op: storage.Eq, Value: model.String("v")}
	}
	gone, kept, label, field := is(storage.Attr, "gone"), is(storage.Attr, "kept"), is(storage.Stream, "gone"), is(storage.JSON, "gone")
	tests := []struct {
		name string
		p    storage.Predicate
		want storage.Predicate
	}{
		{"what is absent keeps no row", gone, storage.Or{}},
		{"whatever the operator", storage.Compare{Field: storage.Field{Place: storage.Attr, Key: "gone"}, Op: storage.Ne, Value: model.Int(1)}, storage.Or{}},
		{"its negation keeps all", storage.Not{P: storage.Exists{Field: storage.Field{Place: storage.Attr, Key: "gone"}}}, storage.And{}},
		{"other attributes stay", kept, kept},
		{"other places of that key stay", storage.Or{label, gone, field}, storage.Or{label, field}},
		{"one alternative is left", storage.Or{gone, field}, field},
		{"one condition is left", storage.And{storage.Not{P: gone}, kept}, kept},
		{"a condition that cannot hold", storage.And{kept, gone}, storage.Or{}},
		{"an alternative that always holds", storage.Or{kept, storage.Not{P: gone}}, storage.And{}},
		{"not of what stays", storage.Not{P: storage.Or{gone, kept}}, storage.Not{P: kept}},
		{
			"where a label may come from",
			storage.And{label, storage.Or{gone, storage.And{storage.Or{storage.Not{P: storage.Exists{Field: storage.Field{Place: storage.Attr, Key: "gone"}}}, gone}, field}}},
			storage.And{label, field},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, without(tt.p, []storage.Field{{Place: storage.Attr, Key: "gone"}}))
		})
	}
}
