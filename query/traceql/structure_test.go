package traceql_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query"
)

// A family is a trace by its parents: -1 of a root, -2 of an orphan.
type family struct {
	parents []int
	names   []string
}

func randomFamily(r *rand.Rand) family {
	f := family{}
	for i := range 1 + r.IntN(40) {
		p := r.IntN(i+3) - 2
		if p >= i {
			p = -1
		}
		f.parents = append(f.parents, p)
		f.names = append(f.names, oneOf(r, "a", "b", "c"))
	}
	return f
}

// placed reports whether a span hangs from a root.
func (f family) placed(i int) bool {
	for ; i >= 0; i = f.parents[i] {
		if f.parents[i] == -1 {
			return true
		}
	}
	return false
}

func (f family) above(up, down int) bool {
	for i := f.parents[down]; i >= 0; i = f.parents[i] {
		if i == up {
			return true
		}
	}
	return false
}

// related is the definition of what x OP y means.
func (f family) related(op string, x, y int) bool {
	if !f.placed(x) || !f.placed(y) {
		return false
	}
	switch op {
	case ">":
		return f.parents[y] == x
	case "<":
		return f.parents[x] == y
	case ">>":
		return f.above(x, y)
	case "<<":
		return f.above(y, x)
	}
	return x != y && f.parents[x] == f.parents[y]
}

// TestStructuralOperatorsKeepTheirDefinition compares with a search pair by
// pair.
func TestStructuralOperatorsKeepTheirDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for range 60 {
		f := randomFamily(r)
		var spans []model.Span
		for i, p := range f.parents {
			s := spanAt(1, uint64(i+1), 0, time.Duration(i)*time.Millisecond)
			s.Name = f.names[i]
			switch {
			case p >= 0:
				_, s.ParentID = numbered(1, uint64(p+1))
			case p == -2:
				_, s.ParentID = numbered(1, 9999)
			}
			spans = append(spans, s)
		}
		r.Shuffle(len(spans), func(i, j int) { spans[i], spans[j] = spans[j], spans[i] })
		store := storeOf(t, spans...)
		for _, op := range []string{">", "<", ">>", "<<", "~"} {
			var is, isNot, both []int
			for y := range f.parents {
				some := false
				for x := range f.parents {
					if f.names[x] == "a" && f.names[y] == "b" && f.related(op, x, y) {
						some = true
						both = append(both, x, y)
					}
				}
				switch {
				case some:
					is = append(is, y)
				case f.names[y] == "b":
					isNot = append(isNot, y)
				}
			}
			slices.Sort(both)
			require.Equal(t, is, matched(t, store, op), "%v %s", f, op)
			require.Equal(t, isNot, matched(t, store, "!"+op), "%v !%s", f, op)
			if op != ">>" && op != "<<" { // of these not all ancestors are kept
				require.Equal(t, slices.Compact(both), matched(t, store, "&"+op), "%v &%s", f, op)
			}
		}
	}
}

func matched(t *testing.T, src query.EventSource, op string) []int {
	t.Helper()
	var out []int
	for _, hit := range search(t, src, fmt.Sprintf(`{ name = "a" } %s { name = "b" }`, op)) {
		for _, s := range hit.Sets[0].Spans {
			out = append(out, int(s.ID[7])-1)
		}
	}
	slices.Sort(out)
	return out
}
