// Package pipeline changes log records on their way into the event store, as
// the `ingest.pipelines` section of oriel.yaml says: it finds fields in lines,
// renames and drops attributes, drops, samples and redacts lines, and makes
// metrics of them.
//
// A pipeline is a selector of streams and a list of stages. A record passes
// every pipeline that selects its stream, in the order of the configuration,
// and the stages of each in their order. Streams are never changed, so that a
// record stays where its sender put it.
package pipeline
