package shred_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/oriel-obs/oriel/storage/shred"
)

// planOf returns the plan for lines that are all there is.
func planOf(lines ...string) *shred.Plan {
	p := shred.NewPlanner()
	for i, l := range lines {
		p.Look(l, int64(i))
	}
	return p.Plan()
}

// again cuts a line and puts it together from its columns' values. whole is
// true if it was not cut.
func again(t require.TestingT, p *shred.Plan, c *shred.Cutter, line string, at int64, hint int) (out string, template int, whole bool) {
	n := c.Cut(p, line, hint)
	if n < 0 {
		return line, n, true
	}
	tm := p.Templates[n]
	require.Len(t, c.Values, len(tm.Holes))
	fits := true
	b := tm.Fill(nil, func(dst []byte, hole int) []byte {
		v := line[c.Values[hole].Start:c.Values[hole].End]
		if tm.Holes[hole].Column == shred.Rest {
			return append(dst, v...)
		}
		col := &p.Columns[tm.Holes[hole].Column]
		switch {
		case col.Numeric():
			x, ok := col.ParseInt(v, at)
			if fits = fits && ok; ok {
				dst = col.AppendInt(dst, x, at)
			}
		case col.Width() > 0:
			x, ok := col.ParseFixed(nil, v)
			if fits = fits && ok; ok {
				require.Len(t, x, col.Width())
				dst = col.AppendFixed(dst, x)
			}
		default:
			fits = fits && col.TakesText(v)
			dst = append(dst, v...)
		}
		return dst
	})
	if !fits {
		return line, n, true
	}
	return string(b), n, false
}

func repeat(n int, line func(i int) string) (out []string) {
	for i := range n {
		out = append(out, line(i))
	}
	return out
}

