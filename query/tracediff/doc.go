// Package tracediff tells how one trace differs from another of the same
// request: which spans came, went or changed, and what that means for each
// service. Its documents are those of Tempo's trace diff, version 0.
//
// Ids say nothing across traces. Spans are the same if service, name and kind
// are; of several, those under the same parent, and then those that come first.
package tracediff
