package metric

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"log/slog"
	"os"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// A checkedFile is a small table that is kept beside the blocks: a line with
// magic and the CRC-32C of the rest in hexadecimal, and the rest as JSON.
type checkedFile struct {
	path  string
	magic string // with a version, and a space at the end
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// save writes v: whole, or not at all.
func (f checkedFile) save(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return vfs.Replace(f.path, append(fmt.Appendf(nil, "%s%08x\n", f.magic, crc32.Checksum(body, castagnoli)), body...), 0o644)
}

// load reads v, or leaves it alone if there is no file. A damaged file is put
// aside: what these tables hold comes again by itself.
func (f checkedFile) load(v any, log *slog.Logger) error {
	b, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err = f.decode(b, v); err == nil {
		return nil
	}
	bad := f.path + ".damaged"
	log.Warn("A table of the metric store is damaged and is put aside; it fills again by itself", "file", bad, "err", err)
	if err := os.Rename(f.path, bad); err != nil {
		return fmt.Errorf("put damaged table aside: %w", err)
	}
	return nil
}

func (f checkedFile) decode(b []byte, v any) error {
	head, body, ok := bytes.Cut(b, []byte("\n"))
	if !ok || !bytes.HasPrefix(head, []byte(f.magic)) {
		return fmt.Errorf("does not begin with %q", f.magic)
	}
	if want := fmt.Sprintf("%s%08x", f.magic, crc32.Checksum(body, castagnoli)); want != string(head) {
		return errors.New("checksum mismatch")
	}
	return json.Unmarshal(body, v)
}
