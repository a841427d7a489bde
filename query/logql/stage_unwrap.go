package logql

import (
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Unwrap makes a label's value the sample of a line.
type Unwrap struct {
	Label   string
	Conv    Conversion
	Filters []LabelFilter // tested after the conversion
}

// A Conversion is how unwrap reads a value.
type Conversion string

// The conversions.
const (
	ConvNone            Conversion = ""
	ConvBytes           Conversion = "bytes"
	ConvDuration        Conversion = "duration" // to seconds
	ConvDurationSeconds Conversion = "duration_seconds"
)

// String prints the stage.
func (u *Unwrap) String() string {
	var b strings.Builder
	b.WriteString("| unwrap ")
	if u.Conv == ConvNone {
		b.WriteString(u.Label)
	} else {
		b.WriteString(string(u.Conv) + "(" + u.Label + ")")
	}
	for _, f := range u.Filters {
		b.WriteString(" | " + f.String())
	}
	return b.String()
}

// sample returns the line's value; ok is false when it has none or a filter
// drops the line. A value that does not convert is an error of the line.
func (u *Unwrap) sample(l *line) (v float64, ok bool) {
	text, has := l.get(u.Label)
	if !has || text == "" {
		return 0, false
	}
	v, err := u.Conv.parse(text)
	if err != nil {
		v = 0
		if l.err == "" {
			l.fail(errSample, err.Error())
		}
	}
	for _, f := range u.Filters {
		if !f.holds(l) {
			return 0, false
		}
	}
	return v, true
}

func (c Conversion) parse(text string) (float64, error) {
	switch c {
	case ConvBytes:
		n, err := humanize.ParseBytes(text)
		return float64(n), err
	case ConvDuration, ConvDurationSeconds:
		d, err := time.ParseDuration(text)
		return d.Seconds(), err
	}
	return strconv.ParseFloat(text, 64)
}
