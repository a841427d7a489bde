package linefield

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

type pair struct{ label, value string }

func all(text string) (out []pair, err error) {
	var j JSON
	err = j.Each(text, nil, func(label, value string) bool {
		out = append(out, pair{label, value})
		return true
	})
	return out, err
}

func TestJSONFindsEveryMemberThatIsNoList(t *testing.T) {
	tests := []struct {
		name, text string
		want       []pair
		err        string
	}{
		{"numbers and booleans as written", `{"a":1.50,"b":true,"c":-2e3}`, []pair{{"a", "1.50"}, {"b", "true"}, {"c", "-2e3"}}, ""},
		{"nested objects have their names joined", `{"a":{"b":{"c":"x"},"d":1}}`, []pair{{"a_b_c", "x"}, {"a_d", "1"}}, ""},
		{"lists and nulls are left out", `{"a":[1],"b":null,"c":2}`, []pair{{"c", "2"}}, ""},
		{"keys become legal", `{"a.b":1,"0c":2," d ":3,"":4,"é":5}`, []pair{{"a_b", "1"}, {"_0c", "2"}, {"d", "3"}, {"_", "5"}}, ""},
		{"keys within objects are trimmed one by one", `{"a_ b":1,"a":{" b":2}}`, []pair{{"a__b", "1"}, {"a_b", "2"}}, ""},
		{"an object without a name has no members", `{"":{"a":1},"b":2}`, []pair{{"b", "2"}}, ""},
		{"a label comes as often as it is there", `{"a":{"b":1},"a_b":2,"a.b":3}`, []pair{{"a_b", "1"}, {"a_b", "2"}, {"a_b", "3"}}, ""},
		{"escapes are undone", `{"a":"\u00e9\n\"","b\n":"x"}`, []pair{{"a", "é\n\""}, {"b", "x"}}, ""},
		{"a string with a bad escape has no text", `{"a":"\x","b":"\ud800"}`, []pair{{"a", ""}, {"b", ""}}, ""},
		{"bytes that are no text become blanks", "{\"a\":\"x\xffy\uFFFDz\"}", []pair{{"a", "x y z"}}, ""},
		{"what stands before a fault is found", `{"a":1,"b":}`, []pair{{"a", "1"}}, "Unknown value type"},
		{"a list is refused", `[1]`, nil, "can't find closing '}'"},
		{"text is refused", `a=b`, nil, "can't find closing '}'"},
		{"nothing is refused", ``, nil, "can't find closing '}'"},
		{"an empty object has nothing", `{}`, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := all(tt.text)
			require.Equal(t, tt.want, got)
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.err)
			}
		})
	}
}

func TestJSONStopsWhenItHasFoundEnough(t *testing.T) {
	var j JSON
	var got []pair
	err := j.Each(`{"a":1,"b":{"c":2},"d":}`, func(label string) bool { return label != "a" }, func(label, value string) bool {
		got = append(got, pair{label, value})
		return false
	})
	require.NoError(t, err)
	require.Equal(t, []pair{{"b_c", "2"}}, got)
}

func TestJSONRemembersNamesWithoutMixingThem(t *testing.T) {
	var j JSON
	for range 2 {
		for text, want := range map[string]string{`{"a":{" b":1}}`: "a_b", `{"a_ b":1}`: "a__b"} {
			require.NoError(t, j.Each(text, nil, func(label, _ string) bool {
				require.Equal(t, want, label)
				return true
			}))
		}
	}
}

