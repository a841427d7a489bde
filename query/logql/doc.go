// Package logql is LogQL, Loki's query language: parser, printer, planner and
// engine over a query.EventSource.
//
// An Engine is safe for concurrent use; everything a query builds belongs to
// the goroutine that runs it.
//
// Vocabulary: a selector is a set of label matchers, a stage is one step of
// the pipeline behind it, a line is a log record while it passes the stages.
// Labels of a line have one of three origins: its stream, its structured
// metadata (the record's own attributes), or a stage that parsed them.
//
// What a query means was learned from the documentation of Loki and from
// answers recorded from it (oracletest); no code of Loki is used.
package logql
