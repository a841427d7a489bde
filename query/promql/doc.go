// Package promql configures Prometheus' query engine from Oriel's limits, and
// queues queries instead of refusing them. An Engine is safe for concurrent
// use.
package promql
