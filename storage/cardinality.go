package storage

import (
	"time"

	"github.com/prometheus/prometheus/model/labels"
)

// The answers of a metric store about its own series: what there is most of,
// what it costs, and what nobody asks for. Series are the active ones, those
// in the head, unless a field says otherwise.

// A CardinalityRequest says which series an answer is about, and how long its
// lists are.
type CardinalityRequest struct {
	Select [][]*labels.Matcher // series that one of the sets fits; none for all
	Limit  int                 // rows of each list; at least 1
	Sort   MetricOrder         // of lists of metrics
}

// A MetricOrder is what lists of metrics are sorted by; the largest come first.
type MetricOrder string

// The orders.
const (
	BySeries      MetricOrder = "series"
	ByBytes       MetricOrder = "bytes"        // on disk and in the head together
	ByCreatedHour MetricOrder = "created_hour" // series created in the last hour
	ByCreatedDay  MetricOrder = "created_day"
	ByGrowth      MetricOrder = "growth" // series more than a day ago
)

// MetricOrders are all of them.
func MetricOrders() []MetricOrder {
	return []MetricOrder{BySeries, ByBytes, ByCreatedHour, ByCreatedDay, ByGrowth}
}

// A MetricCardinality is one metric name and what it costs.
type MetricCardinality struct {
	Metric string `json:"metric"`
	Series int64  `json:"series"` // active, and asked for

	// DiskBytes are of the chunks in blocks, exactly, and of the index, by
	// share of series. HeadBytes are of chunks and labels in the head,
	// estimated from a few of the metric's series. Of a metric of which only
	// some series are asked for, both are the share of those.
	DiskBytes int64 `json:"disk_bytes"`
	HeadBytes int64 `json:"head_bytes"`

	// CreatedHour and CreatedDay are series that came new into the head in
	// the last 60 to 70 minutes, and 24 to 25 hours.
	CreatedHour int64 `json:"created_hour"`
	CreatedDay  int64 `json:"created_day"`

	// Growth is Series less what the metric had at MetricList.ComparedWith;
	// 0 if there is nothing to compare with.
	Growth int64 `json:"growth"`

	FirstSeen    time.Time  `json:"first_seen"`    // when the store first saw the name, or began to note it
	LastSelected *time.Time `json:"last_selected"` // by a query or rule; nil for never
}

// A MetricList is part of a store's metrics.
type MetricList struct {
	Metrics int                 `json:"metrics"` // asked for, those not listed included
	Series  int64               `json:"series"`  // of all of them
	List    []MetricCardinality `json:"list"`

	CountedSince time.Time  `json:"counted_since"` // since when created series are counted: the start of the process
	ComparedWith *time.Time `json:"compared_with"` // the hourly count nearest to a day ago; nil before the first one
	NotedSince   time.Time  `json:"noted_since"`   // since when selections are noted
}

// A LabelCardinality is one label name.
type LabelCardinality struct {
	Label  string `json:"label"`
	Values int    `json:"values"` // distinct ones
	Series int64  `json:"series"` // that have the label

	// SeriesWithout is how many series there would be if the label was
	// dropped; nil where that was not counted, because there are too many.
	SeriesWithout *int64 `json:"series_without,omitempty"`

	Top []ValueCardinality `json:"top,omitempty"` // values with the most series
}

// A ValueCardinality is one value of a label.
type ValueCardinality struct {
	Value  string `json:"value"`
	Series int64  `json:"series"`
}

// A PairCardinality is a label and one of its values.
type PairCardinality struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Series int64  `json:"series"`
}

// A LabelList is part of the labels that the series asked for have.
type LabelList struct {
	Series int64              `json:"series"`
	Labels int                `json:"labels"` // names, those not listed included
	Pairs  int                `json:"pairs"`  // of name and value
	List   []LabelCardinality `json:"list"`   // by values
	Top    []PairCardinality  `json:"top"`    // pairs by series
}

// An UnusedList is the metrics that no query and no rule has selected for
// some time, and that have been there as long.
type UnusedList struct {
	Metrics int                 `json:"metrics"` // unused, those not listed included
	Series  int64               `json:"series"`  // of all of them
	Of      int64               `json:"of"`      // series of the store
	List    []MetricCardinality `json:"list"`    // by series

	// NotedSince is since when selections are noted. If that is later than
	// the time asked for, Complete is false and the list empty: nobody knows
	// what was selected before.
	NotedSince time.Time `json:"noted_since"`
	Complete   bool      `json:"complete"`
}
