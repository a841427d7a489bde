// Package demo is a small web shop that exists only as telemetry: eight
// services, built with the OpenTelemetry SDK, whose requests, logs and metrics
// tell one story. It sends to an OTLP/gRPC endpoint like any program would.
//
// Requests are played in simulated time (a request of 400 ms takes none), so
// that a busy shop costs little; its rate is bounded by Config.
package demo
