package metric

import (
	"errors"
	"fmt"

	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/storage"
)

// commit commits t. The only thing in it that fails is the WAL, on a full disk
// for instance, and a WAL that failed once is not to be trusted: half a record
// may be in it, which a replay would take for the end, and the head may have
// series that it lacks. So nothing is acknowledged from then on; opening the
// store again repairs the WAL.
func (s *Store) commit(t promstorage.AppenderTransaction) error {
	if err := s.ReadOnly(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	err := t.Commit()
	if err == nil {
		return nil
	}
	err = fmt.Errorf("commit samples: %w: %w; make room or repair the disk, then restart", err, storage.ErrReadOnly)
	if s.failure.CompareAndSwap(nil, &err) {
		s.metrics.readOnly.Set(1)
		s.log.Error("The metric store takes no more samples", "err", err)
	}
	return err
}

// ReadOnly returns why the store takes no writes, wrapping
// storage.ErrReadOnly, or nil if it takes them.
func (s *Store) ReadOnly() error {
	if err := s.failure.Load(); err != nil {
		return *err
	}
	return nil
}
