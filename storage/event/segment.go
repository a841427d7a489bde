package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"path"
	"strconv"
	"strings"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// The layout of segments; see docs/format/wal.md.
const (
	segmentMagic   = "orielwal"
	segmentVersion = 1
	segmentHeader  = 24 // magic, version, number, checksum
	frameHeader    = 16 // length, checksum, durable length
	maxFrame       = 1 << 30
	segmentSuffix  = ".wal"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A segment is the file of the write-ahead log that is being written.
type segment struct {
	number uint64
	name   string
	file   vfs.File
	synced int64 // bytes that are durable and acknowledged
}

func segmentName(dir string, number uint64) string {
	return path.Join(dir, fmt.Sprintf("%010d%s", number, segmentSuffix))
}

// segmentNumber returns the number of a segment file.
func segmentNumber(name string) (number uint64, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok {
		return 0, false
	}
	number, err := strconv.ParseUint(digits, 10, 64)
	return number, err == nil
}

// createSegment makes an empty segment whose existence is durable.
func createSegment(fsys vfs.FS, dir string, number uint64) (*segment, error) {
	name := segmentName(dir, number)
	f, err := fsys.Create(name)
	if err != nil {
		return nil, fmt.Errorf("create segment: %w", err)
	}
	h := make([]byte, 0, segmentHeader)
	h = append(h, segmentMagic...)
	h = binary.LittleEndian.AppendUint32(h, segmentVersion)
	h = binary.LittleEndian.AppendUint64(h, number)
	h = binary.LittleEndian.AppendUint32(h, crc32.Checksum(h, castagnoli))
	if _, err = f.Write(h); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = fsys.SyncDir(dir)
	}
	if err != nil {
		err = errors.Join(err, f.Close())
		_ = fsys.Remove(name) // an empty segment does no harm either
		return nil, fmt.Errorf("create segment %s: %w", name, err)
	}
	return &segment{number: number, name: name, file: f, synced: segmentHeader}, nil
}

// write seals frames, appends them and makes them durable. After an error
// nothing of them counts, and the segment must not be written again.
func (s *segment) write(frames [][]byte) error {
	size := s.synced
	for _, f := range frames {
		sealFrame(f, s.synced)
		if _, err := s.file.Write(f); err != nil {
			return fmt.Errorf("append to write-ahead log: %w", err)
		}
		size += int64(len(f))
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("sync write-ahead log: %w", err)
	}
	s.synced = size
	return nil
}

// repair cuts off what a failed write may have left, so that replay never
// finds rows whose writer was told that they are not there.
func (s *segment) repair() error {
	if err := s.file.Truncate(s.synced); err != nil {
		return fmt.Errorf("truncate %s: %w", s.name, err)
	}
	if err := s.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", s.name, err)
	}
	return nil
}

// sealFrame fills in the header of frame, whose first frameHeader bytes are
// room for it. synced is the length of the segment that was durable before.
func sealFrame(frame []byte, synced int64) {
	binary.LittleEndian.PutUint32(frame, uint32(len(frame)-frameHeader))
	binary.LittleEndian.PutUint64(frame[8:], uint64(synced))
	binary.LittleEndian.PutUint32(frame[4:], frameChecksum(frame))
}

// frameChecksum covers all but itself, so that a run of zeros is no frame.
func frameChecksum(frame []byte) uint32 {
	return crc32.Update(crc32.Checksum(frame[:4], castagnoli), castagnoli, frame[8:])
}

// frameAt returns the frame at offset at of segment b, or nil if none is there.
func frameAt(b []byte, at int64) []byte {
	rest := b[at:]
	if len(rest) < frameHeader {
		return nil
	}
	size := int64(binary.LittleEndian.Uint32(rest))
	if size > int64(len(rest))-frameHeader || binary.LittleEndian.Uint64(rest[8:]) > uint64(at) {
		return nil
	}
	if frame := rest[:frameHeader+size]; frameChecksum(frame) == binary.LittleEndian.Uint32(rest[4:]) {
		return frame
	}
	return nil
}

// acknowledged reports whether bytes of b from offset at on were durable once,
// which any later frame tells. If none does, damage at that offset is what a
// crash leaves of a group that was being written.
func acknowledged(b []byte, at int64) bool {
	for next := at + 1; next+frameHeader <= int64(len(b)); next++ {
		synced := binary.LittleEndian.Uint64(b[next+8:])
		if synced > uint64(at) && synced <= uint64(next) && frameAt(b, next) != nil {
			return true
		}
	}
	return false
}

// A damage says where and why a segment cannot be read any further.
type damage struct {
	offset int64
	torn   bool // nothing that was acknowledged is known to be lost
	err    error
}

// readSegment calls f with the payload of each frame, which f may keep, and
// returns what stopped it before the end, if anything. f's error counts as
// damage of the frame.
func readSegment(b []byte, number uint64, f func(payload []byte) error) *damage {
	if len(b) < segmentHeader {
		return &damage{torn: true, err: errors.New("incomplete header")}
	}
	h := b[:segmentHeader]
	if string(h[:8]) != segmentMagic || crc32.Checksum(h[:20], castagnoli) != binary.LittleEndian.Uint32(h[20:]) {
		return &damage{torn: !acknowledged(b, 0), err: errors.New("not a segment header")}
	}
	if v := binary.LittleEndian.Uint32(h[8:]); v != segmentVersion {
		return &damage{err: fmt.Errorf("format version %d; this program reads version %d", v, segmentVersion)}
	}
	if n := binary.LittleEndian.Uint64(h[12:]); n != number {
		return &damage{err: fmt.Errorf("header of segment %d", n)}
	}
	for at := int64(segmentHeader); at < int64(len(b)); {
		frame := frameAt(b, at)
		if frame == nil {
			return &damage{offset: at, torn: !acknowledged(b, at), err: errors.New("incomplete frame or checksum mismatch")}
		}
		if err := f(frame[frameHeader:]); err != nil {
			return &damage{offset: at, err: err}
		}
		at += int64(len(frame))
	}
	return nil
}

// checksum is the CRC-32C that every file of the store uses.
func checksum(b []byte) uint32 { return crc32.Checksum(b, castagnoli) }
