package logql

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/buger/jsonparser"
	"github.com/dustin/go-humanize"

	"github.com/oriel-obs/oriel/internal/linefield"
)

// A Field is a value that a parser finds in a line.
type Field struct {
	Label string   // the label the parser makes of it
	Path  []string // of JSON, the keys that lead to the value
	Value string
}

// DetectFields looks at a line as the json and logfmt stages do, and returns
// the one that fits it, "json" or "logfmt", with what it finds; "" if neither
// does.
func DetectFields(text string) (parser string, fields []Field) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		if appendJSONFields([]byte(text), nil, &fields) == nil && len(fields) > 0 {
			return "json", fields
		}
		return "", nil
	}
	s := linefield.Logfmt{Text: text}
	for s.Next() {
		if s.Err != nil {
			return "", nil // prose with an equals sign in it
		}
		if name := linefield.Label(s.Key); name != "" && s.Value != "" {
			fields = append(fields, Field{Label: name, Value: linefield.Valid(s.Value)})
		}
	}
	if len(fields) == 0 {
		return "", nil
	}
	return "logfmt", fields
}

// maxDetected bounds recursion; objects nested deeper are left out.
const maxDetected = 128

func appendJSONFields(data []byte, path []string, out *[]Field) error {
	if len(path) >= maxDetected {
		return nil
	}
	return jsonparser.ObjectEach(data, func(key, value []byte, kind jsonparser.ValueType, _ int) error {
		at := slices.Concat(path, []string{string(key)})
		text := string(value)
		switch kind {
		case jsonparser.Object:
			return appendJSONFields(value, at, out)
		case jsonparser.String:
			text = linefield.Unquote(value)
		case jsonparser.Number, jsonparser.Boolean:
		default:
			return nil
		}
		if name := linefield.Label(strings.Join(at, "_")); name != "" {
			*out = append(*out, Field{Label: name, Path: at, Value: text})
		}
		return nil
	})
}

// DetectType returns the type of a value's text: int, float, boolean,
// duration, bytes or string.
func DetectType(text string) string {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return "int"
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return "float"
	}
	if _, err := strconv.ParseBool(text); err == nil {
		return "boolean"
	}
	if _, err := time.ParseDuration(text); err == nil {
		return "duration"
	}
	if _, err := humanize.ParseBytes(text); err == nil {
		return "bytes"
	}
	return "string"
}
