package sampling

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// The journal is a folder of segments, <number>.spans, of frames: 4 bytes of
// length, 4 of CRC-32C, and the payload, little-endian.
const (
	segmentSuffix = ".spans"
	segmentBytes  = 8 << 20 // about
	frameHeader   = 8
	maxPayload    = 1 << 30
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A journal keeps what waits for a decision over a crash. It is safe for
// concurrent use: appends that come together share a sync.
type journal struct {
	fsys vfs.FS
	dir  string

	flush  sync.Mutex // taken before mu
	synced uint64     // payloads that are durable

	mu       sync.Mutex
	file     vfs.File // nil before the first append
	size     int64
	written  uint64   // payloads
	segments []uint64 // that exist, the last being written unless file is nil
	next     uint64
}

// A position is where a payload begins.
type position struct {
	segment uint64
	offset  int64
}

func (p position) before(q position) bool {
	return p.segment < q.segment || p.segment == q.segment && p.offset < q.offset
}

func (j *journal) name(segment uint64) string {
	return path.Join(j.dir, fmt.Sprintf("%010d%s", segment, segmentSuffix))
}

// openJournal opens the journal in dir, which it makes, and calls replay for
// every payload that is whole, in the order of appends. It returns how many
// bytes it could not read: what a crash cut off, as a rule.
func openJournal(fsys vfs.FS, dir string, replay func(at position, payload string) error) (j *journal, lost int, err error) {
	j = &journal{fsys: fsys, dir: dir, next: 1}
	if err := fsys.MkdirAll(dir); err != nil {
		return nil, 0, fmt.Errorf("open journal: %w", err)
	}
	if err := fsys.SyncDir(path.Dir(dir)); err != nil {
		return nil, 0, fmt.Errorf("open journal: %w", err)
	}
	entries, err := fsys.List(dir)
	if err != nil {
		return nil, 0, fmt.Errorf("open journal: %w", err)
	}
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name, segmentSuffix)
		n, err := strconv.ParseUint(digits, 10, 64)
		if !ok || err != nil {
			continue
		}
		text, err := vfs.ReadFile(fsys, j.name(n))
		if err != nil {
			return nil, 0, fmt.Errorf("open journal: %w", err)
		}
		rest := string(text)
		for {
			payload, behind, ok := cutFrame(rest)
			if !ok || replay(position{n, int64(len(text) - len(rest))}, payload) != nil {
				break
			}
			rest = behind
		}
		lost += len(rest)
		j.segments, j.next = append(j.segments, n), n+1
	}
	return j, lost, nil
}

func cutFrame(text string) (payload, rest string, ok bool) {
	if len(text) < frameHeader {
		return "", "", false
	}
	n := binary.LittleEndian.Uint32([]byte(text[:4]))
	sum := binary.LittleEndian.Uint32([]byte(text[4:frameHeader]))
	if text = text[frameHeader:]; n == 0 || uint64(n) > uint64(len(text)) {
		return "", "", false
	}
	payload = text[:n]
	return payload, text[n:], crc32.Checksum([]byte(payload), castagnoli) == sum
}

// append makes a payload durable and returns the segment it is in.
func (j *journal) append(payload []byte) (segment uint64, err error) {
	seq, segment, err := j.write(payload)
	if err != nil {
		return 0, err
	}
	j.flush.Lock()
	defer j.flush.Unlock()
	if j.synced >= seq {
		return segment, nil
	}
	j.mu.Lock()
	f, upTo := j.file, j.written
	j.mu.Unlock()
	if err := f.Sync(); err != nil {
		return 0, fmt.Errorf("write journal: %w", err)
	}
	j.synced = upTo
	return segment, j.rotate()
}

// write appends a payload, not yet durable, as number seq.
func (j *journal) write(payload []byte) (seq, segment uint64, err error) {
	if len(payload) > maxPayload {
		return 0, 0, fmt.Errorf("write journal: %d bytes at once", len(payload))
	}
	b := make([]byte, 0, frameHeader+len(payload))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(payload)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(payload, castagnoli))
	b = append(b, payload...)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		if err := j.create(); err != nil {
			return 0, 0, err
		}
	}
	if _, err := j.file.Write(b); err != nil {
		return 0, 0, fmt.Errorf("write journal: %w", errors.Join(err, j.file.Truncate(j.size)))
	}
	j.size += int64(len(b))
	j.written++
	return j.written, j.segments[len(j.segments)-1], nil
}

func (j *journal) create() error {
	f, err := j.fsys.Create(j.name(j.next))
	if err == nil {
		err = j.fsys.SyncDir(j.dir)
	}
	if err != nil {
		return fmt.Errorf("begin journal segment: %w", err)
	}
	j.file, j.size, j.segments = f, 0, append(j.segments, j.next)
	j.next++
	return nil
}

// rotate ends a segment that is large, once all of it is durable. flush is
// held.
func (j *journal) rotate() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.size < segmentBytes || j.written > j.synced {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	if err != nil {
		return fmt.Errorf("end journal segment: %w", err)
	}
	return nil
}

// end returns where the next payload will begin, or before that.
func (j *journal) end() position {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return position{segment: j.next}
	}
	return position{j.segments[len(j.segments)-1], j.size}
}

// crowded reports whether there are segments besides the one being written.
func (j *journal) crowded() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.segments) > 1 || len(j.segments) == 1 && j.file == nil
}

// trim removes the segments before one, but for the one that is being written.
func (j *journal) trim(before uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.segments) > 0 && j.segments[0] < before && (len(j.segments) > 1 || j.file == nil) {
		if err := j.fsys.Remove(j.name(j.segments[0])); err != nil {
			return fmt.Errorf("remove journal segment: %w", err)
		}
		j.segments = j.segments[1:]
	}
	return nil
}

// close makes what was written durable, and ends the journal.
func (j *journal) close() error {
	j.flush.Lock()
	defer j.flush.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	err := errors.Join(j.file.Sync(), j.file.Close())
	j.file = nil
	return err
}
