// Package jaegerapi serves Jaeger's query API: the classic JSON API of Jaeger
// 1 that its page and Grafana use, and version 3 over HTTP and gRPC.
// https://www.jaegertracing.io/docs/latest/architecture/apis/
//
// The Monitor tab is answered from span metrics. Archiving, and version 3's
// summaries of traces and filters are left out. Clock skew is not corrected.
package jaegerapi