func TestPlan(t *testing.T) {
	tests := []struct {
		name    string
		line    func(i int) string
		columns string // names and types
		whole   int    // lines that are not cut
	}{{
		name: "types of JSON values",
		line: func(i int) string {
			return fmt.Sprintf(`{"a":%d,"b":"x%d","c":%d.%02d,"d":true,"e":null}`, i, i, i, i%100)
		},
		columns: "json.a int, json.b (x#) int x_, json.c decimal.2, json.d text dict",
	}, {
		name:    "nested objects, blanks and line ends",
		line:    func(i int) string { return fmt.Sprintf("{ \"a\" : { \"b\":{}, \"c\" : [ %d, {\"x\":[]} ] } }\r\n", i) },
		columns: "json.a.c ([ #, {\"x\":[]} ]) int [ _, {\"x\":[]} ]",
	}, {
		name: "ids and times",
		line: func(i int) string {
			return fmt.Sprintf(`{"id":"%032x","uuid":"%08x-0000-4000-8000-%012x","at":"%s"}`, i*7919, i, i,
				time.Unix(int64(i), 1e6).UTC().Format("2006-01-02T15:04:05.000Z07:00"))
		},
		columns: "json.id hex16, json.uuid uuid, json.at time",
	}, {
		name:    "numbers with a unit or a name",
		line:    func(i int) string { return fmt.Sprintf(`took=%d.%03dms worker="w -%d" n=-%d`, i, i, i, i+1) },
		columns: "logfmt.took (#ms) decimal.3 _ms, logfmt.worker (w -#) int w -_, logfmt.n int",
	}, {
		name: "few distinct values",
		line: func(i int) string {
			return fmt.Sprintf(`level=%s status=%d msg="a \"b\" c" n=`, []string{"info", "warn"}[i%2], 200+i%3)
		},
		columns: "logfmt.level text dict, logfmt.status int dict, logfmt.msg text dict",
	}, {
		name: "one value in a hundred does not fit",
		line: func(i int) string {
			if i == 7 {
				return `{"a":1e3}`
			}
			return fmt.Sprintf(`{"a":%d}`, i)
		},
		columns: "json.a int",
		whole:   1,
	}, {
		name: "one in ten does not fit",
		line: func(i int) string {
			if i%10 == 7 {
				return fmt.Sprintf(`{"a":%de3}`, i)
			}
			return fmt.Sprintf(`{"a":%d}`, i)
		},
		columns: "json.a text",
	}, {
		name: "a rare key is not worth a column",
		line: func(i int) string {
			switch {
			case i == 7:
				return `{"a":7,"unique":1}`
			case i%100 == 0:
				return fmt.Sprintf(`{"a":%d,"rare":1,"b":{"rare":"x"}}`, i)
			}
			return fmt.Sprintf(`{"a":%d,"often":"%d"}`, i, i%10*5)
		},
		columns: "json.a int, json.often int dict",
		whole:   1,
	}, {
		name:    "keys twice",
		line:    func(i int) string { return fmt.Sprintf(`{"a":%d,"b":{"a":1},"a":2}`, i) },
		columns: "", whole: 1000,
	}, {
		name:    "the same key in two objects",
		line:    func(i int) string { return fmt.Sprintf(`{"a":{"k":%d},"b":{"k":%d},"k":""}`, i, i%2) },
		columns: "json.a.k int, json.b.k int dict, json.k text dict",
	}, {
		name:    "names that clash",
		line:    func(i int) string { return fmt.Sprintf(`{"a.b":%d,"a":{"b":%d}}`, i, i) },
		columns: "json.a.b int, json.a.b#2 int",
	}, {
		name:    "escapes in keys",
		line:    func(i int) string { return fmt.Sprintf(`{"a\n":%d}`, i) },
		columns: "", whole: 1000,
	}, {
		name:    "keys that are no UTF-8",
		line:    func(i int) string { return fmt.Sprintf("{\"\xff\":%d}", i) },
		columns: "", whole: 1000,
	}, {
		name:    "values that are no UTF-8",
		line:    func(i int) string { return fmt.Sprintf("{\"a\":\"\xff%d\"}", i) },
		columns: "json.a bytes",
	}, {
		name:    "text that is neither",
		line:    func(i int) string { return fmt.Sprintf("worker %d started a=b c=d", i) },
		columns: "", whole: 1000,
	}, {
		name:    "logfmt with a key twice",
		line:    func(i int) string { return fmt.Sprintf("a=%d b=2 a=3", i) },
		columns: "", whole: 1000,
	}, {
		name:    "logfmt with an invalid escape",
		line:    func(i int) string { return fmt.Sprintf(`a=%d b="\x"`, i) },
		columns: "", whole: 1000,
	}, {
		name:    "one pair is no logfmt",
		line:    func(i int) string { return fmt.Sprintf(`a=%d`, i) },
		columns: "", whole: 1000,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			lines := repeat(1000, tt.line)
			p := planOf(lines...)
			if tt.columns == "" {
				require.Nil(t, p)
				return
			}
			b, err := p.Encode()
			require.NoError(t, err)
			decoded, err := shred.Decode(b)
			require.NoError(t, err)
			require.Equal(t, p, decoded)

			var cols []string
			for i, name := range p.Names() {
				cols = append(cols, name+" "+describe(&p.Columns[i]))
			}
			require.Equal(t, tt.columns, strings.Join(cols, ", "))
			whole, hint := 0, -1
			c := new(shred.Cutter)
			for i, line := range lines {
				got, n, w := again(t, p, c, line, int64(i)*1e9, hint)
				require.Equal(t, line, got)
				if hint = n; w {
					whole++
				}
			}
			require.Equal(t, tt.whole, whole)
		})
	}
}

func describe(c *shred.Column) string {
	var s string
	switch c.Type {
	case shred.Text:
		if s = "text"; !c.UTF8 {
			s = "bytes"
		}
	case shred.Int:
		s = "int"
	case shred.Decimal:
		s = fmt.Sprintf("decimal.%d", c.Digits)
	case shred.Hex:
		s = fmt.Sprintf("hex%d", c.Size)
	case shred.UUID:
		s = "uuid"
	case shred.Time:
		s = "time"
	}
	if c.Prefix+c.Suffix != "" {
		s += fmt.Sprintf(" %s_%s", c.Prefix, c.Suffix)
	}
	if c.Dict {
		s += " dict"
	}
	return s
}

