package alerting

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// Homes are the folders of rules and objectives that come through APIs, by
// tenant. The default one's are Dir's own; others have theirs in Dir/tenants.
type Homes struct {
	Dir string // the data folder
}

// Rules returns the folder of a tenant's rule files: below it, a folder for each
// way in which they come. It need not exist.
func (h Homes) Rules(tenant string) string { return filepath.Join(h.of(tenant), "rules") }

// Objectives returns the folder of a tenant's objectives. It need not exist.
func (h Homes) Objectives(tenant string) string { return filepath.Join(h.of(tenant), "slos") }

func (h Homes) of(tenant string) string {
	if tenant == "" {
		return h.Dir
	}
	return filepath.Join(h.root(), folderName(tenant))
}

func (h Homes) root() string { return filepath.Join(h.Dir, "tenants") }

// Tenants returns the names of those that have a folder, in order; the default
// one is not among them.
func (h Homes) Tenants() ([]string, error) {
	entries, err := os.ReadDir(h.root())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("find the folders of tenants: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name, err := url.PathUnescape(e.Name()); err == nil && e.IsDir() && folderName(name) == e.Name() {
			names = append(names, name)
		}
	}
	return names, nil
}

// Remove deletes what a tenant has here; the default one cannot be removed.
func (h Homes) Remove(tenant string) error {
	if tenant == "" {
		return errors.New("remove the folder of the default tenant: it is not one of its own")
	}
	return os.RemoveAll(h.of(tenant))
}

// folderName writes a tenant's name so that it is a folder's everywhere: file
// systems that take A for a keep two tenants apart too, and no glob takes a part
// of it for a pattern.
func folderName(tenant string) string {
	var b strings.Builder
	for _, c := range []byte(tenant) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
