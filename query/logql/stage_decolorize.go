package logql

import (
	"regexp"
	"strings"
)

// Decolorize is the stage `| decolorize`: it removes ANSI control sequences.
type Decolorize struct{}

// String prints the stage.
func (*Decolorize) String() string { return "| decolorize" }

// controlSequence is those of ECMA-48: control sequences proper (section 5.4),
// operating system commands, which end with BEL or ST, and escape sequences of
// ECMA-35 with and without intermediate bytes.
const controlSequence = `(?:\x1b\[|\x{9b})[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]`

func (*Decolorize) compile() (processor, error) {
	return &decolorizer{sequence: regexp.MustCompile(controlSequence)}, nil
}

type decolorizer struct{ sequence *regexp.Regexp }

func (d *decolorizer) process(l *line) bool {
	if strings.Contains(l.text, "\x1b") || strings.Contains(l.text, "\u009b") {
		l.text = d.sequence.ReplaceAllString(l.text, "")
	}
	return true
}
