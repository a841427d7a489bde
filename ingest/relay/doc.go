// Package relay sends on what the metric store takes in, by the remote write
// of a Prometheus configuration, with Prometheus' own code: it reads the
// store's WAL, so that a receiver that is slow or away for a while costs no
// memory and slows nobody down. A Manager is safe for concurrent use.
package relay
