// Package traceql is Oriel's TraceQL: lexer, parser, planner and engine.
//
// A query becomes an AST (Parse), is checked for types (within Parse), planned
// (the conditions storage can judge become a storage.Predicate) and evaluated
// on whole traces. An Engine is safe for concurrent use, and so is a parsed
// Query, which is never changed.
//
// Vocabulary, after TraceQL: a spanset is some of the spans of one trace; a
// pipeline is stages, each of which turns the spansets of a trace into others;
// a static is a constant; an intrinsic is a property every span has, as
// against an attribute, which it may have.
package traceql
