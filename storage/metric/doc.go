// Package metric keeps samples in Prometheus' own database, opened with the
// options Oriel wants: an out-of-order window, exemplars, native histograms, a
// compressed WAL that is fsynced on a schedule, and a snapshot of the head on
// shutdown. Only it and downsample, which
// keeps aggregates of old samples, know tsdb; the others see Prometheus' storage
// interfaces.
//
// Beside the database it holds two things that tsdb has not: the Refs cache,
// with which a receiver appends to a known series without building its labels,
// and the Families table, the type, help and unit of each metric family; and it
// knows of each metric how many series it has, what they cost and when somebody
// last asked for them, which is also where limits on new series are kept.
//
// A Store is safe for concurrent use; an appender belongs to one goroutine.
// The vocabulary is Prometheus': series, sample, head, WAL, block, chunk.
package metric
