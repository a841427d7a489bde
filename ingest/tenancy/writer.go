// Package tenancy says whose the log records and spans are that come in: it
// stamps their streams with the tenant of whoever writes, ahead of everything
// that keeps or counts them. Series are stamped in package admission.
package tenancy

import (
	"context"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
)

// A Writer stamps what it passes on. It is safe for concurrent use.
type Writer struct {
	next    ingest.EventWriter
	spoofed prometheus.Counter
}

// New returns a Writer to next.
func New(next ingest.EventWriter, reg prometheus.Registerer) *Writer {
	w := &Writer{next: next, spoofed: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "oriel_ingest_tenant_attributes_dropped_total",
		Help: "Streams and columns of batches that came with the attribute of a tenant, which senders may not set: it was dropped.",
	})}
	reg.MustRegister(w.spoofed)
	return w
}

// Append implements ingest.EventWriter. The tenant is that of the identity in
// ctx; the default one leaves no mark.
func (w *Writer) Append(ctx context.Context, b *model.Batch) error {
	tenant := auth.From(ctx).Tenant()
	streams := make([]*model.Stream, len(b.Streams)) // those of a batch may be shared with others
	for i, s := range b.Streams {
		streams[i] = w.stamped(s, tenant)
	}
	b.Streams = streams
	b.Attrs = slices.DeleteFunc(b.Attrs, func(c *model.Column) bool {
		if c.Key != auth.TenantLabel {
			return false
		}
		w.spoofed.Inc()
		return true
	})
	return w.next.Append(ctx, b)
}

// stamped returns s as tenant's.
func (w *Writer) stamped(s *model.Stream, tenant string) *model.Stream {
	at, has := slices.BinarySearchFunc(s.Attrs, auth.TenantLabel, func(a model.Attr, key string) int {
		switch {
		case a.Key < key:
			return -1
		case a.Key > key:
			return 1
		}
		return 0
	})
	if !has && tenant == "" {
		return s
	}
	if has && s.Attrs[at].Value == model.String(tenant) {
		return s // was given again after storage.ErrBusy
	}
	out := *s
	if has {
		w.spoofed.Inc()
		out.Attrs = slices.Delete(slices.Clone(s.Attrs), at, at+1)
	}
	if tenant != "" {
		out.Attrs = slices.Insert(slices.Clone(out.Attrs), at, model.Attr{Key: auth.TenantLabel, Value: model.String(tenant)})
	}
	return &out
}
