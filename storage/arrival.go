package storage

import "github.com/oriel-obs/oriel/model"

// An Arrival is what somebody who follows the rows as they come in gets next.
type Arrival struct {
	// Batch has rows that have just been stored, in no particular order, of
	// streams that were asked for and of others. It is shared: nobody changes
	// it. Nil if there is nothing to tell but what was missed.
	Batch *model.Batch

	// Rows are those of Batch that were asked for, ascending; nil is all of
	// them. It is shared too.
	Rows []uint32

	// Missed are rows of wanted streams that came before Batch and that the
	// follower was too slow for: the first MaxMissed of them, and how many
	// there were.
	Missed      []MissedRow
	MissedCount int64
}

// A MissedRow is what is told of a row that a follower did not get.
type MissedRow struct {
	Stream *model.Stream
	Time   int64 // ns since the Unix epoch
}

// MaxMissed bounds Arrival.Missed.
const MaxMissed = 1000
