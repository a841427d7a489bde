package event

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/storage/shred"
)

func TestTextsAreMarkedInOnePass(t *testing.T) {
	tests := []struct {
		name  string
		texts []string
		want  string
		equal []int
		has   []int
	}{
		{"no texts", nil, "a", nil, nil},
		{"each of several", []string{"ab", "b", "ab", "cab"}, "ab", []int{0, 2}, []int{0, 2, 3}},
		{"across two texts", []string{"xa", "bx", "ab"}, "ab", []int{2}, []int{2}},
		{"across and then within", []string{"a", "aab"}, "aa", nil, []int{1}},
		{"between empty texts", []string{"", "ab", "", "", "b"}, "b", []int{4}, []int{1, 4}},
		{"twice in one", []string{"abab", "ab"}, "ab", []int{1}, []int{0, 1}},
		{"overlapping itself", []string{"aaa", "aa"}, "aa", []int{1}, []int{0, 1}},
		{"longer than all", []string{"a", "b"}, "abc", nil, nil},
		{"only empty texts", []string{"", ""}, "a", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := &bodyValues{raw: "junk" + strings.Join(tt.texts, "") + "junk", ends: []uint32{4}}
			for _, text := range tt.texts {
				v.ends = append(v.ends, v.ends[v.texts()]+uint32(len(text)))
			}
			check := func(want []int, got *fieldValues) {
				var marked []int
				for i, keep := range got.keep {
					if keep {
						marked = append(marked, i)
					}
				}
				require.Equal(t, want, marked)
				require.Equal(t, len(want) == 0, got.never)
			}
			check(tt.equal, v.markEqual(tt.want))
			check(tt.has, v.markHas(tt.want))
		})
	}
}

func TestTextsStandForThemselvesUnlessTheyHaveEscapes(t *testing.T) {
	column := func(c shred.Column, values ...string) *shred.Column {
		alphabet := make([]byte, 32)
		for _, v := range values {
			for i := range len(v) {
				alphabet[v[i]/8] |= 1 << (v[i] % 8)
			}
		}
		if len(values) > 0 {
			c.Alphabet = alphabet
		}
		return &c
	}
	require.True(t, plain(column(shred.Column{Type: shred.Text, UTF8: true}, "c-77", "größer")))
	require.False(t, plain(column(shred.Column{Type: shred.Text, UTF8: true}, `c\u002d77`)))
	require.False(t, plain(column(shred.Column{Type: shred.Text, UTF8: true}, "\uFFFD")))
	require.False(t, plain(column(shred.Column{Type: shred.Text}, "c-77")), "it may be no UTF-8")
	require.False(t, plain(column(shred.Column{Type: shred.Text, UTF8: true})), "its bytes are not known")
	require.True(t, plain(column(shred.Column{Type: shred.Int})))
	require.False(t, plain(column(shred.Column{Type: shred.Int, Prefix: `\`})))
	require.True(t, plain(column(shred.Column{Type: shred.UUID})))
}
