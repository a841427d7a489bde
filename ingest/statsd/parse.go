package statsd

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"
)

// A kind is what a line says its value is.
type kind byte

const (
	counter kind = iota + 1
	gauge
	timer // in milliseconds
	observation
	set
)

func (k kind) String() string {
	return [...]string{"", "counter", "gauge", "timer", "histogram", "set"}[k]
}

var kinds = map[string]kind{"c": counter, "g": gauge, "ms": timer, "h": observation, "d": observation, "s": set}

// A value is one value of a line. The bytes are the line's.
type value struct {
	name []byte // with the tags of other dialects
	tags []byte // DogStatsD's, after the #
	kind kind
	v    float64
	sign bool    // a gauge is relative
	item []byte  // the member of a set
	rate float64 // of sampling, in (0, 1]
}

var (
	errNoValue  = errors.New("no value after the name")
	errNoKind   = errors.New("no type after the value")
	errNoMetric = errors.New("events and service checks are not taken")
)

// parse calls add with each value of line, which stands in x. An error is of
// the values from there on.
func (x *value) parse(line []byte, add func(*value) error) error {
	if bytes.HasPrefix(line, []byte("_e{")) || bytes.HasPrefix(line, []byte("_sc|")) {
		return errNoMetric
	}
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return errNoValue
	}
	*x = value{name: line[:colon]}
	rest := line[colon+1:]
	bar := bytes.IndexByte(rest, '|')
	if bar < 0 {
		return errNoKind
	}
	if bytes.IndexByte(rest[:bar], ':') >= 0 && !bytes.HasPrefix(rest[bar+1:], []byte("s")) {
		// DogStatsD: several values of one type.
		if err := x.suffix(rest[bar+1:]); err != nil {
			return err
		}
		for v := range bytes.SplitSeq(rest[:bar], []byte(":")) {
			if err := x.set(v, add); err != nil {
				return err
			}
		}
		return nil
	}
	for len(rest) > 0 {
		// StatsD: several values, each of its own type. Tags have colons too,
		// and come last.
		one := rest
		rest = nil
		if tags := bytes.Index(one, []byte("|#")); tags < 0 {
			bar := bytes.IndexByte(one, '|')
			if bar < 0 {
				return errNoKind
			}
			if end := bytes.IndexByte(one[bar:], ':'); end >= 0 && !container(one[:bar+end]) {
				one, rest = one[:bar+end], one[bar+end+1:]
			}
		}
		v, suffix, ok := bytes.Cut(one, []byte("|"))
		if !ok {
			return errNoKind
		}
		if err := x.suffix(suffix); err != nil {
			return err
		}
		if err := x.set(v, add); err != nil {
			return err
		}
	}
	return nil
}

// container reports whether b ends in the beginning of a section with a colon
// of its own: a container id, external data or a cardinality.
func container(b []byte) bool {
	for _, s := range []string{"|c", "|e", "|card"} {
		if bytes.HasSuffix(b, []byte(s)) && bytes.Count(b, []byte("|")) > 1 {
			return true
		}
	}
	return false
}

// suffix reads what follows the value: type, sample rate, tags and more.
func (x *value) suffix(b []byte) error {
	k, b, more := bytes.Cut(b, []byte("|"))
	if x.kind = kinds[string(k)]; x.kind == 0 {
		return fmt.Errorf("unknown type %.16q", k)
	}
	x.tags, x.rate = nil, 1
	for more {
		var section []byte
		section, b, more = bytes.Cut(b, []byte("|"))
		if len(section) == 0 {
			return errors.New("an empty section")
		}
		switch section[0] {
		case '@':
			rate, err := strconv.ParseFloat(text(section[1:]), 64)
			if err != nil || !(rate >= minRate && rate <= 1) {
				return fmt.Errorf("sample rate %.32q is not in (0, 1]", section[1:])
			}
			x.rate = rate
		case '#':
			x.tags = section[1:]
		case 'c', 'e', 'T': // container, external data or cardinality, time: not used
		default:
			return fmt.Errorf("unknown section %.32q", section)
		}
	}
	return nil
}

// minRate bounds what one value can stand for.
const minRate = 1e-9

// set reads the value itself and passes x on.
func (x *value) set(b []byte, add func(*value) error) error {
	if x.kind == set {
		if len(b) == 0 {
			return errNoValue
		}
		x.item = b
		return add(x)
	}
	v, err := strconv.ParseFloat(text(b), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("value %.32q is no number", b)
	}
	if x.kind == counter && v < 0 {
		return fmt.Errorf("counter with the negative value %.32q", b)
	}
	x.v, x.sign = v, b[0] == '+' || b[0] == '-'
	return add(x)
}

// text looks at b as a string.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
