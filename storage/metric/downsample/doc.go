// Package downsample keeps aggregates of old samples beside them, so that a
// query over months reads one value an hour where there were hundreds, and
// answers are left when the samples themselves are gone. It cuts time into
// windows, one resolution long and closed at their end as PromQL's ranges are,
// and writes for each series and window the minimum, the maximum, the sum, the
// count, the last sample, and what else is needed to count a counter across
// resets. docs/format/downsample.md has the bytes and what each function reads.
//
// A Store is safe for concurrent use. New words: a level is one resolution with
// its block directories; a window is named after its end; a lane is one
// aggregate of a series in a block.
package downsample
