package datadog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"unsafe"

	"github.com/buger/jsonparser"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/nativehist"
)

// elements calls f with each element of the array that body, an object, has
// under key; or of body itself, if key is empty. The elements are JSON.
func (b *intake) elements(body []byte, key string, f func([]byte)) error {
	if body = bytes.TrimSpace(body); len(body) == 0 || string(body) == "{}" {
		return nil // a question whether somebody is there
	}
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	if err := elements(d, body, key, f); err != nil {
		return fmt.Errorf("%w: %w", err, fault.ErrInvalid)
	}
	return nil
}

func elements(d *jsontext.Decoder, body []byte, key string, f func([]byte)) error {
	if key != "" {
		t, err := d.ReadToken()
		if err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		if t.Kind() != jsontext.KindBeginObject {
			return errors.New("not a JSON object")
		}
	}
	for key == "" || d.PeekKind() != jsontext.KindEndObject {
		if key != "" {
			t, err := d.ReadToken()
			if err != nil {
				return fmt.Errorf("not JSON: %w", err)
			}
			if t.String() != key {
				if err := d.SkipValue(); err != nil {
					return fmt.Errorf("not JSON: %w", err)
				}
				continue
			}
		}
		if err := array(d, body, f); err != nil {
			return err
		}
		if key == "" {
			break
		}
	}
	if key != "" {
		if _, err := d.ReadToken(); err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("text after the end of the JSON")
	}
	return nil
}

// array calls f with each element of the array that comes next. The slices are
// of body: the decoder's own is only lent.
func array(d *jsontext.Decoder, body []byte, f func([]byte)) error {
	t, err := d.ReadToken()
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	if t.Kind() == jsontext.KindNull {
		return nil
	}
	if t.Kind() != jsontext.KindBeginArray {
		return errors.New("not a JSON array of series")
	}
	for d.PeekKind() != jsontext.KindEndArray {
		v, err := d.ReadValue()
		if err != nil {
			return fmt.Errorf("not JSON: %w", err)
		}
		end := int(d.InputOffset())
		f(body[end-len(v) : end : end])
	}
	_, err = d.ReadToken()
	return err
}

// text returns the text of a JSON string without its quotes, unescaped. It is
// valid until the next call.
func (b *intake) text(v []byte) []byte {
	if bytes.IndexByte(v, '\\') < 0 {
		return v
	}
	out, err := jsonparser.Unescape(v, b.scratch[:cap(b.scratch)])
	if err != nil {
		return v
	}
	b.scratch = out
	return out
}

// jsonSeries adds a series of either version of the API, which is JSON.
func (b *intake) jsonSeries(v []byte) { b.jsonAny(v, b.jsonPoint) }

// jsonDistribution adds a series whose points are lists of values.
func (b *intake) jsonDistribution(v []byte) { b.jsonAny(v, b.jsonValues) }

func (b *intake) jsonAny(v []byte, point func(metricType, []byte, jsonparser.ValueType)) {
	b.Reset()
	var (
		typ    metricType
		points []byte
		bad    error
	)
	refuse := func(format string, args ...any) {
		if bad == nil {
			bad = fmt.Errorf(format, args...)
		}
	}
	err := jsonparser.ObjectEach(v, func(key, value []byte, kind jsonparser.ValueType, _ int) error {
		isText := kind == jsonparser.String
		switch string(key) {
		case "metric":
			if !isText {
				refuse("metric is not a text")
			} else {
				b.NameBytes(b.text(value))
			}
		case "host", "device":
			if isText {
				b.LabelBytes(key, b.text(value))
			}
		case "type":
			typ = b.jsonType(value, kind, refuse)
		case "tags":
			b.jsonTags(value, kind)
		case "resources":
			b.jsonResources(value, kind)
		case "points":
			if kind == jsonparser.Array {
				points = value
			} else {
				refuse("points are not an array")
			}
		}
		return nil
	})
	if err != nil {
		refuse("a series is not an object")
	}
	if bad != nil {
		b.Refuse(ingest.ReasonMalformed, 1, bad)
		return
	}
	if len(points) > 0 {
		_, _ = jsonparser.ArrayEach(points, func(p []byte, kind jsonparser.ValueType, _ int, _ error) { // it was checked to be JSON
			point(typ, p, kind)
		})
	}
}

func (b *intake) jsonType(v []byte, kind jsonparser.ValueType, refuse func(string, ...any)) metricType {
	if kind == jsonparser.Number {
		n, err := strconv.Atoi(string(v))
		if err != nil || n < int(unspecified) || n > int(gauge) {
			refuse("type %.16s is none of 0 to 3", v)
		}
		return metricType(n)
	}
	t, ok := typeNames[string(v)]
	if !ok && kind == jsonparser.String {
		refuse("type %.32q is none of count, rate and gauge", v)
	}
	return t
}

