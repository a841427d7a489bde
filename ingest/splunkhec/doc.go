// Package splunkhec takes events as Splunk's HTTP Event Collector does: events
// in JSON, and raw lines.
//
// Specification: "HTTP Event Collector REST API endpoints" and "Format events
// for HTTP Event Collector" of Splunk Enterprise 9. Tokens are not checked
// here, channels have no meaning, and acknowledgement is off: an answer means that
// the events are on disk.
//
// As with Splunk, the events before a malformed one are stored, and the answer
// names its number.
package splunkhec
