// Package datadog takes logs as Datadog's intake does, from its agent, its
// libraries, and shippers that speak its protocol. Metrics and traces are not
// taken.
//
// Specification: Datadog's API reference, "Logs: Send logs" (v2, and v1/input
// before it). Keys are not checked here. Of a request, the records that can be
// taken are; the answer names the first that could not.
package datadog
