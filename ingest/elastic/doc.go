// Package elastic takes documents as Elasticsearch does: _bulk, _doc and
// _create, with the endpoints that Filebeat, Logstash, Vector, Fluent Bit and the client
// libraries ask before they send. Nothing can be read back: queries go through
// the other APIs.
//
// Specification: Elasticsearch's REST API 8.x,
// https://www.elastic.co/guide/en/elasticsearch/reference/8.17/docs-bulk.html
// Every document is appended as a log record. What needs an earlier document
// (update, delete) is refused item by item. An _id is not kept, so that a
// client that sends twice stores twice. Templates, policies, pipelines and
// aliases are acknowledged and have no effect: every field is searchable
// without them.
package elastic
