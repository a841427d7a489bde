package pushgateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/prometheus/model/labels"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/oriel-obs/oriel/ingest"
)

// A header is the first line of a group's file.
type header struct {
	Version int              `json:"version"`
	Labels  labels.Labels    `json:"labels"`
	Pushed  int64            `json:"pushed"`   // ms
	Failed  int64            `json:"failed"`   // ms
	Times   map[string]int64 `json:"families"` // when each was pushed, ms
	CRC     uint32           `json:"crc"`      // Castagnoli, of what follows the line
}

const fileVersion = 1

const fileSuffix = ".group"

// fileName is that of the group of ls.
func fileName(dir string, ls labels.Labels) string {
	sum := sha256.Sum256(ls.Bytes(nil))
	return filepath.Join(dir, hex.EncodeToString(sum[:16])+fileSuffix)
}

// encodeGroup returns the bytes of g's file.
func encodeGroup(g *group) ([]byte, error) {
	h := header{Version: fileVersion, Labels: g.labels, Pushed: g.pushed, Failed: g.failed, Times: map[string]int64{}}
	var families bytes.Buffer
	for name, f := range g.families {
		if name == pushTime || name == failureTime {
			continue // made of the header
		}
		h.Times[name] = f.pushed
		if _, err := protodelim.MarshalTo(&families, f.mf); err != nil {
			return nil, fmt.Errorf("encode metric family %q: %w", name, err)
		}
	}
	h.CRC = crc32.Checksum(families.Bytes(), crc32.MakeTable(crc32.Castagnoli))
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("encode header: %w", err)
	}
	return append(append(line, '\n'), families.Bytes()...), nil
}

// decodeGroup is the reverse of encodeGroup.
func decodeGroup(b []byte) (*group, error) {
	line, rest, ok := bytes.Cut(b, []byte("\n"))
	if !ok {
		return nil, errors.New("no header")
	}
	var h header
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	switch {
	case h.Version != fileVersion:
		return nil, fmt.Errorf("version %d, want %d", h.Version, fileVersion)
	case crc32.Checksum(rest, crc32.MakeTable(crc32.Castagnoli)) != h.CRC:
		return nil, errors.New("checksum mismatch")
	case !h.Labels.Has("job"):
		return nil, errors.New("a group without a job")
	}
	var families map[string]*dto.MetricFamily
	families, err := decodeProto(bytes.NewReader(rest))
	if err != nil {
		return nil, err
	}
	g := &group{labels: h.Labels, families: map[string]*family{}, pushed: h.Pushed, failed: h.Failed}
	for name, mf := range families {
		if g.families[name], err = adopt(mf, h.Labels, ingest.Limits{}, h.Times[name]); err != nil {
			return nil, err
		}
	}
	return g.withTimes(h.Pushed)
}

// save writes g's file and makes it durable.
func save(dir string, g *group) error {
	b, err := encodeGroup(g)
	if err != nil {
		return err
	}
	path := fileName(dir, g.labels)
	f, err := os.CreateTemp(dir, "*.tmp")
	if err != nil {
		return fmt.Errorf("save group: %w", err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error says enough
		return fmt.Errorf("save group %s: %w", g.labels, err)
	}
	return syncDir(dir)
}

// forget removes the file of the group ls.
func forget(dir string, ls labels.Labels) error {
	if err := os.Remove(fileName(dir, ls)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove group %s: %w", ls, err)
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory to fsync it: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// load reads the groups of dir, which it creates if it is absent. A damaged
// file is put aside and told of.
func (g *Gateway) load(ctx context.Context) error {
	if err := os.MkdirAll(g.dir, 0o755); err != nil {
		return fmt.Errorf("pushgateway: %w", err)
	}
	entries, err := os.ReadDir(g.dir)
	if err != nil {
		return fmt.Errorf("pushgateway: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(g.dir, e.Name())
		if strings.HasSuffix(path, ".tmp") {
			_ = os.Remove(path) // of a push that was never answered
			continue
		}
		if !strings.HasSuffix(path, fileSuffix) {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read pushed group: %w", err)
		}
		x, err := decodeGroup(b)
		if err != nil {
			aside := path + ".damaged"
			g.log.ErrorContext(ctx, "A pushed group cannot be read; it is put aside and its jobs must push again", "file", aside, "err", err)
			if err := os.Rename(path, aside); err != nil {
				return fmt.Errorf("put damaged group aside: %w", err)
			}
			continue
		}
		g.groups[string(x.labels.Bytes(nil))] = x
		g.rows += x.rows()
	}
	return nil
}
