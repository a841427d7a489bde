// Package graphite takes Graphite's plaintext protocol over TCP and UDP, as
// Carbon does.
//
// Specification: Graphite's "Feeding in your data" and "Graphite Tag Support".
// A line is `path value time`; the time is in seconds, and -1 or none stands
// for now. A path may have tags, `;name=value`, which become labels. Without
// mapping rules `servers.web1.cpu` becomes the metric servers_web1_cpu; with a
// mapping file of Prometheus' exporters, what its rules say. The pickle and the
// binary protocols are not taken.
//
// Graphite has no answer: what cannot be stored is counted. Samples are stored
// as soon as their sender pauses, in one transaction for what has arrived.
package graphite
