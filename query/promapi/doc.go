// Package promapi serves Prometheus' HTTP API [1] with Prometheus' own
// handlers, so that Grafana, promtool and other clients see no difference.
// Its own are /metadata and /status/config, whose sources differ, and
// /federate, which Prometheus does not export.
//
// Left out: remote write and OTLP, which have packages of their own.
//
// [1]: https://prometheus.io/docs/prometheus/latest/querying/api/
package promapi