func TestNotStrictlyJSON(t *testing.T) {
	good := `{"a":1,"b":"x"}`
	for _, bad := range []string{
		`{"a":01,"b":"x"}`, `{"a":1,"b":"\x"}`, `{"a":1,"b":"x"} x`, `{"a":1,"b":"x"`, `{"a":1,,"b":"x"}`, `{"a":1,"b":"x",}`,
		`{"a":.1,"b":"x"}`, `{"a":1.,"b":"x"}`, `{"a":1e,"b":"x"}`, `{"a":-,"b":"x"}`, `{"a":1 "b":"x"}`, "{\"a\":1,\"b\":\"\n\"}",
		`{"a":[1,],"b":"x"}`, `{"a":[1 2],"b":"x"}`, `{"a":nul,"b":"x"}`, `{"a":tru,"b":"x"}`, `{"a":1,"b":"\u12g4"}`, `{a:1,"b":"x"}`,
		` {"a":1,"b":"x"}`, `{"a":1,"b":"x"}}`, `{"a":+1,"b":"x"}`, `{"a":[{]},"b":"x"}`, `{"a"1,"b":"x"}`, `{}`, `{"a":null}`, `[]`, `"a"`, `{`, `{"`,
		`{"a":{"b":1}`, strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40), `{"a":` + strings.Repeat(`[`, 40) + strings.Repeat("]", 40) + `}`,
	} {
		p := planOf(bad, bad, bad, bad, good, good, good, good)
		require.Len(t, p.Templates, 1, "%s", bad)
		require.Equal(t, -1, new(shred.Cutter).Cut(p, bad, 0), "%s", bad)
		require.Equal(t, 0, new(shred.Cutter).Cut(p, good, -1))
	}
}

func TestColumnsAndTemplatesAreBounded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	p := shred.NewPlanner()
	var keys []string
	for i := range 300 {
		keys = append(keys, fmt.Sprintf(`"k%03d":%d`, i, i))
	}
	long := "{" + strings.Join(keys, ",") + "}"
	for range 15_000 {
		n := rnd.IntN(3000)
		p.Look(fmt.Sprintf(`{"level":"info","r%d":1,"s%d":2}`, n, n/2), 0)
		p.Look(fmt.Sprintf(`{"id%d":1}`, rnd.Uint64()), 0)
		p.Look(fmt.Sprintf(`{"only%d":1}`, n%1000), 0)
		p.Look(long, 0)
	}
	plan := p.Plan()
	require.Len(t, plan.Columns, 128)
	require.LessOrEqual(t, len(plan.Templates), 1024)
	c := new(shred.Cutter)
	for line, rest := range map[string]int{long: 300 - 128, `{"level":"warn","r0":5,"s0":7}`: 2} {
		n := c.Cut(plan, line, -1)
		if n < 0 {
			continue
		}
		got := 0
		for _, h := range plan.Templates[n].Holes {
			if h.Column == shred.Rest {
				got++
			}
		}
		require.Equal(t, rest, got, "%s", line)
	}
	require.Negative(t, c.Cut(plan, `{"only1":1}`, -1), "a template without a column")
	require.GreaterOrEqual(t, c.Cut(plan, long, -1), 0)
}

