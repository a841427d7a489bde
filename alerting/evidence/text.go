package evidence

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bytes of texts in evidence.
const (
	maxLine    = 600
	maxMessage = 300
	maxName    = 120
)

// clean redacts a text and cuts it.
func (c *Collector) clean(text string, size int) string {
	return cut(c.redact.Text(strings.ToValidUTF8(text, "\uFFFD")), size)
}

// cut returns at most size bytes of text, with an ellipsis for the rest.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	const ellipsis = "…"
	text = text[:size-len(ellipsis)]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text + ellipsis
}

// values are what differs between lines that say the same: times, ids, numbers.
var values = regexp.MustCompile(`\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b|\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{12,}\b|\d+(?:[.,:-]\d+)*`)

// shape returns line with <_> for its values.
func shape(line string) string { return values.ReplaceAllString(cut(line, maxLine), "<_>") }

// selector returns a matcher for any of values, as LogQL and PromQL write it.
func selector(name string, values []string) string {
	if len(values) == 1 {
		return name + "=" + strconv.Quote(values[0])
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = regexp.QuoteMeta(v)
	}
	return name + "=~" + strconv.Quote(strings.Join(quoted, "|"))
}
