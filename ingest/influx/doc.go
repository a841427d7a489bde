// Package influx takes InfluxDB's line protocol, as Telegraf and the client
// libraries of InfluxDB 1, 2 and 3 send it.
//
// Specifications: InfluxDB's reference of the line protocol, and of the paths
// /write, /query and /ping (API 1), /api/v2/write and /health (API 2) and
// /api/v3/write_lp (API 3). Users, tokens, organisations and retention
// policies are not looked at. Nothing can be queried: of InfluxQL only CREATE
// and DROP of databases and retention policies and SHOW DATABASES are answered,
// since clients ask before they write.
//
// Each field is a series, named after measurement and field: `cpu` and
// `usage_idle` make `cpu_usage_idle`; the field `value` adds nothing. Tags are
// labels, and the database or bucket is the label db, unless there is a tag of
// that name. Booleans are 0 and 1. A text has no place in a series: it is left
// out and counted, but not an error, as agents send texts by habit. Times are
// cut to milliseconds; a point without one has the time of its request.
//
// Of a request, the lines that can be taken are. The answer counts the others
// and says what is wrong with the first, in InfluxDB's words where clients
// look for them.
package influx
