package event

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/internal/vfs"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// tombstoneVersion is the format of the files below; see docs/format/delete.md.
const tombstoneVersion = 1

// A tombstone is the file of a delete, in the folder deletes of its signal.
type tombstone struct {
	Format  int             `json:"format"`
	Number  uint64          `json:"number"` // the last segment whose rows it is about
	Created time.Time       `json:"created"`
	Start   int64           `json:"start"` // of row times, ns
	End     int64           `json:"end"`   // exclusive
	Where   json.RawMessage `json:"where"` // see storage.EncodePredicate
}

const tombstoneSuffix = ".json"

func (t *table) tombstoneName(number uint64) string {
	return path.Join(t.deletesDir(), fmt.Sprintf("%010d%s", number, tombstoneSuffix))
}

func (t *table) deletesDir() string { return path.Join(t.dir, "deletes") }

// writeTombstone makes a delete durable. After an error it is not there, as
// far as the disk lets us say so.
func (t *table) writeTombstone(h *hiding) error {
	where, err := storage.EncodePredicate(h.where)
	if err != nil {
		return err
	}
	b, err := sealJSON(tombstone{
		Format: tombstoneVersion, Number: h.number, Created: h.created, Start: h.over.Start, End: h.over.End, Where: where,
	})
	if err != nil {
		return err
	}
	if err := t.fs.MkdirAll(t.deletesDir()); err != nil {
		return err
	}
	name := t.tombstoneName(h.number)
	err = t.fs.SyncDir(t.dir)
	if err == nil {
		err = vfs.WriteFile(t.fs, name+tmpSuffix, b)
	}
	if err == nil {
		err = t.fs.Rename(name+tmpSuffix, name)
	}
	if err == nil {
		err = t.fs.SyncDir(t.deletesDir())
	}
	if err != nil {
		_ = t.fs.RemoveAll(name + tmpSuffix)
		_ = t.fs.RemoveAll(name)
	}
	return err
}

// loadDeletes reads the tombstones. One that is damaged is set aside and said
// so, because rows that were deleted may be back.
func (t *table) loadDeletes() error {
	if err := t.fs.MkdirAll(t.deletesDir()); err != nil {
		return err
	}
	entries, err := t.fs.List(t.deletesDir())
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(t.deletesDir(), e.Name)
		if strings.HasSuffix(e.Name, tmpSuffix) {
			if err := t.fs.RemoveAll(name); err != nil {
				return err
			}
			continue
		}
		digits, ok := strings.CutSuffix(e.Name, tombstoneSuffix)
		number, err := strconv.ParseUint(digits, 10, 64)
		if !ok || err != nil {
			continue
		}
		b, err := vfs.ReadFile(t.fs, name)
		if err != nil {
			return err
		}
		h, err := parseTombstone(b)
		if err == nil && h.number != number {
			err = fmt.Errorf("of delete %d", h.number)
		}
		if err != nil {
			t.setAsideTombstone(name, err)
			continue
		}
		t.deletes = append(t.deletes, h)
	}
	slices.SortFunc(t.deletes, func(a, b *hiding) int { return int(int64(a.number) - int64(b.number)) })
	return nil
}

func parseTombstone(b []byte) (*hiding, error) {
	var ts tombstone
	if err := unsealJSON(b, &ts); err != nil {
		return nil, err
	}
	if ts.Format != tombstoneVersion {
		return nil, fmt.Errorf("format version %d; this program reads version %d", ts.Format, tombstoneVersion)
	}
	where, err := storage.DecodePredicate(ts.Where)
	if err != nil {
		return nil, err
	}
	return newDelete(ts.Number, ts.Created, model.Range{Start: ts.Start, End: ts.End}, where), nil
}

func (t *table) setAsideTombstone(name string, why error) {
	to := path.Join(t.quarantine, "delete_"+path.Base(name))
	err := t.fs.MkdirAll(t.quarantine)
	if err == nil {
		err = t.fs.Rename(name, to)
	}
	t.noteDamage()
	t.log.Error("the record of a delete is damaged and was set aside; rows that it deleted may show again, so repeat it",
		"file", name, "moved_to", to, "why", why, "move_err", err)
}
