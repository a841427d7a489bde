// Package linefield finds in the text of a log line what LogQL's parsers make
// labels of. The query engine, the meaning of storage fields, and columns that
// a store makes of bodies share it, so that all find the same.
//
// A parser calls back for what it finds, in the order of the text. The first
// value of a label counts; callers that look for one label stop there.
package linefield

import "unsafe"

// The texts of __error__ on lines that a parser refuses.
const (
	JSONError   = "JSONParserErr"
	LogfmtError = "LogfmtParserErr"
)

// bytesOf views s without copying; the bytes must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// stringOf views b, which never changes any more, without copying.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
