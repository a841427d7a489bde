package graphite

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unsafe"

	"github.com/prometheus/statsd_exporter/pkg/mapper"

	"github.com/oriel-obs/oriel/ingest/namemap"
	"github.com/oriel-obs/oriel/ingest/samples"
)

// A decoder adds lines to a batch.
type decoder struct {
	rules  *namemap.Rules
	strict bool
	found  map[string]mapped // what the rules say, by path
}

// A mapped path is what the rules made of it.
type mapped struct {
	name   string
	labels [][2]string
	drop   bool
}

// maxMapped bounds decoder.found, which is emptied when it is full.
const maxMapped = 20_000

var (
	errForm    = errors.New("not `path value time`")
	errNoMatch = errors.New("the mapping file leaves it out")
)

// line adds the sample of line to b, or says why it is malformed. It refuses
// what the rules leave out itself.
func (d *decoder) line(line []byte, b *samples.Batch) error {
	path, rest := word(line)
	value, rest := word(rest)
	at, rest := word(rest)
	if len(value) == 0 || len(rest) > 0 {
		return fmt.Errorf("line %.128q: %w", line, errForm)
	}
	v, err := strconv.ParseFloat(text(value), 64)
	if err != nil || math.IsNaN(v) {
		return fmt.Errorf("line %.128q: value %.32q is no number", line, value)
	}
	t := b.Now()
	if len(at) > 0 && string(at) != "-1" && string(at) != "N" {
		seconds, err := strconv.ParseFloat(text(at), 64)
		if err != nil || math.Abs(seconds) > maxSeconds {
			return fmt.Errorf("line %.128q: %.32q is no time", line, at)
		}
		t = int64(math.Floor(seconds * 1000))
	}
	path, tags, _ := bytes.Cut(path, []byte(";"))
	b.Reset()
	for len(tags) > 0 {
		var tag []byte
		tag, tags, _ = bytes.Cut(tags, []byte(";"))
		name, value, ok := bytes.Cut(tag, []byte("="))
		if !ok || len(name) == 0 {
			return fmt.Errorf("line %.128q: tag %.64q is not name=value", line, tag)
		}
		b.LabelBytes(name, value)
	}
	if d.rules.Empty() {
		b.NameBytes(path)
	} else {
		m := d.mapped(path)
		if m.drop {
			b.Skip(namemap.ReasonUnmapped, 1, fmt.Errorf("%w: %.128q", errNoMatch, path))
			return nil
		}
		for _, l := range m.labels {
			b.Label(l[0], l[1])
		}
		b.Name(m.name)
	}
	b.Float(t, v)
	return nil
}

// maxSeconds keeps milliseconds an int64, and exact.
const maxSeconds = 1 << 43

// word cuts the first word off b.
func word(b []byte) (first, rest []byte) {
	b = bytes.TrimLeft(b, " \t")
	if i := bytes.IndexAny(b, " \t"); i >= 0 {
		return b[:i], bytes.TrimLeft(b[i:], " \t")
	}
	return b, nil
}

func (d *decoder) mapped(path []byte) mapped {
	if m, ok := d.found[string(path)]; ok {
		return m
	}
	r := d.rules.Find(string(path), mapper.MetricTypeGauge)
	m := mapped{name: r.Name, drop: r.Drop || d.strict && !r.Matched}
	for name, value := range r.Labels {
		m.labels = append(m.labels, [2]string{name, value})
	}
	if d.found == nil || len(d.found) >= maxMapped {
		d.found = map[string]mapped{}
	}
	d.found[string(path)] = m
	return m
}

// text looks at b as a string.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
