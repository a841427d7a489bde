package fulltext

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func tokens(text string) []string {
	var out []string
	for s := (scanner{text: text}); s.scan(); {
		out = append(out, string(appendFolded(nil, text[s.start:s.end])))
	}
	return out
}

func TestScanner(t *testing.T) {
	const uuid = "5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f6"
	tests := []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"separators alone", " -=\"\n", nil},
		{"words are folded", "GET /Api/v1_x", []string{"get", "api", "v1_x"}},
		{"key=value is two tokens", "status=500", []string{"status", "500"}},
		{"addresses fall into numbers", "10.0.0.7:443", []string{"10", "0", "0", "7", "443"}},
		{"dates fall into pieces", "2026-11-22T06:05:22.5Z", []string{"2026", "11", "22t06", "05", "22", "5z"}},
		{"a UUID is whole", "id=" + uuid + ".", []string{"id", uuid}},
		{"a UUID in capitals", strings.ToUpper(uuid), []string{uuid}},
		{"letters before a UUID make a token with its first part", "x" + uuid, []string{"x5f3c9a77", uuid}},
		{"letters after a UUID make a token with its last part", uuid + "y z", []string{uuid, "e1a2b3c4d5f6y", "z"}},
		{"other alphabets touch a UUID", "é" + uuid + "é", []string{"é5f3c9a77", uuid, "e1a2b3c4d5f6é"}},
		{"UUIDs that share a part", uuid + "-41d2-4b0e-9c55-000000000000", []string{uuid, "b3c4d5f6-41d2-4b0e-9c55-000000000000"}},
		{"two UUIDs", uuid + "/" + uuid, []string{uuid, uuid}},
		{"not quite a UUID", "5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5g6", []string{"5f3c9a77", "41d2", "4b0e", "9c55", "e1a2b3c4d5g6"}},
		{"not quite a UUID: a control character", "5f3c9a77-41d2-4b0e-9\x135-e1a2b3c4d5f6", []string{"5f3c9a77", "41d2", "4b0e", "9", "5", "e1a2b3c4d5f6"}},
		{"a UUID cut short", uuid[:35], []string{"5f3c9a77", "41d2", "4b0e", "9c55", "e1a2b3c4d5f"}},
		{"trace ids are whole", "4bf92f3577b34da6a3ce929d0e0e4736", []string{"4bf92f3577b34da6a3ce929d0e0e4736"}},
		{"other alphabets", "Größe Ж世界 Ⅷ", []string{"größe", "ж世界", "ⅷ"}},
		{"one case for all that fold to it", "\u212aelvin \u017fmall ΣΑΣ ẞ", []string{"kelvin", "small", "ΣΑΣ", "ß"}},
		{"bytes that are not UTF-8 separate", "ab\xffcd\xc3", []string{"ab", "cd"}},
		{"punctuation of other alphabets separates", "a—b\u00a0c", []string{"a", "b", "c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var want []string
			for _, w := range tt.want {
				want = append(want, foldAll(w))
			}
			require.Equal(t, want, tokens(tt.in))
		})
	}
}

// foldAll folds s rune by rune.
func foldAll(s string) string {
	return strings.Map(func(r rune) rune {
		if f, word := foldRune(r); word {
			return f
		}
		return r
	}, s)
}

func TestRunesThatFoldTogetherAreOneToken(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		folded, word := foldRune(r)
		other, otherWord := foldRune(unicode.SimpleFold(r))
		if word != otherWord || word && folded != other {
			t.Fatalf("%U folds to %U (%t), %U to %U (%t)", r, folded, word, unicode.SimpleFold(r), other, otherWord)
		}
		if again, _ := foldRune(folded); word && again != folded {
			t.Fatalf("%U folds to %U, which folds to %U", r, folded, again)
		}
	}
}

func TestEveryUUIDIsAToken(t *testing.T) {
	parts := []string{"5f3c9a77", "5f3c9a771", "41d2", "4b0e", "e1a2b3c4d5f6", "A1A2B3C4D5F6", "-41d2-4b0e-9c55-", "-", "-", "g", "é", " "}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 12).Draw(t, "parts"), "")
		found := map[int]bool{}
		for s := (scanner{text: text}); s.scan(); {
			if s.uuid {
				found[s.start] = true
			}
		}
		for i := range text {
			if i+8 < len(text) && text[i+8] == '-' && isUUID(text, i) != found[i] {
				t.Fatalf("UUID at %d of %q", i, text)
			}
		}
	})
}

func TestAPartsShapeIsInTheWholesShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.StringOfN(rapid.RuneFrom([]rune("afgz_09é")), 1, 12, -1).Draw(t, "token")
		i := rapid.IntRange(0, len(token)-1).Draw(t, "from")
		j := rapid.IntRange(i+1, len(token)).Draw(t, "to")
		whole, _ := appendShape(nil, []byte(token), false, false)
		startOpen := i > 0 || rapid.Bool().Draw(t, "start open")
		endOpen := j < len(token) || rapid.Bool().Draw(t, "end open")
		shapes := partShapes([]byte(token[i:j]), startOpen, endOpen)
		if shapes == nil {
			require.Empty(t, strings.Trim(token[i:j], "0123456789abcdef"))
			return
		}
		for _, s := range shapes {
			in := strings.Contains(string(whole), s)
			if !startOpen {
				in = in && strings.HasPrefix(string(whole), s)
			}
			if !endOpen {
				in = in && strings.HasSuffix(string(whole), s)
			}
			if in {
				return
			}
		}
		t.Fatalf("none of %q in %q", shapes, whole)
	})
}

func TestPartShapes(t *testing.T) {
	require.Equal(t, []string{"cafe_dead"}, partShapes([]byte("cafe_dead"), false, false))
	require.Equal(t, []string{"cafe_dead", "0_dead"}, partShapes([]byte("cafe_dead"), true, false), "as of 1cafe_dead")
	require.Equal(t, []string{"cafe_dead", "cafe_0"}, partShapes([]byte("cafe_dead"), false, true), "as of cafe_dead1")
	require.Equal(t, []string{"cafe_dead", "0_dead", "cafe_0", "0_0"}, partShapes([]byte("cafe_dead"), true, true))
	require.Equal(t, []string{"timeout"}, partShapes([]byte("timeout"), true, true))
	require.Equal(t, []string{"0ms"}, partShapes([]byte("12ms"), true, true))
	require.Nil(t, partShapes([]byte("cafe12"), true, true), "tokens that are no words may contain it")
}

func TestShape(t *testing.T) {
	tests := []struct {
		name, in, want string
		word           bool
	}{
		{"letters", "timeout", "timeout", true},
		{"a number in a name", "user42", "user0", true},
		{"a fraction of a second", "123456789z", "0z", true},
		{"an address in memory", "0xc0ffee12", "0x0", true},
		{"hexadecimal letters without a digit", "facecafe_x", "facecafe_x", true},
		{"hexadecimal digits alone are no word", "deadbeef", "deadbeef", false},
		{"numbers are no words", "12345", "0", false},
		{"an underscore is no hexadecimal digit", "12_34", "0_0", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shape, word := appendShape(nil, []byte(tt.in), false, false)
			require.Equal(t, tt.want, string(shape))
			require.Equal(t, tt.word, word)
		})
	}
}

func TestScanningDoesNotAllocate(t *testing.T) {
	text := `{"level":"INFO","trace":"4bf92f3577b34da6a3ce929d0e0e4736","rid":"5f3c9a77-41d2-4b0e-9c55-e1a2b3c4d5f6","msg":"Größe"}`
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for s := (scanner{text: text}); s.scan(); {
		}
	}))
}