func (b *intake) jsonTags(v []byte, kind jsonparser.ValueType) {
	if kind != jsonparser.Array {
		return
	}
	_, _ = jsonparser.ArrayEach(v, func(tag []byte, kind jsonparser.ValueType, _ int, _ error) {
		if kind == jsonparser.String {
			b.tag(b.text(tag))
		}
	})
}

func (b *intake) jsonResources(v []byte, kind jsonparser.ValueType) {
	if kind != jsonparser.Array {
		return
	}
	_, _ = jsonparser.ArrayEach(v, func(r []byte, _ jsonparser.ValueType, _ int, _ error) {
		typ, _ := jsonparser.GetString(r, "type") // an empty one is no label
		name, _ := jsonparser.GetString(r, "name")
		if typ != "" {
			b.Label(typ, name)
		}
	})
}

var errPoint = errors.New("a point is neither [time, value] nor {timestamp, value}")

// jsonPoint adds [time, value] of the first API or an object of the second.
func (b *intake) jsonPoint(t metricType, p []byte, kind jsonparser.ValueType) {
	parts := [2]float64{math.NaN(), math.NaN()}
	none := false // a point without a value
	number := func(i int, v []byte, kind jsonparser.ValueType) {
		if kind == jsonparser.Null {
			none = true
			return
		}
		if f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(v), len(v)), 64); err == nil && i < 2 && len(v) > 0 {
			parts[i] = f
		}
	}
	switch kind {
	case jsonparser.Array:
		i := 0
		_, _ = jsonparser.ArrayEach(p, func(v []byte, kind jsonparser.ValueType, _ int, _ error) {
			number(i, v, kind)
			i++
		})
	case jsonparser.Object:
		_ = jsonparser.ObjectEach(p, func(key, v []byte, kind jsonparser.ValueType, _ int) error {
			switch string(key) {
			case "timestamp":
				number(0, v, kind)
			case "value":
				number(1, v, kind)
			}
			return nil
		})
	}
	switch {
	case none:
	case math.IsNaN(parts[0]) || math.IsNaN(parts[1]) || math.IsInf(parts[1], 0):
		b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("%w: %.64q", errPoint, p))
	default:
		b.point(t, parts[0], parts[1])
	}
}

// jsonValues adds [time, [value, ...]] to a distribution.
func (b *intake) jsonValues(_ metricType, p []byte, _ jsonparser.ValueType) {
	seconds, err := jsonparser.GetFloat(p, "[0]")
	list, kind, _, err2 := jsonparser.Get(p, "[1]")
	if err != nil || err2 != nil || kind != jsonparser.Array || math.Abs(seconds) > maxSeconds {
		b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("a point of a distribution is not [time, [values]]: %.64q", p))
		return
	}
	var values []float64
	_, _ = jsonparser.ArrayEach(list, func(v []byte, kind jsonparser.ValueType, _ int, _ error) {
		f, err := jsonparser.ParseFloat(v)
		if kind != jsonparser.Number || err != nil || math.IsInf(f, 0) {
			b.Refuse(ingest.ReasonMalformed, 1, fmt.Errorf("a value of a distribution is no number: %.64q", v))
			return
		}
		values = append(values, f)
	})
	b.add(int64(seconds*1000), 0, func(h *nativehist.Histogram) {
		for _, v := range values {
			h.Observe(v, 1)
		}
	})
}

// checkMetric is the gauge that service checks become: 0 is OK, 1 a warning, 2
// critical, 3 unknown.
const checkMetric = "datadog_service_check_status"

// check adds a service check, which is JSON.
func (b *intake) check(v []byte) {
	b.Reset()
	name, err := jsonparser.GetString(v, "check")
	status, kind, _, err2 := jsonparser.Get(v, "status")
	n, err3 := strconv.Atoi(string(status))
	if err != nil || err2 != nil || err3 != nil || kind != jsonparser.Number || name == "" || n < 0 || n > 3 {
		b.Refuse(ingest.ReasonMalformed, 1, errors.New("a check needs a name and a status from 0 to 3"))
		return
	}
	b.Label("check", name)
	host, _ := jsonparser.GetString(v, "host_name")
	b.Label("host", host)
	if tags, kind, _, err := jsonparser.Get(v, "tags"); err == nil {
		b.jsonTags(tags, kind)
	}
	at := float64(b.Now()) / 1000
	if t, err := jsonparser.GetFloat(v, "timestamp"); err == nil && t > 0 {
		at = t
	}
	b.Name(checkMetric)
	b.Meta.Type = model.MetricTypeGauge
	b.point(gauge, at, float64(n))
}
