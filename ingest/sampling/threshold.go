package sampling

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// A threshold is a rejection threshold of OpenTelemetry's consistent
// probability sampling: traces with a randomness below it are dropped. Both
// have 56 bits.
type threshold uint64

const (
	always threshold = 0
	never  threshold = 1 << 56

	maxRandomness = 1<<56 - 1
)

// thresholdOf returns the threshold that keeps a share p of traces, to 20 bits
// of precision, so that it is short in tracestate.
func thresholdOf(p float64) threshold {
	const unit = 1 << 36
	t := threshold(math.Round((1-p)*float64(never)/unit)) * unit
	if t == never && p > 0 {
		return never - unit
	}
	return t
}

// share is the part of traces that t keeps.
func (t threshold) share() float64 { return float64(never-t) / float64(never) }

// text is t in tracestate: hexadecimal, without trailing zeros.
func (t threshold) text() string {
	s := strconv.FormatUint(uint64(t|never), 16)[1:] // 14 digits
	if s = strings.TrimRight(s, "0"); s == "" {
		return "0"
	}
	return s
}

// A traceState is the part of a W3C trace state that samplers share.
type traceState struct {
	threshold  threshold
	randomness uint64
	explicit   bool // randomness is
}

// parseTraceState reads the member "ot" of a trace state. What is malformed
// counts as not there.
func parseTraceState(s string) (ts traceState) {
	for member := range strings.SplitSeq(s, ",") {
		fields, ok := strings.CutPrefix(strings.TrimSpace(member), "ot=")
		if !ok {
			continue
		}
		for field := range strings.SplitSeq(fields, ";") {
			name, v, _ := strings.Cut(field, ":")
			switch name {
			case "th":
				if n, err := strconv.ParseUint(v, 16, 56); err == nil && len(v) <= 14 {
					ts.threshold = threshold(n << (4 * (14 - len(v))))
				}
			case "rv":
				if n, err := strconv.ParseUint(v, 16, 56); err == nil && len(v) == 14 {
					ts.randomness, ts.explicit = n, true
				}
			}
		}
		break
	}
	return ts
}

// randomnessOf is what a trace id has, if trace state says nothing else.
func randomnessOf(id model.TraceID) uint64 { return binary.BigEndian.Uint64(id[8:]) & maxRandomness }

// withThreshold returns the trace state s with t in it; its other members and
// fields stay.
func withThreshold(s string, t threshold) string {
	th := "th:" + t.text()
	if s == "" {
		return "ot=" + th
	}
	members := strings.Split(s, ",")
	for i, member := range members {
		fields, ok := strings.CutPrefix(strings.TrimSpace(member), "ot=")
		if !ok {
			continue
		}
		kept := []string{th}
		for field := range strings.SplitSeq(fields, ";") {
			if field != "" && !strings.HasPrefix(field, "th:") {
				kept = append(kept, field)
			}
		}
		members[i] = "ot=" + strings.Join(kept, ";")
		return strings.Join(members, ",")
	}
	return "ot=" + th + "," + s // what was changed comes first
}
