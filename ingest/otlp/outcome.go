package otlp

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An outcome is what became of the rows of one request.
type outcome struct {
	accepted int // rows to be stored, or stored
	refused  []refusal
	warnings []string // of what was stored all the same
}

type refusal struct {
	reason  string // ingest.Reason…
	rows    int
	example string
}

// refuse counts rows refused for reason. The first example of each reason is
// kept.
func (o *outcome) refuse(reason string, rows int, format string, args ...any) {
	for i := range o.refused {
		if o.refused[i].reason == reason {
			o.refused[i].rows += rows
			return
		}
	}
	o.refused = append(o.refused, refusal{reason, rows, fmt.Sprintf(format, args...)})
}

func (o *outcome) rejected() int {
	n := 0
	for _, r := range o.refused {
		n += r.rows
	}
	return n
}

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
		b.WriteString(strconv.Itoa(r.rows))
		b.WriteString(" rejected as ")
		b.WriteString(r.reason)
		b.WriteString(": ")
		b.WriteString(r.example)
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
