// Package lokiapi is the query side of Loki's HTTP API, version 3, as its
// clients (Grafana, Logs Drilldown, logcli) use it:
// https://grafana.com/docs/loki/latest/reference/loki-http-api/
//
// Pushing is in ingest/lokipush. Rules, deletion and the administration of
// tenants are left out.
package lokiapi
