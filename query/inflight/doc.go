// Package inflight knows which queries run over HTTP, whose they are and what
// they ask. It ends one that somebody wants ended, and remembers those that
// took long or failed. Streams over gRPC and WebSockets pass it by.
package inflight
