// Package alertapi serves Alertmanager's own HTTP API v2, so that amtool,
// Grafana, karma and other Prometheus servers talk to Oriel as to an
// Alertmanager. Requests to the old v1 are told that it is gone.
//
// https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
package alertapi
