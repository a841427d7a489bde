// Package logrecordtest is for tests of the protocols that bring log records:
// a store in memory, and its rows as text.
package logrecordtest

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

// A Store keeps what a protocol delivers. It is safe for concurrent use.
type Store struct {
	storagetest.Memory
	Account *ingest.Account
}

// New returns an empty Store.
func New() *Store { return &Store{Account: ingest.NewAccount(prometheus.NewRegistry())} }

// Options are those of a sink that takes records of any age and adds nothing
// to them.
func (s *Store) Options() logrecord.Options {
	l := ingest.DefaultLimits()
	l.MaxAge, l.MaxFuture = 0, 0
	return logrecord.Options{Events: s, Limits: l, Account: s.Account}
}

// Rows returns the rows as `2026-01-02T03:04:05Z {label="value"} attr=value: line`,
// ordered by time, then text.
func (s *Store) Rows(t testing.TB) []string {
	t.Helper()
	type row struct {
		time int64
		text string
	}
	var rows []row
	for b, err := range s.Scan(context.Background(), storage.Scan{Signal: model.Logs, Range: model.Range{Start: math.MinInt64, End: math.MaxInt64}}) {
		require.NoError(t, err)
		for i := range b.Len() {
			var sb strings.Builder
			sb.WriteString(time.Unix(0, b.Time[i]).UTC().Format(time.RFC3339Nano) + " {")
			for j, a := range b.Stream(i).Attrs {
				if j > 0 {
					sb.WriteString(", ")
				}
				sb.WriteString(a.Key + `="` + a.Value.Text() + `"`)
			}
			sb.WriteString("}")
			for _, c := range b.Attrs {
				if v := c.At(i); !v.IsNone() {
					sb.WriteString(" " + c.Key + "=" + v.Text())
				}
			}
			rows = append(rows, row{b.Time[i], sb.String() + ": " + b.Body[i]})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.time, b.time), strings.Compare(a.text, b.text)) })
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.text
	}
	return texts
}

// Refused returns the number of refused records by reason.
func (s *Store) Refused() map[string]int64 {
	out := map[string]int64{}
	for _, r := range s.Account.Rejections() {
		out[r.Reason] += r.Rows
	}
	return out
}
