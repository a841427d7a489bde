package samples

import (
	"errors"
	"fmt"
	"unicode/utf8"

	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
)

// errFuture has the text of Prometheus' receiver of remote write.
var errFuture = fmt.Errorf("%w: timestamp is too far in the future", promstorage.ErrOutOfBounds)

// reasonOf returns why a store refused a sample, or "" if it is the store that
// failed.
func reasonOf(err error) string {
	if errors.Is(err, errFuture) {
		return ingest.ReasonTooNew
	}
	return ingest.ReasonOfSample(err)
}

// maxShown is how much of a series' labels a message has, in bytes.
const maxShown = 512

func cut(s string) string {
	if len(s) <= maxShown {
		return s
	}
	n := maxShown
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
