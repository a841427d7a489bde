package storage

import (
	"time"

	"github.com/oriel-obs/oriel/model"
)

// A DeleteRequest selects rows to be deleted for good: those that a Scan with
// the same Signal, Range and Where would yield when the request is made.
type DeleteRequest struct {
	Signal model.Signal // required
	Range  model.Range  // of row times; required
	Where  Predicate    // nil deletes every row of Range
	DryRun bool         // only count
}

// A DeleteResult says what a delete did, or with DryRun would do.
type DeleteResult struct {
	Rows   int64  // that were visible and are, or would be, gone
	Number uint64 // of the delete, as in Deletion; 0 with DryRun
}

// A Deletion is a delete whose rows are gone from all answers, while their
// bytes may still be on disk.
type Deletion struct {
	Number  uint64       `json:"number"`
	Signal  model.Signal `json:"-"`
	Range   model.Range  `json:"-"`
	Where   Predicate    `json:"-"`
	Created time.Time    `json:"created"`
	Pending int          `json:"pending"` // parts and heads that still hold such rows, or have not been looked at
}
