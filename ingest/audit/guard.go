package audit

import (
	"context"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/model"
)

// Guard returns next, closed to senders who would write audit records: what
// comes from outside with their labels is given another value of log_source,
// "audit_claimed", and kept.
func Guard(next ingest.EventWriter) ingest.EventWriter { return guard{next} }

type guard struct{ next ingest.EventWriter }

// Append implements ingest.EventWriter.
func (g guard) Append(ctx context.Context, b *model.Batch) error {
	if b.Signal == model.Logs {
		for i, s := range b.Streams {
			if !reserved(s) {
				continue
			}
			claimed := *s
			claimed.Attrs = append([]model.Attr(nil), s.Attrs...)
			for j, a := range claimed.Attrs {
				if a.Key == "log_source" {
					claimed.Attrs[j].Value = model.String("audit_claimed")
				}
			}
			b.Streams[i] = &claimed
		}
	}
	return g.next.Append(ctx, b)
}
