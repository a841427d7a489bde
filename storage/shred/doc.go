// Package shred takes log lines apart into a template, which many lines share,
// and values, which are of one type per key, and puts them together again byte
// for byte. It does no I/O.
//
// A JSON line is one object, strictly as RFC 8259 has it, without escapes in
// its keys. Its template is the line with every string, number, boolean and
// array cut out; nulls and empty objects stay. A logfmt line is two or more
// key=value pairs and nothing else; their values are cut out. What is neither
// is left whole.
//
// A Planner looks at lines to come and returns a Plan: the templates worth
// having, and a column with a type for each key. A Cutter then cuts lines by
// the Plan.
package shred
