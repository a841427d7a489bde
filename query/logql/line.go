package logql

import (
	"slices"
	"strings"
)

// origin says where a label of a line comes from.
type origin uint8

const (
	fromStream origin = iota
	fromMetadata
	fromParser // or set by a stage
)

type label struct {
	name, value string
	from        origin
}

// Names of the labels that tell what went wrong with a line.
const (
	errorLabel   = "__error__"
	detailsLabel = "__error_details__"
)

// Values of errorLabel, besides those of package linefield.
const (
	errFilter   = "LabelFilterErr"
	errTemplate = "TemplateFormatErr"
	errSample   = "SampleExtractionErr"
)

// A line is a log record on its way through a pipeline. One line is used for
// all records of a scan, one after the other.
type line struct {
	time   int64 // ns since the Unix epoch
	text   string
	stream []label // labels the record came with; shared, never changed
	labels []label // those of now, each name once, in no order

	gone []string // names of parsed labels that a stage removed

	err, details string // errorLabel and detailsLabel; "" is none
}

// reset makes l the record with these labels of its stream.
func (l *line) reset(time int64, text string, stream []label) {
	l.time, l.text, l.stream = time, text, stream
	l.labels = append(l.labels[:0], stream...)
	l.gone = l.gone[:0]
	l.err, l.details = "", ""
}

// addMetadata gives l a label of its structured metadata. One with the name of
// a stream label is kept under another name.
func (l *line) addMetadata(name, value string) {
	if l.inStream(name) {
		name += extractedSuffix
	}
	l.set(name, value, fromMetadata)
}

// extractedSuffix is added to names that are taken.
const extractedSuffix = "_extracted"

func (l *line) inStream(name string) bool {
	for i := range l.stream {
		if l.stream[i].name == name {
			return true
		}
	}
	return false
}

func (l *line) index(name string) int {
	for i := range l.labels {
		if l.labels[i].name == name {
			return i
		}
	}
	return -1
}

// get returns the label's value; ok is false when there is none.
func (l *line) get(name string) (value string, ok bool) {
	switch name {
	case errorLabel:
		return l.err, l.err != ""
	case detailsLabel:
		return l.details, l.details != ""
	}
	if i := l.index(name); i >= 0 {
		return l.labels[i].value, true
	}
	return "", false
}

// set gives a label its value and origin, whatever it was before.
func (l *line) set(name, value string, from origin) {
	if i := l.index(name); i >= 0 {
		l.labels[i].value, l.labels[i].from = value, from
		return
	}
	l.labels = append(l.labels, label{name, value, from})
}

func (l *line) del(name string) {
	switch name {
	case errorLabel:
		l.err = ""
		return
	case detailsLabel:
		l.details = ""
		return
	}
	if i := l.index(name); i >= 0 {
		if l.labels[i].from == fromParser {
			l.gone = append(l.gone, name)
		}
		last := len(l.labels) - 1
		l.labels[i] = l.labels[last]
		l.labels = l.labels[:last]
	}
}

// fail sets the error of the line.
func (l *line) fail(kind, details string) { l.err, l.details = kind, details }

// extractedName returns the name under which a parser stores name: another one
// if a stream or metadata label has it.
func (l *line) extractedName(name string) string {
	name, _ = l.place(name)
	return name
}

// place returns extractedName and its index, which is -1 if there is none yet.
func (l *line) place(name string) (string, int) {
	if !l.inStream(name) {
		i := l.index(name)
		if i < 0 || l.labels[i].from != fromMetadata {
			return name, i
		}
	}
	name += extractedSuffix
	return name, l.index(name)
}

// extract stores what a parser found; the first value of a name stays, and if
// a stage has removed it, it stays away.
func (l *line) extract(name, value string) {
	name, i := l.place(name)
	switch {
	case i >= 0 && l.labels[i].from == fromParser, slices.Contains(l.gone, name):
	case i >= 0:
		l.labels[i] = label{name, value, fromParser}
	default:
		l.labels = append(l.labels, label{name, value, fromParser})
	}
}

// pick sets a label to what a parser was asked to find for it; if that is not
// there, to the empty text, unless the line has a label of that name.
func (l *line) pick(name, value string, found bool) {
	if found {
		l.set(l.extractedName(name), value, fromParser)
	} else if _, ok := l.get(name); !ok {
		l.set(name, "", fromParser)
	}
}

// final returns the labels as a result shows them, errors included, sorted.
// The slice is l's own.
func (l *line) final() []label {
	if l.err != "" {
		l.labels = append(l.labels, label{errorLabel, l.err, fromParser})
		if l.details != "" {
			l.labels = append(l.labels, label{detailsLabel, l.details, fromParser})
		}
	}
	slices.SortFunc(l.labels, compareLabelNames)
	return l.labels
}

func compareLabelNames(a, b label) int { return strings.Compare(a.name, b.name) }
