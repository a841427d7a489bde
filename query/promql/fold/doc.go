// Package fold evaluates the lowest parts of PromQL queries, those that turn
// many stored series into few, one series after the other: an aggregation of a
// selector, of a function of a range, or of a join of such.
//
// Prometheus' engine evaluates a query node by node and each node step by step,
// and keeps every series of a node's result until the node above has read them.
// Most queries are aggregations whose groups are few, and spend their time on
// what is below these. Here a series is decoded once, front to back, its values
// at the steps of the query are added to those of its group, and it is gone.
//
// What comes out stands in the query in place of the part it was made from, as a
// selector that has its series already, and the engine evaluates the rest. Values,
// labels, order and annotations are those the engine would have come to, bit by
// bit: floats are added in the order in which it adds them, by the same
// arithmetic. Whatever is not known to be so is left to the engine: what Plan does
// not know, and what turns out during evaluation not to fit, such as native
// histograms and everything that is an error.
package fold
