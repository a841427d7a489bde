package logrecord

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/model"
)

var scanned = Mapping{
	Time:   []string{"@timestamp", "time"},
	Body:   []string{"message", "msg"},
	Labels: map[string]string{"app": "app", "host.name": "host_name"},
	Rename: map[string]string{"trace.id": "trace_id"},
	Whole:  []string{"whole", "a.whole"},
}

// documents are read by scan, and others left to the decoder.
var documents = map[string]bool{
	`{}`: true,
	` { "a" : 1 , "b" : { "c" : [ 1 , { } ] , "d" : { } } } `:                                                      true,
	`{"@timestamp":"2026-01-02T03:04:05Z","message":"hi","app":"api","trace":{"id":"0af"},"time":5,"msg":"x"}`:     true,
	`{"s":"","e":"\"\\\/\b\f\n\r\t","u":"\u00e9\u20AC|","é":"é"}`:                                                  true,
	`{"n":[1,"]",{"}":null}],"i":-0,"j":-12,"f":1.50,"g":0.1,"h":9223372036854775808,"t":true,"x":false,"y":null}`: true,
	`{"a":1,"a":2,"a.b":3,"a":{"b":4},"whole":{"k":[{"v":1}]},"a":{"whole":{"x":1}}}`:                              true,
	"{\"raw\":\"\xff\",\"\xff\":1}": true, // mended when the record is added
	`{"k\u0041":1}`:                 false,
	`{"s":"\ud83d\ude00"}`:          false,
	`{"s":"\ud800"}`:                false,
	"{\"s\":\"\\n\xff\"}":           false,
	`{"n":1e3,"m":[1e3]}`:           false,
	`{"long":[` + strings.Repeat("1,", maxDecoded/2) + `1]}`:    false,
	strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40): true,
	``: false, `[]`: false, `{`: false, `{"a"}`: false, `{"a":}`: false, `{"a":1,}`: false, `{,}`: false, `{"a":1}}`: false, `{"a":1} {}`: false, `{a:1}`: false,
	`{"a":01}`: false, `{"a":-}`: false, `{"a":1.}`: false, `{"a":.5}`: false, `{"a":+1}`: false, `{"a":nul}`: false, `{"a":truth}`: false, `{"a":[1}`: false,
	`{"a":"` + "\n" + `"}`: false, `{"a":"\x"}`: false, `{"a":"\u12"}`: false, `{"a":"\`: false, `{"a":"x`: false, "{\"a\x00\":1}": false, `{"a":"\u00`: false,
}

func TestUsualDocumentsAreScanned(t *testing.T) {
	for text, usual := range documents {
		require.Equal(t, usual, compareScan(t, NewReader(scanned), []byte(text)), text)
	}
}

// compareScan reports whether scan takes text, which read must then take for
// the same.
func compareScan(t *testing.T, r *Reader, text []byte) bool {
	var fast, slow Record
	d := r.document(text, &fast)
	if !d.scan() {
		return false
	}
	var why [2]*Refusal
	why[0] = d.settle()
	d.reset(text, &slow)
	why[1] = d.read()
	require.Equal(t, why[1], why[0])
	if why[0] == nil {
		fast.Labels, fast.Attrs = append([]model.Attr{}, fast.Labels...), append([]model.Attr{}, fast.Attrs...)
		slow.Labels, slow.Attrs = append([]model.Attr{}, slow.Labels...), append([]model.Attr{}, slow.Attrs...)
		require.Equal(t, slow, fast)
	}
	return true
}

func FuzzScan(f *testing.F) {
	for text := range documents {
		f.Add([]byte(text))
	}
	r := NewReader(scanned)
	f.Fuzz(func(t *testing.T, text []byte) { compareScan(t, r, text) })
}
