// Package syslog takes messages of RFC 5424 and RFC 3164, and what devices
// send in their stead, over UDP, TCP, TLS and Unix sockets.
//
// Specifications: RFC 5424 (message), RFC 3164 (the older form), RFC 5426
// (UDP), RFC 6587 (TCP, both framings, told apart message by message), RFC 5425
// (TLS). A TCP stream may be compressed as a whole (zlib, gzip, zstd), which
// its first bytes tell.
//
// Syslog has no answer, so nothing is refused that can be read at all: a
// message with a damaged header keeps the fields before the damage, and a
// line that is no syslog is a record too. What had to be dropped is counted.
// Messages are durable soon after they arrive, in batches across connections;
// a sender learns nothing of it, but that a connection is not read for as long
// as the store does not keep up. Datagrams are dropped then.
package syslog
