// Package otelmodel turns what OpenTelemetry's pdata holds into rows: spans
// with the rules and limits that hold for every protocol that brings them, and
// attribute values. The protocols that others have translated to pdata share
// it with OTLP itself.
package otelmodel
