package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
)

// A wordPicker chooses what to search for in real logs: it counts in how many
// lines each word is, and remembers words as examples of each count.
type wordPicker struct {
	lines int // expected
	mask  uint64
	seed  maphash.Seed
	count map[string]int
	line  int
	last  map[string]int // line that was last to count the word
}

// newWordPicker counts every word of a small log, and of large ones one in 16
// chosen by hash, so that the counts stay exact and memory bounded.
func newWordPicker(lines int) *wordPicker {
	p := &wordPicker{lines: lines, seed: maphash.MakeSeed(), count: map[string]int{}, last: map[string]int{}}
	if lines > 500_000 {
		p.mask = 15
	}
	return p
}

// wordLengths of candidates: shorter ones are hardly words, longer ones are
// base64.
const minWord, maxWord = 5, 64

func isWordByte(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// add counts the words of one line.
func (p *wordPicker) add(line []byte) {
	p.line++
	for w := range bytes.FieldsFuncSeq(line, func(r rune) bool { return r > 127 || !isWordByte(byte(r)) }) {
		w = bytes.Trim(w, "-_")
		if len(w) < minWord || len(w) > maxWord || maphash.Bytes(p.seed, w)&p.mask != 0 {
			continue
		}
		if p.last[string(w)] != p.line {
			p.last[string(w)] = p.line
			p.count[string(w)]++
		}
	}
}

// pick returns a word that is in one line only, with digits if there is such a
// one and as long as there is (ids are what people look for), one that is about as rare as rareEvery says but in at
// least three lines, and one in about a twentieth of the lines.
func (p *wordPicker) pick() (searchWords, error) {
	var words []string
	for w := range p.count {
		words = append(words, w)
	}
	slices.Sort(words) // ties always fall the same way
	nearest := func(lines int, ok func(w string) bool) string {
		best, far := "", 0.0
		for _, w := range words {
			if !ok(w) {
				continue
			}
			d := float64(max(p.count[w], lines)) / float64(min(p.count[w], lines))
			if best == "" || d < far {
				best, far = w, d
			}
		}
		return best
	}
	var out searchWords
	idLike := func(w string) int {
		if strings.ContainsAny(w, "0123456789") {
			return len(w) + maxWord
		}
		return len(w)
	}
	for _, w := range words {
		if p.count[w] == 1 && idLike(w) > idLike(out.needle) {
			out.needle = w
		}
	}
	out.rare = nearest(max(3, p.lines/rareEvery), func(w string) bool { return p.count[w] > 1 })
	out.frequent = nearest(max(3, p.lines/20), func(w string) bool { return w != out.rare && p.count[w] > 1 })
	if out.needle == "" || out.rare == "" || out.frequent == "" {
		return out, errors.New("the logs hold too few different words to pick a needle, a rare and a frequent one")
	}
	return out, nil
}

// describe says what was picked and in how many lines each is as a whole word.
func (p *wordPicker) describe(w searchWords) string {
	text := fmt.Sprintf("needle %q (%d line), rare %q (%d), frequent %q (%d)",
		w.needle, p.count[w.needle], w.rare, p.count[w.rare], w.frequent, p.count[w.frequent])
	if w.few != "" || w.many != "" {
		text += fmt.Sprintf("; fields with few values %q, many %q", w.few, w.many)
	}
	return text
}
