package otelmodel

import (
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// CheckAttrs returns the reason to refuse a row with attrs, and why in words,
// or "".
func CheckAttrs(l ingest.Limits, attrs []model.Attr) (reason, why string) {
	if l.MaxAttrs > 0 && len(attrs) > l.MaxAttrs {
		return ingest.ReasonLabels, fmt.Sprintf("has %d attributes, limit %d", len(attrs), l.MaxAttrs)
	}
	if l.MaxAttrBytes > 0 {
		if n := attrBytes(attrs); n > l.MaxAttrBytes {
			return ingest.ReasonTooLarge, fmt.Sprintf("has attributes of %d bytes, limit %d", n, l.MaxAttrBytes)
		}
	}
	return "", ""
}

func attrBytes(attrs []model.Attr) int {
	n := 0
	for _, a := range attrs {
		n += len(a.Key) + len(a.Value.Str())
	}
	return n
}

func timeText(unixNano int64) string {
	return time.Unix(0, unixNano).UTC().Format(time.RFC3339Nano)
}
