// Package samples is what the receivers of metrics in other shapes than
// Prometheus' share: they put series together out of the bytes they were sent,
// append samples to them in one transaction per request, and account for what
// was refused.
//
// A Sink is safe for concurrent use; a Batch has one owner. A series that came
// before is found by a hash of its name and labels in the store's cache of
// series references: no label is built, interned or copied for it.
//
// Names that Prometheus cannot show without quotes are made so that it can:
// every character but letters, digits and underscores (and, in metric names,
// colons) becomes an underscore, and one is put before a leading digit. Values
// stay as they are. A label without a value is none. Labels whose names become
// the same become one label, with the values joined by a comma, in order.
package samples
