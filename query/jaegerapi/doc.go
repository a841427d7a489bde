// Package jaegerapi serves Jaeger's query API: the classic JSON API of Jaeger
// 1 that its page and Grafana use, and version 3 over HTTP.
// https://www.jaegertracing.io/docs/latest/architecture/apis/
//
// Archiving, the transformation of uploaded traces, the metrics of the Monitor
// tab, and gRPC are left out. Clock skew is not corrected.
package jaegerapi
