// Package e2e drives the real binary with the real programs of its users:
// Debian's Prometheus, node exporter, promtool, rsyslog, logger and systemd-journal-upload, the OpenTelemetry SDK of
// Node.js, telemetrygen, DuckDB, and a browser. `make e2e` installs them and runs it;
// a missing program is a failure, never a skip.
package e2e
