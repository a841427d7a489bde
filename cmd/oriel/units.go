package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// withPlainUnits respells durations and sizes in a text of oriel.yaml so that
// every key takes the same: 14d where a key is a time.Duration, 64MiB where one
// counts bytes. Everything else, faults included, stays where and as it is for
// the decoder to tell.
func withPlainUnits(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for _, s := range slices.Backward(settingsIn(text)) { // so that the positions of others hold
		if plain, ok := s.plain(); ok {
			put(lines, s.node, plain)
		}
	}
	return strings.Join(lines, "")
}

var durationType = reflect.TypeFor[time.Duration]()

// plain returns what the decoder takes in place of s, if it does not take s.
func (s setting) plain() (string, bool) {
	value := s.node.Value
	switch s.kind {
	case durationType:
		if _, err := time.ParseDuration(value); err == nil && value != "0" { // which is a number to YAML
			return "", false
		}
		d, err := model.ParseDuration(value)
		return time.Duration(d).String(), err == nil
	case reflect.TypeFor[int](), reflect.TypeFor[int64](), reflect.TypeFor[float64]():
		if !strings.Contains(s.key, "bytes") && !strings.Contains(s.key, "memory") {
			return "", false
		}
		if _, err := strconv.ParseFloat(value, 64); err == nil {
			return "", false
		}
		size, err := units.ParseBase2Bytes(value)
		return strconv.FormatInt(int64(size), 10), err == nil
	}
	return "", false
}

// spellDurations has the durations in n, the encoded form of a section of type
// t, as people write them: 14d and not 336h0m0s.
func spellDurations(n *yaml.Node, t reflect.Type) {
	for _, s := range settingsOf(nil, n, t, "") {
		if d, err := time.ParseDuration(s.node.Value); s.kind == durationType && err == nil {
			s.node.Value = spelledDuration(d)
		}
	}
}

// spelledDuration is d as people write it. Weeks are counted in days, as
// retention mostly is.
func spelledDuration(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	case d%time.Millisecond != 0:
		return d.String()
	}
	return model.Duration(d).String()
}

// put writes plain in place of n, quotes included, if n stands where the parser
// says.
func put(lines []string, n *yaml.Node, plain string) {
	if n.Line < 1 || n.Line > len(lines) {
		return
	}
	line, old := []rune(lines[n.Line-1]), n.Value
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		old = `"` + old + `"`
	case n.Style&yaml.SingleQuotedStyle != 0:
		old = "'" + old + "'"
	}
	at, end := n.Column-1, n.Column-1+len([]rune(old))
	if at >= 0 && end <= len(line) && string(line[at:end]) == old {
		lines[n.Line-1] = string(line[:at]) + plain + string(line[end:])
	}
}
