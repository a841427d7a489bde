package event

import (
	"fmt"
	"path"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// probeBytes is the free space that ends a read-only spell, lest the store
// goes back and forth with every block freed.
const probeBytes = 1 << 20

// recoverLog makes the log writable again after a failed write: it cuts off
// what the failure left, and goes on in a new segment, because after a failed
// fsync the old file cannot be trusted with more.
func (t *table) recoverLog() error {
	t.commitMu.Lock()
	defer t.commitMu.Unlock()
	t.mu.RLock()
	failed, h := t.walErr != nil, t.active
	t.mu.RUnlock()
	if !failed {
		return nil
	}
	if h.seg != nil {
		if err := h.seg.repair(); err != nil {
			return err
		}
	}
	if err := t.probe(); err != nil {
		return err
	}
	if err := t.rotate(); err != nil {
		return err
	}
	t.restored(&t.walErr)
	return nil
}

func (t *table) probe() error {
	name := path.Join(t.walDir, "probe"+tmpSuffix)
	err := vfs.WriteFile(t.fs, name, make([]byte, probeBytes))
	if rmErr := t.fs.Remove(name); err == nil {
		err = rmErr
	}
	if err != nil {
		return fmt.Errorf("write %d bytes to try the disk: %w", probeBytes, err)
	}
	return nil
}

// restored clears *cause, one of t's own fields, and says so when writes are
// possible again.
func (t *table) restored(cause *error) {
	t.mu.Lock()
	before := t.unavailable()
	*cause = nil
	after := t.unavailable()
	t.mu.Unlock()
	if before != nil && after == nil {
		t.m.readOnly.Set(0)
		t.log.Info("event store takes writes again")
	}
}
