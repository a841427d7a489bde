package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A logStream is one container's output.
type logStream struct {
	labels []string // name, value, name, value ...
	kind   string   // see lineKinds; kindFile for real logs
}

// selector returns the labels as Loki writes them.
func (s *logStream) selector() string {
	var labels []string
	for kv := range slices.Chunk(s.labels, 2) {
		labels = append(labels, kv[0]+"="+strconv.Quote(kv[1]))
	}
	return "{" + strings.Join(labels, ", ") + "}"
}

const (
	// defaultMix is the load of the figures that are compared over time: its
	// bytes must not change.
	defaultMix = "json=3,nginx=1,text=1"
	// fullMix has all that production has. The number of streams in it and that
	// of connections, 4, have no common factor, so that each connection gets
	// streams of each kind.
	fullMix = "json=3,nginx=1,text=1,logfmt=1,java=1"
)

// lineKinds are the kinds of generated streams and the applications that write
// them, in turn.
func lineKinds() map[string][]string {
	return map[string][]string{
		"json":   {"checkout", "cart", "search"},
		"nginx":  {"ingress"},
		"text":   {"consumer"},
		"logfmt": {"billing"},
		"java":   {"ledger"},
	}
}

// parseMix returns the kinds of consecutive streams, from "kind=weight,...".
func parseMix(text string) ([]string, error) {
	if text == "full" {
		text = fullMix
	}
	var cycle []string
	for field := range strings.SplitSeq(text, ",") {
		kind, weight, ok := strings.Cut(field, "=")
		n := 1
		if ok {
			var err error
			if n, err = strconv.Atoi(weight); err != nil || n < 1 || n > 100 {
				return nil, fmt.Errorf("-mix: %q: the weight is not between 1 and 100", field)
			}
		}
		if lineKinds()[kind] == nil {
			return nil, fmt.Errorf("-mix: no kind %q", kind)
		}
		cycle = append(cycle, slices.Repeat([]string{kind}, n)...)
	}
	for _, kind := range []string{"json", "text"} {
		if !slices.Contains(cycle, kind) {
			return nil, fmt.Errorf("-mix: %s is missing: lines that are searched for are of that kind", kind)
		}
	}
	return cycle, nil
}

// logStreams returns n streams whose kinds follow cycle.
func logStreams(n int, cycle []string) []logStream {
	var all []logStream
	seen := map[string]int{} // streams of a kind within one turn of the cycle
	for i := range n {
		if i%len(cycle) == 0 {
			clear(seen)
		}
		kind := cycle[i%len(cycle)]
		apps := lineKinds()[kind]
		app := fmt.Sprintf("%s-%d", apps[seen[kind]%len(apps)], i/len(cycle)%8)
		seen[kind]++
		all = append(all, logStream{kind: kind, labels: []string{
			"app", app, "cluster", "prod-eu-1", "container", "main", "logtype", kind,
			"namespace", "team-" + string(rune('a'+i%9)), "node", fmt.Sprintf("ip-10-0-0-%d", i%50),
			"pod", fmt.Sprintf("%s-%05x", app, i*7919),
		}})
	}
	return all
}
