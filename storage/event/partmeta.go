package event

import (
	"fmt"
	"path"
	"time"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// The files of a part; see docs/format/part.md.
const (
	partVersion   = 1
	metaFile      = "meta.json"
	eventsFile    = "events.parquet"
	streamsFile   = "streams.bin"
	bloomFile     = "tokens.bloom"
	wordsFile     = "tokens.fst"
	templatesFile = "templates.json" // only of parts with shredded bodies
	tmpSuffix     = ".tmp"           // of what is not complete, or no longer wanted
)

// partMeta is the content of meta.json.
type partMeta struct {
	Format   int           `json:"format"`
	Signal   string        `json:"signal"`
	Day      string        `json:"day"`               // YYYY-MM-DD, UTC
	Segments [2]uint64     `json:"segments"`          // first and last segment whose rows of Day these are
	Rewrite  int           `json:"rewrite,omitempty"` // how often a part of these segments was written anew
	Deletes  uint64        `json:"deletes,omitempty"` // the last delete whose rows have been left out
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

	Rows     int64 `json:"rows"`     // that have it, or events or links that do
	Distinct int64 `json:"distinct"` // about how many values
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

func encodeMeta(m *partMeta) ([]byte, error) { return sealJSON(m) }

func decodeMeta(b []byte) (*partMeta, error) {
	m := new(partMeta)
	if err := unsealJSON(b, m); err != nil {
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
	if m.Segments[0] > m.Segments[1] || m.Rewrite < 0 {
		return fmt.Errorf("segments %d to %d, rewrite %d", m.Segments[0], m.Segments[1], m.Rewrite)
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

// name returns the name of the part's folder.
func (m *partMeta) name() string {
	return partID{m.Segments[0], m.Segments[1], m.Rewrite}.String()
}

// A partID is what the name of a part's folder says: the segments whose rows of
// the day it holds, and how often it was written anew.
type partID struct {
	first, last uint64
	rewrite     int
}

// partName returns the folder name of a part that was never written anew.
func partName(first, last uint64) string { return partID{first: first, last: last}.String() }

func (id partID) String() string {
	s := fmt.Sprintf("%010d-%010d", id.first, id.last)
	if id.rewrite > 0 {
		s += fmt.Sprintf("-%d", id.rewrite)
	}
	return s
}

// supersedes reports whether a part with the name id has every row that the
// part o of the same day has a right to.
func (id partID) supersedes(o partID) bool {
	if id.first == o.first && id.last == o.last {
		return id.rewrite > o.rewrite
	}
	return id.first <= o.first && o.last <= id.last
}

// parsePartID reads what String wrote.
func parsePartID(s string) (id partID, ok bool) {
	n, _ := fmt.Sscanf(s, "%d-%d-%d", &id.first, &id.last, &id.rewrite) // the last number may be missing
	return id, n >= 2 && id.String() == s && id.first <= id.last
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