var (
	someValue = rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "a", "info", "0", "-0", "1", "-17", "007", "1.50", "-0.00", "0.05", "1e9", "99999999999999999999", "123456789012345678", "true", "null", "[]",
			"0123456789abcdef", "0123456789ABCDEF", "00000000-0000-0000-0000-000000000000", "2026-02-29T00:00:00Z", "2024-02-29T23:59:59.123456789+05:30",
			`\"`, `\\`, `\u00e4`, `\ud800`, "ünï", "\xff", "a b", "a=b", `x"y`, "\t", "{}", `{"a":1}`,
		}),
		rapid.Map(rapid.Int64(), func(n int64) string { return fmt.Sprint(n) }),
		rapid.Map(rapid.Int64(), func(n int64) string { return time.Unix(0, n).UTC().Format("2006-01-02T15:04:05.000000Z07:00") }),
		rapid.Map(rapid.Uint64(), func(n uint64) string { return fmt.Sprintf("%016x", n) }),
		rapid.Map(rapid.Float64Range(-1e6, 1e6), func(x float64) string { return fmt.Sprintf("%.3f", x) }),
		rapid.StringN(0, 8, 16),
	)
	shapes = []string{
		`{"a":"%s","b":%s}`, `{"a":%s}`, `{"b":{"c":"%s"},"a":[%s]}`, `{"a": "%s" , "t":"%s"}` + "\n", "a=%s b=%s", `a="%s" b=%s`, `ts=%s  msg="%s"`, "%s %s", "%s",
	}
)

func someLines(t *rapid.T) (lines []string) {
	for range rapid.IntRange(1, 3).Draw(t, "shapes") {
		shape := rapid.SampledFrom(shapes).Draw(t, "shape")
		values := []string{someValue.Draw(t, "value"), someValue.Draw(t, "value"), someValue.Draw(t, "value")}
		for range rapid.IntRange(3, 12).Draw(t, "lines") {
			args := make([]any, strings.Count(shape, "%s"))
			for i := range args {
				args[i] = rapid.SampledFrom(values).Draw(t, "value")
			}
			lines = append(lines, fmt.Sprintf(shape, args...))
		}
	}
	return lines
}

func TestLinesComeBackAsTheyWere(t *testing.T) {
	cut := 0
	rapid.Check(t, func(t *rapid.T) {
		lines := someLines(t)
		p := planOf(lines...)
		if p == nil {
			return
		}
		c := new(shred.Cutter)
		for _, line := range append(someLines(t), lines...) {
			at := rapid.Int64().Draw(t, "time")
			hint := rapid.IntRange(-1, len(p.Templates)-1).Draw(t, "hint")
			got, n, whole := again(t, p, c, line, at, hint)
			require.Equal(t, line, got)
			require.Equal(t, c.Cut(p, line, -1), n, "the hint changed the template")
			if !whole {
				cut++
			}
		}
	})
	require.Greater(t, cut, 100)
}

func TestWaysFindJustTheLinesWithTheNeedle(t *testing.T) {
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		lines := someLines(t)
		p := planOf(lines...)
		if p == nil {
			return
		}
		c := new(shred.Cutter)
		line := rapid.SampledFrom(lines).Draw(t, "line")
		from := rapid.IntRange(0, len(line)).Draw(t, "from")
		needle := line[from:rapid.IntRange(from, len(line)).Draw(t, "to")]
		for _, line := range lines {
			n := c.Cut(p, line, -1)
			if n < 0 {
				continue
			}
			ways, ok := p.Templates[n].Ways(needle)
			require.True(t, ok || len(ways) > 256)
			got := false
			for _, way := range ways {
				all := true
				for _, clue := range way {
					v := line[c.Values[clue.Hole].Start:c.Values[clue.Hole].End]
					all = all && clue.Holds(v)
					if p.Templates[n].Holes[clue.Hole].Column == shred.Rest {
						continue
					}
					if col := &p.Columns[p.Templates[n].Holes[clue.Hole].Column]; clue.Holds(v) && !col.Possible(clue.Text) {
						_, fits := col.ParseInt(v, 0)
						_, fits2 := col.ParseFixed(nil, v)
						require.False(t, col.Numeric() && fits || col.Width() > 0 && fits2, "%q in %q", clue.Text, v)
					}
				}
				got = got || all
			}
			if ok {
				require.Equal(t, strings.Contains(line, needle), got, "%q in %q", needle, line)
			}
			if got {
				found++
			}
		}
	})
	require.Greater(t, found, 100)
}