func TestDeepJSONIsCutOff(t *testing.T) {
	n := 100_000
	got, err := all(strings.Repeat(`{"a":`, n) + `1` + strings.Repeat(`}`, n))
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestPickFindsPaths(t *testing.T) {
	const text = `{"a":{"b":[{"c d":"x\n"},2]},"n":null,"o":{"p":1},"s":"t","_":"\x"}`
	for expr, want := range map[string]string{
		`a.b[0]["c d"]`: "x\n", `a.b[1]`: "2", `n`: "", `o`: `{"p":1}`, `s`: "t", `a.b`: `[{"c d":"x\n"},2]`, `_`: "",
	} {
		path, err := ParsePath(expr)
		require.NoError(t, err, expr)
		got, ok := Pick(text, path...)
		require.True(t, ok, expr)
		require.Equal(t, want, got, expr)
	}
	for _, expr := range []string{`x`, `a.b[2]`, `s.t`, `["c d"]`} {
		path, err := ParsePath(expr)
		require.NoError(t, err, expr)
		_, ok := Pick(text, path...)
		require.False(t, ok, expr)
	}
	for _, expr := range []string{``, `a.`, `.a`, `a..b`, `a[`, `a[x]`, `a["x"`, `a["x]`, `0a`, `a b`, `a[0]b`} {
		_, err := ParsePath(expr)
		require.ErrorContains(t, err, "cannot parse expression ["+expr+"]", expr)
	}
	for text, want := range map[string]bool{`{`: true, `[1]`: true, `"x"`: true, ``: false, `1`: false, "\t{}": false} {
		require.Equal(t, want, Pickable(text), text)
	}
}

func TestLogfmtFindsPairs(t *testing.T) {
	tests := []struct {
		name, text string
		want       []pair
	}{
		{"words and quoted values", `a=b c="d e" f`, []pair{{"a", "b"}, {"c", "d e"}}},
		{"a key without a value is left out", `a= b="" c`, nil},
		{"malformed words are skipped", `a==b ="x" c"d e=1`, []pair{{"e", "1"}}},
		{"keys become legal", `a.b=1 0c=2`, []pair{{"a_b", "1"}, {"_0c", "2"}}},
		{"escapes are undone", `a="x\"\u00e9"`, []pair{{"a", `x"é`}}},
		{"a bad escape has no pair", `a="\x" b=1`, []pair{{"b", "1"}}},
		{"an open quote ends the line", `a=1 b="c d=2`, []pair{{"a", "1"}}},
		{"bytes that are no text become blanks", "a=x\xffy", []pair{{"a", "x y"}}},
		{"a label comes as often as it is there", `a=1 a=2`, []pair{{"a", "1"}, {"a", "2"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []pair
			EachLogfmt(tt.text, nil, func(label, value string) bool {
				got = append(got, pair{label, value})
				return true
			})
			require.Equal(t, tt.want, got)
		})
	}
}

// Labels are legal, or there is none; a legal key is its own label.
func FuzzLabel(f *testing.F) {
	f.Add("", "a b")
	f.Add("a", " 0é ")
	f.Fuzz(func(t *testing.T, parent, key string) {
		for _, got := range []string{Label(key), MemberLabel(Label(parent), key)} {
			require.True(t, got == "" || IsLabel(got), "%q of %q in %q", got, key, parent)
		}
		require.Equal(t, IsLabel(key), Label(key) == key && key != "")
	})
}

// Names that a line before had do not become those of another one.
func TestLinesOfOtherShapesHaveTheirOwnNames(t *testing.T) {
	lines := []string{
		`{"a":{"b":1,"c":{"d":2}},"e":{"f":3}}`, `{"a":{"b":1,"x":{"d":2}},"a_b":{"f":3}}`, `{"e":{"b":1,"c":2},"0":{"f":3,"":4," g ":5}}`,
		`{"a":{"b":{"c":1}},"a b":{"c":2}}`, `{"a":{"b_c":1}}`,
	}
	for i := range 50 {
		lines = append(lines, fmt.Sprintf(`{"m":{"k%d":1,"same":{"k":2}},"n":%s}`, i%40, lines[i%5]))
	}
	var one JSON
	for range 2 {
		for _, text := range lines {
			want, err := all(text)
			require.NoError(t, err)
			var got []pair
			require.NoError(t, one.Each(text, nil, func(label, value string) bool {
				got = append(got, pair{label, value})
				return true
			}))
			require.Equal(t, want, got, text)
		}
	}
}

// What is found in valid JSON is what encoding/json finds, and one look at a
// time finds what a look at all finds.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"b":{"c":"d","e":[1,2]},"f":null,"g":true}`, `{"a":"\u00e9\n"}`, `{"a":"cut`, `{`, `[]`, `"x"`, ``, `{"a":1}x`,
		`{"a":1,}`, `{"a.b":1,"0c":2," d ":3,"":4}`, "{\"a\":\"\xff\"}", `{"a":{"b":{"c":{"d":1}}}}`, `{"a":1,"a":{"b":2}}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := all(text)
		first := map[string]string{}
		for _, p := range got {
			require.True(t, IsLabel(p.label))
			require.True(t, utf8.ValidString(p.value) || !json.Valid([]byte(text)))
			if _, ok := first[p.label]; !ok {
				first[p.label] = p.value
			}
		}
		var one JSON
		for label, want := range first {
			var value string
			require.NoError(t, one.Each(text, func(l string) bool { return l == label }, func(_, v string) bool {
				value = v
				return false
			}))
			require.Equal(t, want, value)
		}
		var flat map[string]any
		if json.Unmarshal([]byte(text), &flat) != nil || flat == nil {
			return
		}
		require.NoError(t, err)
		if !Pickable(text) || !utf8.ValidString(text) || strings.ContainsAny(text, "\\\uFFFD") {
			return
		}
		for k, v := range flat {
			s, isString := v.(string)
			if !isString || !IsLabel(k) || strings.Count(text, `"`+k+`"`) != 1 {
				continue
			}
			value, ok := Pick(text, k)
			require.True(t, ok, "%q in %q", k, text)
			require.Equal(t, s, value)
			require.Contains(t, got, pair{k, s})
		}
	})
}

func TestPickLogfmtFindsTheLastPairOfAKey(t *testing.T) {
	for text, want := range map[string]string{
		`a=1 b=2 a=3`: "3", `a=1 a= a="" a`: "1", `a=1 a==2`: "1", `a="x\n"`: "x\n", "a=x\xffy": "x y",
		`b=1`: "", `a.b=1`: "", `"a"=1`: "", ``: "",
	} {
		got, ok := PickLogfmt(text, "a")
		require.Equal(t, want, got, text)
		require.Equal(t, want != "", ok, text)
	}
}

// Every pair found stands in the text, and so does the last of its key.
func FuzzLogfmt(f *testing.F) {
	for _, s := range []string{`a=b c="d e" f`, `a==b`, `="x"`, `a="unterminated`, `a="x\"y"`, "a=\xff", `k="v"x=1`, "a=b\tc=d\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		EachLogfmt(text, nil, func(label, value string) bool {
			require.True(t, IsLabel(label))
			require.NotEmpty(t, value)
			if last, ok := PickLogfmt(text, label); ok {
				require.NotEmpty(t, last)
			}
			if !strings.Contains(text, `\`) && value == Valid(value) && utf8.ValidString(text) && !strings.ContainsRune(text, utf8.RuneError) {
				require.Contains(t, text, value)
			}
			return true
		})
	})
}
