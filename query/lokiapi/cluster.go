package lokiapi

import "strings"

// A clusterer finds the shapes of lines, after Drain (He et al., ICWS 2017):
// lines with as many words and the same beginning belong together when most
// words agree; words that differ become variables.
type clusterer struct {
	all    []*cluster
	groups map[groupKey][]*cluster
}

// groupKey is the two levels of Drain's tree.
type groupKey struct {
	words int
	first string // "" for one with a digit in it
}

type cluster struct {
	words []string // variable for those that differ
	times map[int64]int64
}

const (
	variable      = "<_>"
	maxWords      = 80 // longer lines are clustered by their beginning
	maxClusters   = 500
	leastEqual    = 0.5 // part of the words that must agree
	maxWordLength = 256
)

func newClusterer() *clusterer { return &clusterer{groups: map[groupKey][]*cluster{}} }

// add counts a line at a time.
func (c *clusterer) add(line string, time int64) {
	words := splitWords(line)
	key := groupKey{words: len(words)}
	if len(words) > 0 && words[0] != variable {
		key.first = words[0]
	}
	best, score := (*cluster)(nil), leastEqual
	for _, cl := range c.groups[key] {
		if s := cl.similarity(words); s >= score {
			best, score = cl, s
		}
	}
	if best == nil {
		if len(c.all) >= maxClusters {
			return
		}
		best = &cluster{words: words, times: map[int64]int64{}}
		c.all = append(c.all, best)
		c.groups[key] = append(c.groups[key], best)
	}
	best.merge(words)
	best.times[time]++
}

// splitWords cuts a line at blanks. Words with digits in them are variables
// from the start, but for the name before an equals sign.
func splitWords(line string) []string {
	words := strings.Fields(line)
	rest := len(words) > maxWords
	if rest {
		words = append(words[:maxWords:maxWords], variable)
	}
	for i, w := range words {
		words[i] = generalize(w)
	}
	return words
}

func generalize(w string) string {
	name, value, ok := strings.Cut(w, "=")
	if ok && !strings.ContainsAny(name, "0123456789") {
		if len(value) > maxWordLength || strings.ContainsAny(value, "0123456789") {
			return name + "=" + variable
		}
		return w
	}
	if len(w) > maxWordLength || strings.ContainsAny(w, "0123456789") {
		return variable
	}
	return w
}

func (cl *cluster) similarity(words []string) float64 {
	if len(words) == 0 {
		return 1
	}
	same := 0
	for i, w := range cl.words {
		if w == words[i] {
			same++
		}
	}
	return float64(same) / float64(len(words))
}

func (cl *cluster) merge(words []string) {
	for i, w := range words {
		if cl.words[i] == w {
			continue
		}
		a, _, ok1 := strings.Cut(cl.words[i], "=")
		b, _, ok2 := strings.Cut(w, "=")
		if ok1 && ok2 && a == b {
			cl.words[i] = a + "=" + variable
		} else {
			cl.words[i] = variable
		}
	}
}

// String returns the shape as a pattern of the |> filter.
func (cl *cluster) String() string {
	out := strings.Join(cl.words, " ")
	for strings.Contains(out, variable+" "+variable) {
		out = strings.ReplaceAll(out, variable+" "+variable, variable)
	}
	return out
}