func FuzzCut(f *testing.F) {
	f.Add(`{"a":1,"b":"x"}`, `{"a":2,"b":"y"}`, `a":1`, int64(1))
	f.Add(`a=1 b="c d"`, `a= b=""`, `=1`, int64(-1))
	f.Add(`{"t":"2024-02-29T23:59:59.1Z","d":-0.05,"u":"00000000-0000-0000-0000-000000000000"}`, "", "", int64(0))
	f.Fuzz(func(t *testing.T, line, other, needle string, at int64) {
		p := planOf(line, line, line, line, other, other, other, other)
		if p == nil {
			return
		}
		c := new(shred.Cutter)
		for hint := -1; hint < len(p.Templates); hint++ {
			for _, l := range []string{line, other, needle} {
				got, n, _ := again(t, p, c, l, at, hint)
				require.Equal(t, l, got)
				if n < 0 {
					continue
				}
				ways, ok := p.Templates[n].Ways(needle)
				has := false
				for _, way := range ways {
					all := true
					for _, clue := range way {
						all = all && clue.Holds(l[c.Values[clue.Hole].Start:c.Values[clue.Hole].End])
					}
					has = has || all
				}
				if ok {
					require.Equal(t, strings.Contains(l, needle), has)
				}
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	b, err := planOf(repeat(10, func(i int) string { return fmt.Sprintf(`{"a":%d,"b":"%032x"}`, i, i) })...).Encode()
	require.NoError(f, err)
	f.Add(b)
	f.Add([]byte(`{"columns":[{"format":1,"path":["a"],"type":6,"layout":{"separator":"T"}}],"templates":[{"literals":["x",""],"holes":[{"kind":2}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := shred.Decode(b)
		if err != nil {
			return
		}
		again(t, p, new(shred.Cutter), string(b), 0, len(p.Templates)-1)
		for _, tm := range p.Templates {
			tm.Ways("a b")
			tm.Fill(nil, func(dst []byte, hole int) []byte {
				if tm.Holes[hole].Column == shred.Rest {
					return dst
				}
				c := &p.Columns[tm.Holes[hole].Column]
				if c.Numeric() {
					return c.AppendInt(dst, -1<<63, 1<<62)
				}
				return c.AppendFixed(dst, make([]byte, max(c.Width(), 1)))
			})
		}
		require.Len(t, p.Names(), len(p.Columns))
	})
}

func benchLines(n int) (lines []string, size int64) {
	rnd := rand.New(rand.NewPCG(1, 1))
	for range n {
		line := fmt.Sprintf(`{"level":%q,"msg":"request completed","method":"GET","path":"/api/v1/orders/%d","status":200,"duration_ms":%.2f,"customer":"c-%d","trace_id":"%016x%016x","request_id":"%08x-0000-4000-a000-%012x"}`,
			[]string{"info", "warn"}[rnd.IntN(2)], rnd.IntN(100000), rnd.ExpFloat64()*40, rnd.IntN(1000), rnd.Uint64(), rnd.Uint64(), rnd.Uint32(), rnd.Uint64()&0xffffffffffff)
		lines = append(lines, line)
		size += int64(len(line))
	}
	return lines, size
}

func BenchmarkCut(b *testing.B) {
	lines, size := benchLines(4096)
	p := planOf(lines...)
	for _, hint := range []int{-1, 0} {
		b.Run(fmt.Sprintf("hint=%d", hint), func(b *testing.B) {
			c := new(shred.Cutter)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, l := range lines {
					if c.Cut(p, l, hint) < 0 {
						b.Fatal(l)
					}
				}
			}
		})
	}
}

func BenchmarkPlan(b *testing.B) {
	lines, size := benchLines(1 << 15)
	b.SetBytes(size)
	for b.Loop() {
		planOf(lines...)
	}
}
