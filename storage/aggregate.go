package storage

import "github.com/oriel-obs/oriel/model"

// An Aggregate asks for numbers about the rows that a Scan with the same
// Signal, Range and Where would yield, without yielding them.
type Aggregate struct {
	Signal model.Signal // required
	Range  model.Range  // of row times; required
	Where  Predicate    // nil counts every row

	// Rows are grouped by these fields, and by their stream with ByStream. Of
	// a field with many values the first counts; a row without the field is in
	// the group whose Key is the zero Value there.
	By       []Field
	ByStream bool

	// Buckets are the times [Origin+k*Step, Origin+(k+1)*Step) for every k;
	// Step is in ns. With Step 0 all rows of a group are in one bucket.
	Step   int64
	Origin int64

	Bytes bool   // whether Bucket.Bytes is wanted
	Of    *Field // whose values Sum, Min and Max are of; nil wants none

	MaxGroups int // more groups than that are ErrTooManyGroups; 0 means no limit

	// MaxBytes bounds the bytes of columns that may be decoded; an aggregate
	// that needs more ends with ErrTooManyBytes. 0 means no limit.
	MaxBytes int64

	// Stats, if not nil, is added to before Aggregate returns.
	Stats *Stats
}

// A Group is the rows with one combination of values.
type Group struct {
	Stream  *model.Stream // nil without ByStream
	Key     []model.Value // of Aggregate.By, in its order
	Buckets []Bucket      // those with rows, ascending
}

// A Bucket is numbers about the rows of a group in one span of time.
type Bucket struct {
	Start int64 // ns since the Unix epoch; Aggregate.Range.Start with Step 0
	Rows  int64
	Bytes int64 // length of the bodies, if wanted

	// Of Aggregate.Of: integers, floats, and strings that strconv.ParseFloat
	// reads count as Numbers; rows with another value as Others. Min and Max
	// are those of the numbers that are not NaN; both are NaN without any.
	Numbers, Others int64
	Sum, Min, Max   float64
}
