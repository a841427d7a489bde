package notify

import (
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	amcommon "github.com/prometheus/alertmanager/config/common"
	promconfig "github.com/prometheus/common/config"
	"go.yaml.in/yaml/v3"
)

// Secrets are told to nobody: where one is, a reader sees a marker with its
// number. Whoever writes the marker back keeps the secret, wherever they put it;
// Alertmanager's own <secret>, without a number, keeps the one at the same place.

var secretMarker = regexp.MustCompile(`^<secret(?: ([0-9]{1,6}))?>$`)

var secretTypes = map[reflect.Type]bool{
	reflect.TypeFor[promconfig.Secret]():          true,
	reflect.TypeFor[amcommon.SecretURL]():         true,
	reflect.TypeFor[amcommon.SecretTemplateURL](): true,
	reflect.TypeFor[amconfig.SecretTemplateURL](): true,
}

var urlTypes = map[reflect.Type]bool{reflect.TypeFor[promconfig.URL](): true, reflect.TypeFor[amcommon.URL](): true}

// secret reports whether f is what no reader may know. An address is with a
// password in it.
func (f field) secret() bool {
	if f.node.Kind != yaml.ScalarNode || f.node.Value == "" {
		return false
	}
	if secretTypes[f.of] {
		return true
	}
	if !urlTypes[f.of] {
		return false
	}
	if secretMarker.MatchString(f.node.Value) {
		return true
	}
	u, err := url.Parse(f.node.Value)
	if err != nil {
		return true // nobody knows what it tells
	}
	_, has := u.User.Password()
	return has
}

// A secretSet is the secrets of a document.
type secretSet struct {
	values []string          // by the number of their marker, less one
	at     map[string]string // by their field
}

// secrets are those of the document.
func (d document) secrets() secretSet {
	h := secretSet{at: map[string]string{}}
	seen := map[*yaml.Node]bool{}
	d.fields(func(f field) {
		if !f.secret() {
			return
		}
		h.at[f.String()] = f.node.Value
		if !seen[f.node] {
			seen[f.node] = true
			h.values = append(h.values, f.node.Value)
		}
	})
	return h
}

// masked is the document with markers for its secrets, and with its comments
// only if they are kept: people write into those what was there before.
func (d document) masked(comments bool) (document, error) {
	own, err := parseDocument(d.text) // which may be changed
	if err != nil {
		return own, err
	}
	numbers := map[*yaml.Node]int{}
	own.fields(func(f field) {
		if !f.secret() || numbers[f.node] > 0 {
			return
		}
		numbers[f.node] = len(numbers) + 1
	})
	for n, number := range numbers {
		n.Tag, n.Style, n.Value = "!!str", 0, fmt.Sprintf("<secret %d>", number)
	}
	if !comments {
		withoutComments(own.root)
	}
	text, err := encode(own.root)
	if err != nil {
		return own, err
	}
	return parseDocument(text)
}

func withoutComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	for _, c := range n.Content {
		withoutComments(c)
	}
}

// filled is the document with the secrets of old in place of its markers, line
// by line as it was, and those that it keeps so.
func (d document) filled(old secretSet) (out document, kept []string, problems Problems) {
	type place struct {
		node  *yaml.Node
		value string
	}
	var places []place
	seen := map[*yaml.Node]bool{}
	d.fields(func(f field) {
		if !f.secret() || seen[f.node] {
			return
		}
		seen[f.node] = true
		m := secretMarker.FindStringSubmatch(f.node.Value)
		if m == nil {
			return
		}
		value, ok := old.at[f.String()]
		if m[1] != "" {
			number, _ := strconv.Atoi(m[1])
			if ok = number >= 1 && number <= len(old.values); ok {
				value = old.values[number-1]
			}
		}
		if !ok {
			problems = append(problems, Problem{
				Line: f.node.Line, Path: f.String(),
				Message: fmt.Sprintf("there is no secret that %s could stand for here: write the secret itself", f.node.Value),
			})
			return
		}
		places = append(places, place{f.node, value})
		kept = append(kept, value)
	})
	if problems != nil {
		return d, nil, problems
	}
	slices.SortFunc(places, func(a, b place) int { return b.node.Column - a.node.Column }) // the last of a line first
	lines := strings.Split(d.text, "\n")
	for _, p := range places {
		quoted, err := json.Marshal(p.value)
		if err == nil {
			lines[p.node.Line-1], err = replaceScalar(lines[p.node.Line-1], p.node, string(quoted))
		}
		if err != nil {
			problems = append(problems, Problem{Line: p.node.Line, Message: err.Error()})
		}
	}
	if problems != nil {
		return d, nil, problems
	}
	out, err := parseDocument(strings.Join(lines, "\n"))
	if err != nil {
		return d, nil, problemsOf(err)
	}
	return out, kept, nil
}

// replaceScalar puts text in the place of a scalar that stands on one line.
func replaceScalar(line string, n *yaml.Node, text string) (string, error) {
	start := len(string([]rune(line)[:min(n.Column-1, len([]rune(line)))]))
	at := strings.Index(line[start:], n.Value)
	if at < 0 {
		return "", fmt.Errorf("write %s on a line, as it is", n.Value)
	}
	at += start
	end := at + len(n.Value)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		at, end = at-1, end+1
	} else if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return "", fmt.Errorf("write %s on a line, as it is", n.Value)
	}
	return line[:at] + text + line[end:], nil
}
