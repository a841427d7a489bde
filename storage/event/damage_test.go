package event

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// rewrite changes a file in place.
func rewrite(t *testing.T, fsys vfs.FS, name string, f func([]byte) []byte) {
	t.Helper()
	b, err := vfs.ReadFile(fsys, name)
	require.NoError(t, err)
	require.NoError(t, vfs.WriteFile(fsys, name, f(bytes.Clone(b))))
}

// files lists the files below a folder.
func files(t *testing.T, fsys vfs.FS, dir string) (out []string) {
	t.Helper()
	es, err := fsys.List(dir)
	require.NoError(t, err)
	for _, e := range es {
		name := path.Join(dir, e.Name)
		if e.IsDir {
			out = append(out, files(t, fsys, name)...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

func TestDamagedSegment(t *testing.T) {
	tests := []struct {
		name    string
		damage  func(b []byte) []byte
		rows    int // of ten batches with a row each
		damaged int
	}{
		{"cut off within the last frame", func(b []byte) []byte { return b[:len(b)-3] }, 9, 0},
		{"zeros after the last frame", func(b []byte) []byte { return append(b, make([]byte, 500)...) }, 10, 0},
		{"noise after the last frame", func(b []byte) []byte { return append(b, "some noise that is no frame"...) }, 10, 0},
		{"the last frame not written, its room allocated", func(b []byte) []byte { clear(b[len(b)-40:]); return b }, 9, 0},
		{"cut off within the header", func(b []byte) []byte { return b[:10] }, 0, 0},
		{"empty", func([]byte) []byte { return nil }, 0, 0},
		{"a bit flipped in the middle", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, -1, 1},
		{"a bit flipped in the header", func(b []byte) []byte { b[9] ^= 1; return b }, 0, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			disk := vfs.NewMem()
			s, err := openTiny(disk)
			require.NoError(t, err)
			rnd := rand.New(rand.NewPCG(1, 1))
			for i := range 10 {
				require.NoError(t, s.Append(t.Context(), batchOf(rnd, []string{fmt.Sprint(i)})))
			}
			require.NoError(t, s.Close())
			name := segmentName("data/logs/wal", 1)
			rewrite(t, disk, name, tt.damage)

			for i := range 2 { // before and after the rest became a part
				told, cfg := &storage.Replay{}, tinyConfig(disk)
				cfg.Replays = map[model.Signal]*storage.Replay{model.Logs: told}
				s, err = Open(cfg, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
				require.NoError(t, err)
				require.Equal(t, storage.ReplayDone, told.Status().State)
				if i == 0 {
					require.Equal(t, 1, told.Status().Segments)
					require.Equal(t, tt.damaged, told.Status().Damaged)
				} else {
					require.Zero(t, told.Status().Damaged, "it was set aside")
				}
				got := present(t, s)
				if tt.rows >= 0 {
					require.Len(t, got, tt.rows)
				} else {
					require.NotEmpty(t, got)
					require.Less(t, len(got), 10)
				}
				require.Equal(t, tt.damaged, s.Status(t.Context())[0].Quarantined)
				require.NoError(t, s.Append(t.Context(), spanBatch(1)), "the other signal does not care")
				require.NoError(t, s.tick())
				require.NoError(t, s.Close())
			}
			_, err = disk.Open(name)
			require.Error(t, err, "the segment is in the way for ever")
			if tt.damaged > 0 {
				require.Equal(t, []string{"data/logs/quarantine/0000000001.wal"}, files(t, disk, "data/logs/quarantine"))
			}
		})
	}
}

// TestDamagedPart flips bits in each file of a part, all over it. The answer
// is then either exact or lacks the part's rows, which is counted, and the
// other parts answer.
func TestDamagedPart(t *testing.T) {
	pristine := vfs.NewMem()
	s, err := openTiny(pristine)
	require.NoError(t, err)
	rows := func(n int) (ids []string) {
		for i := range 30 {
			ids = append(ids, fmt.Sprintf("a%d-%d", n, i))
		}
		return ids
	}
	for n := range 2 {
		bd := model.NewBuilder(model.Spans, 30)
		for i, id := range rows(n) {
			st := bd.Stream(&model.Stream{Attrs: []model.Attr{{Key: "service.name", Value: model.String(id[:3])}}})
			bd.Span(st, model.Span{
				Start: someDay + int64(i), Name: id, TraceID: model.TraceID{15: byte(i)}, SpanID: model.SpanID{7: byte(n)},
				Events: []model.Event{{Time: someDay, Name: "e"}}, Links: []model.Link{{TraceState: "t"}},
			})
			bd.Attr("id", model.String(id))
			bd.Attr("n", model.Int(int64(i)))
			if i == 0 {
				bd.Attr("mixed", model.Int(1))
			} else {
				bd.Attr("mixed", model.Bool(true))
			}
		}
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Flush(t.Context()))
	}
	require.NoError(t, s.Close())

	var victims []string
	for _, name := range files(t, pristine, "data/spans") {
		if strings.Contains(name, partName(1, 1)) {
			victims = append(victims, name)
		}
	}
	require.Len(t, victims, 5)
	found := 0
	for _, victim := range victims {
		whole, err := vfs.ReadFile(pristine, victim)
		require.NoError(t, err)
		step := 1 + len(whole)/300
		for at := 0; at <= len(whole); at += step {
			disk := pristine.Crash(rand.New(rand.NewPCG(1, 1)))
			rewrite(t, disk, victim, func(b []byte) []byte {
				if at == len(b) {
					return b[:len(b)-1]
				}
				b[at] ^= 0x41
				return b
			})
			s, err := openTiny(disk)
			require.NoError(t, err)
			got := map[string]int{}
			for b, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Spans, Range: model.AllTime()}) {
				require.NoError(t, err)
				for i, body := range b.Body {
					got[body]++
					require.Equal(t, model.String(body), b.Attr(i, "id"), "%s at %d: a wrong answer", victim, at)
				}
			}
			for _, id := range rows(1) {
				require.Equal(t, 1, got[id], "%s at %d: another part's row", victim, at)
			}
			if len(got) == 30 {
				require.Equal(t, 1, s.Status(t.Context())[1].Quarantined, "%s at %d: missing and not counted", victim, at)
				require.Equal(t, 1, s.Status(t.Context())[1].Parts)
				found++
			} else {
				require.Len(t, got, 60, "%s at %d", victim, at)
			}
			traces, err := s.Values(t.Context(), storage.ValuesRequest{
				Signal: model.Spans, Range: model.AllTime(), Field: storage.Field{Place: storage.TraceID},
				Where: storage.Compare{Field: storage.Field{Place: storage.TraceID}, Op: storage.Eq, Value: model.String(model.TraceID{15: 3}.String())},
			})
			require.NoError(t, err)
			require.Len(t, traces, 1)
			if s.Status(t.Context())[1].Quarantined == 0 {
				require.EqualValues(t, 2, traces[0].Rows, "%s at %d: an index left a row out", victim, at)
			}
			require.NoError(t, s.Close())
		}
	}
	require.Greater(t, found, 300, "damage was hardly ever found")
}

func spanBatch(n int) *model.Batch {
	bd := model.NewBuilder(model.Spans, n)
	st := bd.Stream(&model.Stream{})
	for i := range n {
		bd.Span(st, model.Span{TraceID: model.TraceID{15: byte(i)}, SpanID: model.SpanID{7: 1}, Name: "op", Start: someDay + int64(i)})
	}
	return bd.Batch()
}
