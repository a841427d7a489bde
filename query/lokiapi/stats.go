package lokiapi

import (
	"encoding/json"

	"github.com/oriel-obs/oriel/query/logql"
)

// queryStats is the part of Loki's statistics that clients read.
type queryStats struct {
	Summary struct {
		BytesPerSecond  int64   `json:"bytesProcessedPerSecond"`
		LinesPerSecond  int64   `json:"linesProcessedPerSecond"`
		TotalBytes      int64   `json:"totalBytesProcessed"`
		TotalLines      int64   `json:"totalLinesProcessed"`
		ExecTime        float64 `json:"execTime"` // seconds
		QueueTime       float64 `json:"queueTime"`
		Subqueries      int     `json:"subqueries"`
		EntriesReturned int64   `json:"totalEntriesReturned"`
		Splits          int     `json:"splits"`
		Shards          int     `json:"shards"`
	} `json:"summary"`
	Querier  storeStats `json:"querier"`
	Ingester storeStats `json:"ingester"`
}

type storeStats struct {
	Store struct {
		ChunksRef int64 `json:"totalChunksRef"`
	} `json:"store"`
}

func (e *encoder) stats(res *logql.Result) {
	var s queryStats
	sum := &s.Summary
	sum.TotalBytes, sum.TotalLines = res.Stats.BytesScanned, res.Stats.RowsScanned
	sum.ExecTime = res.Stats.Elapsed.Seconds()
	if sum.ExecTime > 0 {
		sum.BytesPerSecond = int64(float64(sum.TotalBytes) / sum.ExecTime)
		sum.LinesPerSecond = int64(float64(sum.TotalLines) / sum.ExecTime)
	}
	for _, st := range res.Streams {
		sum.EntriesReturned += int64(len(st.Entries))
	}
	s.Querier.Store.ChunksRef = res.Stats.Parts
	b, err := json.Marshal(s)
	if err != nil {
		b = []byte("{}") // infinite rates have no JSON
	}
	_, _ = e.w.Write(b)
}
