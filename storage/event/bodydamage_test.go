package event

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/shred"
)

// shreddedStore returns a disk with two parts whose bodies are shredded, and
// the bodies of the second.
func shreddedStore(t *testing.T) (disk *vfs.Mem, second []string) {
	disk = vfs.NewMem()
	s, err := openTiny(disk)
	require.NoError(t, err)
	for part := range 2 {
		bd := model.NewBuilder(model.Logs, 40)
		for i := range 40 {
			body := fmt.Sprintf(`{"part":"p%d","n":%d,"id":"%032x","ms":%d.5,"msg":"%d some text %d"}`, part, i%5, i*7919, i, i, i*i)
			bd.Row(bd.Stream(&model.Stream{}), someDay+int64(i), body)
			if part == 1 {
				second = append(second, body)
			}
		}
		require.NoError(t, s.Append(t.Context(), bd.Batch()))
		require.NoError(t, s.Flush(t.Context()))
	}
	require.NoError(t, s.Close())
	return disk, second
}

// linesOf returns the bodies that a scan finds.
func linesOf(t *testing.T, s *Store, where storage.Predicate) (lines []string) {
	for b, err := range s.Scan(t.Context(), storage.Scan{Signal: model.Logs, Range: model.AllTime(), Where: where}) {
		require.NoError(t, err)
		lines = append(lines, b.Body...)
	}
	return lines
}

func TestDamagedShreddedPart(t *testing.T) {
	pristine, second := shreddedStore(t)
	second0 := strings.Join(second, "\n")
	found := 0
	for _, file := range []string{eventsFile, templatesFile} {
		victim := path.Join("data/logs", dayName(dayOf(someDay)), partName(1, 1), file)
		whole, err := vfs.ReadFile(pristine, victim)
		require.NoError(t, err)
		for at := 0; at < len(whole); at += 1 + len(whole)/200 {
			disk := pristine.Crash(rand.New(rand.NewPCG(1, 1)))
			rewrite(t, disk, victim, func(b []byte) []byte { b[at] ^= 0x41; return b })
			s, err := openTiny(disk)
			require.NoError(t, err)
			needle := storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "some text 4"}
			for _, line := range linesOf(t, s, needle) {
				require.Contains(t, line, needle.Needle)
			}
			lines := linesOf(t, s, nil)
			require.Contains(t, strings.Join(lines, "\n")+"\n", second0, "%s at %d: another part's rows", file, at)
			if len(lines) == len(second) {
				require.Equal(t, 1, s.Status(t.Context())[0].Quarantined, "%s at %d: missing and not counted", file, at)
				found++
			} else {
				require.Len(t, lines, 2*len(second), "%s at %d", file, at)
			}
			require.NoError(t, s.Close())
		}
	}
	require.Greater(t, found, 100, "damage was hardly ever found")
}

// TestTemplatesThatDoNotFitTheColumns has files with good checksums that
// contradict each other.
func TestTemplatesThatDoNotFitTheColumns(t *testing.T) {
	tests := []struct {
		name   string
		change func(p *shred.Plan)
	}{
		{"a column that is not there", func(p *shred.Plan) { p.Columns[0].Path = []string{"elsewhere"} }},
		{"fewer templates", func(p *shred.Plan) { p.Templates = nil }},
		{"a column of another size", func(p *shred.Plan) { p.Columns[2].Size = 20 }},
		{"a number for a text", func(p *shred.Plan) {
			p.Columns[4] = shred.Column{Format: shred.JSON, Path: p.Columns[4].Path, Type: shred.Int}
		}},
		{"a text for a number", func(p *shred.Plan) {
			p.Columns[3] = shred.Column{Format: shred.JSON, Path: p.Columns[3].Path, Type: shred.Text}
		}},
		{"a dictionary for a text", func(p *shred.Plan) {
			p.Columns[2] = shred.Column{Format: shred.JSON, Path: p.Columns[2].Path, Type: shred.Text, Dict: true}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			disk, second := shreddedStore(t)
			dir := path.Join("data/logs", dayName(dayOf(someDay)), partName(1, 1))
			var size int64
			var sum uint32
			rewrite(t, disk, path.Join(dir, templatesFile), func(b []byte) []byte {
				p, err := shred.Decode(b)
				require.NoError(t, err)
				tt.change(p)
				b, err = json.Marshal(p)
				require.NoError(t, err)
				size, sum = int64(len(b)), checksum(b)
				return b
			})
			rewrite(t, disk, path.Join(dir, metaFile), func(b []byte) []byte {
				m, err := decodeMeta(b)
				require.NoError(t, err)
				for i := range m.Files {
					if f := &m.Files[i]; f.Name == templatesFile {
						f.Size, f.CRC32C = size, sum
					}
				}
				b, err = encodeMeta(m)
				require.NoError(t, err)
				return b
			})
			for _, where := range []storage.Predicate{
				nil,
				storage.Contains{Field: storage.Field{Place: storage.Body}, Needle: "text 4"},
				storage.Compare{Field: storage.Field{Place: storage.JSON, Key: "msg"}, Op: storage.Ne, Value: model.String("x")},
			} {
				s, err := openTiny(disk.Crash(rand.New(rand.NewPCG(1, 1))))
				require.NoError(t, err)
				lines := linesOf(t, s, where)
				if where == nil {
					require.Equal(t, second, lines[len(lines)-len(second):])
					require.Equal(t, 1, s.Status(t.Context())[0].Quarantined)
				}
				require.NoError(t, s.Close())
			}
		})
	}
}
