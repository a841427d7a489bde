// Package lokipush takes log lines over Loki's push API: JSON and snappy
// protobuf, both with structured metadata, and the older JSON of
// /api/prom/push.
//
// Specification: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
// and the messages of Loki's push.proto. Left out: tenants (X-Scope-OrgID is
// ignored) and the per-stream ordering window, since the event store takes
// lines in any order.
//
// A request is decoded in full before anything is stored, so a damaged body
// stores nothing. Entries are then judged one by one: good ones are stored even
// when others of the request are refused, and the answer is 400 with what was
// wrong, as Loki's agents expect.
package lokipush
