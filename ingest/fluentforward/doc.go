// Package fluentforward takes log records over Fluentd's forward protocol, as
// Fluentd, Fluent Bit, Docker's fluentd driver and the fluent-logger libraries
// speak it over TCP.
//
// Specification: Forward Protocol Specification v1,
// https://github.com/fluent/fluentd/wiki/Forward-Protocol-Specification-v1
// All four modes are read: message, forward, packed forward and compressed
// packed forward. A chunk is acknowledged once its records are on disk; when they
// cannot be stored the connection is closed without, and the sender keeps
// them. Left out: the handshake with a shared key (leave shared_key unset),
// heartbeats over UDP, and Fluent Bit's metrics and traces.
package fluentforward
