// Package jsonlines takes log records as plain JSON objects, one a line or in
// an array: for scripts and programs that speak no log protocol.
//
//	curl http://127.0.0.1:4319/oriel/api/v1/logs -d '{"message":"hello","service":"demo"}'
//
// Well-known names of fields are understood; the query parameters _time_field,
// _msg_field and _stream_fields name others, each a list with commas, and
// _labels adds stream labels (_labels=app=api,env=prod). A record that is not
// taken does not stop the others: the answer says how many were, and why.
package jsonlines
