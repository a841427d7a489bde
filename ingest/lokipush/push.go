package lokipush

import (
	"context"
	"fmt"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fair"
	"github.com/oriel-obs/oriel/model"
)

// A push is one request on its way in: decoders call begin for every stream
// and then entry for each of its lines.
type push struct {
	h    *Handler
	now  time.Time
	rows *model.Builder

	streams int // begun
	entries int // seen
	refused refusals
	pause   func()

	// The stream of the entries that follow; nil when it was refused.
	cur *stream
	ref uint32
	dup dupFilter

	meta []model.Attr // scratch of decoders
}

// A stream is a label set and what every entry of it needs.
type stream struct {
	*model.Stream
	text     string       // as in a selector, shortened for messages
	levels   []model.Attr // labels that tell the level
	hasLevel bool         // a label is named as the metadata Oriel would add
}

// bytesPerEntry is a low guess of an entry's size on the wire, to make room.
const bytesPerEntry = 128

func (h *Handler) newPush(ctx context.Context, bodyBytes int, now time.Time) *push {
	return &push{
		h: h, now: now, rows: model.NewBuilder(model.Logs, bodyBytes/bytesPerEntry+1),
		pause: func() { fair.Pause(ctx) },
	}
}

// pauseEvery is after how many entries others go first.
const pauseEvery = 256

// begin starts a stream. With an err its labels are at fault: entries that
// follow are refused.
func (p *push) begin(s *stream, err error) {
	p.streams++
	p.cur = s
	if err != nil {
		p.cur = nil
		p.refused.add(ingest.ReasonLabels, 0, err.Error)
		return
	}
	p.ref = p.rows.Stream(s.Stream)
	p.dup.begin(p.ref)
}

// entry judges a line and stores it if it may come in. meta is only read.
// The strings are kept as they are.
func (p *push) entry(unixNano int64, line string, meta []model.Attr) {
	if p.entries++; p.entries%pauseEvery == 0 {
		p.pause()
	}
	if p.cur == nil {
		p.refused.add(ingest.ReasonLabels, 1, nil)
		return
	}
	if reason, why := p.judge(unixNano, line, meta); reason != "" {
		p.refused.add(reason, 1, why)
		return
	}
	if p.dup.seen(unixNano, line, meta) {
		return
	}
	p.rows.Row(p.ref, unixNano, line)
	hasLevel := p.cur.hasLevel
	for _, a := range meta {
		p.rows.Attr(a.Key, a.Value)
		hasLevel = hasLevel || a.Key == ingest.LevelAttr
	}
	if p.h.config.DiscoverLevel && !hasLevel {
		p.rows.Attr(ingest.LevelAttr, model.String(ingest.Level(p.cur.levels, meta, 0, line)))
	}
}

// judge returns the reason not to take an entry, and how to say it; or "".
func (p *push) judge(unixNano int64, line string, meta []model.Attr) (reason string, why func() string) {
	l := &p.h.limits
	switch r := l.CheckTime(unixNano, p.now); r {
	case ingest.ReasonTooOld:
		return r, func() string {
			return fmt.Sprintf("entry for stream '%s' has timestamp too old: %s, oldest acceptable timestamp is: %s",
				p.cur.text, timeText(unixNano), p.now.Add(-l.MaxAge).UTC().Format(time.RFC3339))
		}
	case ingest.ReasonTooNew:
		return r, func() string {
			return fmt.Sprintf("entry for stream '%s' has timestamp too new: %s", p.cur.text, timeText(unixNano))
		}
	}
	if l.MaxLineBytes > 0 && len(line) > l.MaxLineBytes {
		return ingest.ReasonTooLarge, func() string {
			return fmt.Sprintf("max entry size '%d' bytes exceeded for stream '%s' while adding an entry with length '%d' bytes",
				l.MaxLineBytes, p.cur.text, len(line))
		}
	}
	if n := len(meta); l.MaxAttrs > 0 && n > l.MaxAttrs {
		return ingest.ReasonLabels, func() string {
			return fmt.Sprintf("stream '%s' has too many structured metadata labels: '%d', limit: '%d'", p.cur.text, n, l.MaxAttrs)
		}
	}
	if size := attrBytes(meta); l.MaxAttrBytes > 0 && size > l.MaxAttrBytes {
		return ingest.ReasonTooLarge, func() string {
			return fmt.Sprintf("stream '%s' has structured metadata too large: '%d' bytes, limit: '%d' bytes", p.cur.text, size, l.MaxAttrBytes)
		}
	}
	return "", nil
}

func attrBytes(meta []model.Attr) int {
	n := 0
	for _, a := range meta {
		n += len(a.Key) + len(a.Value.Str())
	}
	return n
}

func timeText(unixNano int64) string { return time.Unix(0, unixNano).UTC().Format(time.RFC3339Nano) }
