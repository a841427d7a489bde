package main

import (
	"encoding/json"
	"regexp"
	"slices"
)

// fieldSample is how many lines of a real log are looked at for JSON fields.
const fieldSample = 20_000

// A fieldPicker chooses JSON fields of real logs to ask about.
type fieldPicker struct {
	lines, objects int
	rows           map[string]int             // lines with a string there
	values         map[string]map[string]bool // by field
}

func newFieldPicker() *fieldPicker {
	return &fieldPicker{rows: map[string]int{}, values: map[string]map[string]bool{}}
}

// add looks at the top-level strings of one line.
func (p *fieldPicker) add(line []byte) {
	if p.lines == fieldSample {
		return
	}
	p.lines++
	var object map[string]any
	if json.Unmarshal(line, &object) != nil {
		return
	}
	p.objects++
	for k, v := range object {
		if s, ok := v.(string); ok {
			if p.values[k] == nil {
				p.values[k] = map[string]bool{}
			}
			p.values[k][s] = true
			p.rows[k]++
		}
	}
}

// pick returns a field with few values, one called level if it can, and the one
// with the most values of which they do repeat; "" where the log is not of JSON
// or has no such field.
func (p *fieldPicker) pick() (few, many string) {
	if p.objects*2 < p.lines {
		return "", ""
	}
	plain := regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
	var names []string
	for k, n := range p.rows {
		if plain.MatchString(k) && n*2 > p.objects {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	for _, k := range names {
		switch n := len(p.values[k]); {
		case n >= 2 && n <= 20 && (few == "" || k == "level" || k == "severity"):
			few = k
		case n > 20 && n*4 <= p.rows[k] && n > len(p.values[many]):
			many = k
		}
	}
	return few, many
}
