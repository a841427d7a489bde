// Package logrecord turns loosely shaped log records (JSON documents, syslog
// messages, journal entries) into rows: which fields are the time, the line and
// the stream, what the limits refuse, and what Oriel adds. The protocols of
// such records share it, so that one record reads the same whichever shipper
// brought it.
//
// A Sink and a Reader are safe for concurrent use; a Batch and a Record belong
// to one request.
package logrecord
