package otlp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/oriel-obs/oriel/ingest/otelmodel"
)

// An outcome is what became of the rows of one request.
type outcome struct {
	accepted int // rows to be stored, or stored
	refused  otelmodel.Refusals
	warnings []string // of what was stored all the same
}

// refuse counts rows refused for reason.
func (o *outcome) refuse(reason string, rows int, format string, args ...any) {
	o.refused.Add(reason, rows, format, args...)
}

// maxWarnings of a request are kept: a sender logs them each time.
const maxWarnings = 32

// warn says something of what is stored all the same.
func (o *outcome) warn(format string, args ...any) {
	if len(o.warnings) < maxWarnings {
		o.warnings = append(o.warnings, fmt.Sprintf(format, args...))
	}
}

func (o *outcome) rejected() int { return o.refused.Rows() }

// maxMessage bounds the text of a partial success, in bytes: senders read at
// most 4 MiB of a response and log this.
const maxMessage = 4 << 10

// message explains the refusals and warnings, or is empty when all went well.
func (o *outcome) message() string {
	if len(o.refused) == 0 && len(o.warnings) == 0 {
		return ""
	}
	var b strings.Builder
	for _, r := range o.refused {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(strconv.Itoa(r.Rows))
		b.WriteString(" rejected as ")
		b.WriteString(r.Reason)
		b.WriteString(": ")
		b.WriteString(r.Example)
	}
	for _, w := range o.warnings {
		if b.Len() > maxMessage {
			break
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(w)
	}
	return cut(strings.ToValidUTF8(b.String(), "\uFFFD"), maxMessage)
}

// cut shortens s to at most n bytes, at the start of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
