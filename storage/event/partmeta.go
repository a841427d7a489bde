package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// The files of a part; see docs/format/part.md.
const (
	partVersion  = 1
	metaFile     = "meta.json"
	eventsFile   = "events.parquet"
	streamsFile  = "streams.bin"
	bloomFile    = "tokens.bloom"
	wordsFile    = "tokens.fst"
	tmpSuffix    = ".tmp"         // of what is not complete, or no longer wanted
)

// partMeta is the content of meta.json.
type partMeta struct {
	Format   int           `json:"format"`
	Signal   string        `json:"signal"`
	Day      string        `json:"day"`      // YYYY-MM-DD, UTC
	Segments [2]uint64     `json:"segments"` // first and last segment whose rows of Day these are
	Rows     int64         `json:"rows"`
	MinTime  int64         `json:"min_time"` // ns
	MaxTime  int64         `json:"max_time"` // ns, inclusive
	Streams  int           `json:"streams"`
	Columns  []columnMeta  `json:"columns"`
	Keys     []keyMeta     `json:"keys"` // of attributes of rows, events and links
	Granules []granuleMeta `json:"granules"`
	Files    []fileMeta    `json:"files"`
}

// A columnMeta says what a column of events.parquet beyond the fixed ones holds.
type columnMeta struct {
	Column string     `json:"column"`
	Key    string     `json:"key"`  // of the attribute
	Kind   model.Kind `json:"kind"` // of every value
}

// A keyMeta is an attribute key that occurs in the part.
type keyMeta struct {
	Place storage.Place `json:"-"`
	In    string        `json:"in"` // attr, event_attr or link_attr
	Key   string        `json:"key"`
	Kinds []int         `json:"kinds"` // ascending
}

// A granuleMeta bounds the times of a granule, both ends inclusive.
type granuleMeta struct {
	Rows    int   `json:"rows"`
	MinTime int64 `json:"min_time"`
	MaxTime int64 `json:"max_time"`
}

// A fileMeta lets corruption be found.
type fileMeta struct {
	Name   string   `json:"name"`
	Size   int64    `json:"size"`
	CRC32C uint32   `json:"crc32c"`
	Blocks []uint32 `json:"blocks,omitempty"` // CRC-32C of each sumBlock bytes, if the file is read in pieces
}

func (m *partMeta) file(name string) fileMeta {
	for _, f := range m.Files {
		if f.Name == name {
			return f
		}
	}
	return fileMeta{}
}

// bytes returns what the part takes on disk, without meta.json.
func (m *partMeta) bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// metaSeal is how meta.json begins; eight hex digits and a quote and comma
// follow. The checksum covers the rest of the file.
const metaSeal = `{"crc32c":"`

func encodeMeta(m *partMeta) ([]byte, error) {
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, err
	}
	body = append(body[1:], '\n')
	return append(fmt.Appendf(nil, `%s%08x",`, metaSeal, checksum(body)), body...), nil
}

func decodeMeta(b []byte) (*partMeta, error) {
	rest, ok := strings.CutPrefix(string(b), metaSeal)
	if !ok || len(rest) < 10 || rest[8:10] != `",` {
		return nil, errors.New("does not begin with a checksum")
	}
	want, err := strconv.ParseUint(rest[:8], 16, 32)
	if err != nil {
		return nil, fmt.Errorf("checksum: %w", err)
	}
	body := []byte(rest[10:])
	if checksum(body) != uint32(want) {
		return nil, errors.New("checksum mismatch")
	}
	m := new(partMeta)
	if err := json.Unmarshal(append([]byte{'{'}, body...), m); err != nil {
		return nil, err
	}
	return m, m.check()
}

// check guards the rest of the program against numbers that do not fit each
// other, whatever the checksum says.
func (m *partMeta) check() error {
	if m.Format != partVersion {
		return fmt.Errorf("format version %d; this program reads version %d", m.Format, partVersion)
	}
	if m.Segments[0] > m.Segments[1] {
		return fmt.Errorf("segments %d to %d", m.Segments[0], m.Segments[1])
	}
	if m.Rows < 1 || m.Rows > maxPartRows || m.Streams < 1 {
		return fmt.Errorf("%d rows of %d streams", m.Rows, m.Streams)
	}
	var rows int64
	for i, g := range m.Granules {
		if g.Rows < 1 || g.Rows > granuleRows || g.MinTime > g.MaxTime || g.MinTime < m.MinTime || g.MaxTime > m.MaxTime {
			return fmt.Errorf("granule %d: %+v", i, g)
		}
		rows += int64(g.Rows)
	}
	if rows != m.Rows {
		return fmt.Errorf("%d rows in granules; %d in the part", rows, m.Rows)
	}
	for i := range m.Keys {
		k := &m.Keys[i]
		for _, p := range []storage.Place{storage.Attr, storage.EventAttr, storage.LinkAttr} {
			if p.String() == k.In {
				k.Place = p
			}
		}
	}
	return nil
}

// partName returns the folder name of a part.
func partName(first, last uint64) string { return fmt.Sprintf("%010d-%010d", first, last) }

// parsePartName reads what partName wrote.
func parsePartName(s string) (first, last uint64, ok bool) {
	a, b, ok := strings.Cut(s, "-")
	if !ok {
		return 0, 0, false
	}
	first, err1 := strconv.ParseUint(a, 10, 64)
	last, err2 := strconv.ParseUint(b, 10, 64)
	return first, last, err1 == nil && err2 == nil && first <= last
}

const dayLayout = "2006-01-02"

// dayOf returns the UTC day of a time, in days since the Unix epoch.
func dayOf(unixNano int64) int64 {
	const day = int64(24 * time.Hour)
	d := unixNano / day
	if unixNano%day < 0 {
		d--
	}
	return d
}

// dayName returns the folder name of a day.
func dayName(day int64) string { return time.Unix(day*24*60*60, 0).UTC().Format(dayLayout) }

// parseDay reads what dayName wrote.
func parseDay(name string) (day int64, ok bool) {
	t, err := time.Parse(dayLayout, name)
	if err != nil {
		return 0, false
	}
	s := t.Unix()
	return s / (24 * 60 * 60), s%(24*60*60) == 0
}

// checkFile compares a file's size, and its content if full, with what
// meta.json says.
func checkFile(fsys vfs.FS, dir string, fm fileMeta, full bool) ([]byte, error) {
	f, err := fsys.Open(path.Join(dir, fm.Name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size != fm.Size {
		return nil, fmt.Errorf("%s: %d bytes; want %d", fm.Name, size, fm.Size)
	}
	if !full {
		return nil, nil
	}
	b := make([]byte, size)
	if n, err := f.ReadAt(b, 0); n < len(b) {
		return nil, fmt.Errorf("%s: %w", fm.Name, err)
	}
	if checksum(b) != fm.CRC32C {
		return nil, fmt.Errorf("%s: checksum mismatch", fm.Name)
	}
	return b, nil
}
