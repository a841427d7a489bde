package otlp

import (
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/collector/pdata/pcommon"
)

// mend replaces what is not UTF-8 in s. Protobuf forbids it, yet senders copy
// foreign bytes into strings, and a log line with a bad byte is better than
// none.
func mend(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// nanos converts t, saturating: model times are signed.
func nanos(t pcommon.Timestamp) int64 { return saturated(uint64(t)) }
