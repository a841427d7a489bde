// Package pushgateway takes the metrics of jobs that end before anybody could
// scrape them, as Prometheus' Pushgateway does, and keeps them fresh: what was
// pushed is appended again at every interval until it is deleted, also after a
// restart.
//
// Specification: https://github.com/prometheus/pushgateway, "API". A group is
// named by the labels of its path, job first; a value may be in base64, and
// slashes in it may be escaped. PUT replaces the whole group, POST the metrics
// of the same names, DELETE ends the group. Bodies are Prometheus' text format,
// or protobuf, delimited. The labels of the path replace those of a pushed
// metric. Each group has the metrics push_time_seconds and
// push_failure_time_seconds.
//
// A push is refused whole (400) if it does not parse, has timestamps, says one
// series twice, or gives a metric another type than another group does; the
// time of the failure is noted in the group. A push that is answered is
// durable: samples are in the store, and the group is in a file of its own,
// which docs/format/pushgateway.md draws. Series that a push or a DELETE ends
// get a staleness marker, which a Pushgateway that is scraped would not give
// them before the next scrape.
package pushgateway
