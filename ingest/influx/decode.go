package influx

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unsafe"

	"github.com/influxdata/line-protocol/v2/lineprotocol"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/samples"
)

// A precision is the unit of a request's times; negative for what the size of
// each tells.
type precision time.Duration

const autoPrecision precision = -1

// A decoder adds the lines of a request to a batch.
type decoder struct {
	c     Config
	unit  precision
	db    []byte
	label []byte // for db
	out   *samples.Batch

	measurement []byte
	keys        []byte // of fields, one after the other
	fields      []field
	texts       int    // fields of the line that are no numbers
	bad         faulty // the first
	lines       int    // that could not be read
}

// A field waits for the end of its line, where the time is.
type field struct {
	end int // of its key in keys, which begins where the one before ends
	v   float64
}

// A faulty line is one that could not be read.
type faulty struct {
	line int // from 1
	text string
	err  error
}

// decode adds what can be read of body.
func (d *decoder) decode(body []byte) {
	dec := lineprotocol.NewDecoderWithBytes(body)
	for dec.Next() {
		err := d.line(dec)
		if err == nil {
			continue
		}
		d.lines++
		d.out.Refuse(ingest.ReasonMalformed, 1, err)
		var at *lineprotocol.DecodeError
		if d.bad.err == nil && errors.As(err, &at) {
			d.bad = faulty{int(at.Line), lineOf(body, int(at.Line)), at.Err}
		} else if d.bad.err == nil {
			d.bad = faulty{err: err}
		}
	}
}

// maxShownLine is how much of a faulty line an answer has, in bytes.
const maxShownLine = 256

func lineOf(body []byte, number int) string {
	for ; number > 1; number-- {
		_, body, _ = bytes.Cut(body, []byte("\n"))
	}
	line, _, _ := bytes.Cut(body, []byte("\n"))
	return string(bytes.ToValidUTF8(line[:min(len(line), maxShownLine)], []byte("\uFFFD")))
}

// line adds one point: nothing of it if it returns an error.
func (d *decoder) line(dec *lineprotocol.Decoder) error {
	m, err := dec.Measurement()
	if err != nil {
		return err
	}
	d.measurement = append(d.measurement[:0], m...)
	if err := d.tags(dec); err != nil {
		return err
	}
	if err := d.values(dec); err != nil {
		return err
	}
	t, err := d.time(dec)
	if err != nil {
		return err
	}
	if d.texts > 0 {
		d.out.Skip(ingest.ReasonTranslate, d.texts, fmt.Errorf("measurement %.128q has a field that is a text", d.measurement))
	}
	from := 0
	for _, f := range d.fields {
		d.name(d.keys[from:f.end])
		from = f.end
		d.out.Float(t, f.v)
	}
	return nil
}

func (d *decoder) tags(dec *lineprotocol.Decoder) error {
	d.out.Reset()
	named := len(d.db) == 0 || len(d.label) == 0
	for {
		key, value, err := dec.NextTag()
		if err != nil {
			return err
		}
		if key == nil {
			break
		}
		named = named || bytes.Equal(key, d.label)
		d.out.LabelBytes(key, value)
	}
	if !named {
		d.out.LabelBytes(d.label, d.db)
	}
	return nil
}

func (d *decoder) values(dec *lineprotocol.Decoder) error {
	d.keys, d.fields, d.texts = d.keys[:0], d.fields[:0], 0
	for {
		key, value, err := dec.NextField()
		if err != nil {
			return err
		}
		if key == nil {
			return nil
		}
		var v float64
		switch value.Kind() {
		case lineprotocol.Float:
			v = value.FloatV()
		case lineprotocol.Int:
			v = float64(value.IntV())
		case lineprotocol.Uint:
			v = float64(value.UintV())
		case lineprotocol.Bool:
			if value.BoolV() {
				v = 1
			}
		default:
			d.texts++
			continue
		}
		d.keys = append(d.keys, key...)
		d.fields = append(d.fields, field{len(d.keys), v})
	}
}

// name names the series of a field.
func (d *decoder) name(key []byte) {
	alone := d.c.SkipSingleField && len(d.fields)+d.texts == 1
	switch {
	case d.c.SkipMeasurement:
		d.out.NameBytes(key)
	case alone || string(key) == "value":
		d.out.NameBytes(d.measurement)
	default:
		d.out.NameBytes(d.measurement, []byte(d.c.Separator), key)
	}
}

// time returns the time of the line, in ms.
func (d *decoder) time(dec *lineprotocol.Decoder) (int64, error) {
	text, err := dec.TimeBytes()
	if err != nil {
		return 0, err
	}
	if text == nil {
		return d.out.Now(), nil
	}
	n, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(text), len(text)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("bad timestamp %q", text)
	}
	unit := d.unit
	if unit == autoPrecision {
		unit = guess(n)
	}
	if unit < precision(time.Millisecond) {
		per := int64(precision(time.Millisecond) / unit)
		if ms := n / per; n%per >= 0 {
			return ms, nil
		}
		return n/per - 1, nil // down, for times before 1970 too
	}
	per := int64(unit / precision(time.Millisecond))
	if n > math.MaxInt64/per || n < math.MinInt64/per {
		return 0, fmt.Errorf("timestamp %q is out of range", text)
	}
	return n * per, nil
}

// guess tells the unit of a time by its size, as InfluxDB 3 does.
func guess(n int64) precision {
	switch a := max(n, -n); {
	case a < 5e9:
		return precision(time.Second)
	case a < 5e12:
		return precision(time.Millisecond)
	case a < 5e15:
		return precision(time.Microsecond)
	}
	return precision(time.Nanosecond)
}
