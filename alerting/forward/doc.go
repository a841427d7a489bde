// Package forward sends alerts to the Alertmanagers that the `alerting`
// section of a Prometheus configuration names, with Prometheus' own notifier.
// They get the alerts beside the Alertmanager inside Oriel, which alerting/notify
// is. A Manager is safe for concurrent use.
package forward
