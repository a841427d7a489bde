// Package derived keeps counters and histograms that are computed from what
// comes in, and writes them to the metric store at an interval. What is
// counted and under which labels is for the packages that use it.
//
// A Book holds label sets; a Set holds the counters and histograms of one. The
// samples of all are written with one timestamp, so a count covers what came
// in since the write before, whatever time the counted rows bear. A new set is
// written as zero at the time of the write before too, so that rate() and
// increase() see its first rows. A set that nothing was added to for a while
// ends with staleness markers.
//
// What was counted since the last write is lost by a kill; what follows is a
// counter reset like any other.
package derived
