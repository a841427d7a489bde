package main

import (
	"github.com/oriel-obs/oriel/ingest/otlp"
	"github.com/oriel-obs/oriel/query"
	"github.com/oriel-obs/oriel/query/jaegerapi"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/query/tracearchive"
	"github.com/oriel-obs/oriel/query/traceql"
)

// newArchive returns what keeps traces. They are copied whole, whoever asks, and
// shown as far as who asks may see.
func (a *app) newArchive() *tracearchive.Archive {
	return tracearchive.New(tracearchive.Options{
		State: a.state, Traces: traceql.NewEngine(query.WithBudget(a.events, a.cfg.Query), a.cfg.Query),
		View: scope.Events, Decode: otlp.DecodeSpansProto, Config: a.cfg.TraceArchive,
	})
}

// archived gives Jaeger's API the archive of traces, unless that is off.
func (a *app) archived(api *jaegerapi.Handler) *jaegerapi.Handler {
	if a.cfg.TraceArchive.MaxBytes == 0 {
		return api
	}
	return api.WithArchive(a.archive)
}
