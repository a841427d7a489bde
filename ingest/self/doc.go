// Package self feeds Oriel's own metrics, logs and spans into its own stores,
// under service.name="oriel", so that a fresh install has something to show
// and an operator needs no second system to watch this one.
//
// Two rules keep it from feeding on itself: nothing here logs, and rows beyond
// a fixed rate are dropped and counted, so that a failure which logs for every
// written row cannot grow.
package self
