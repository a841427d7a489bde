package dashapi

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/filewatch"
	"github.com/oriel-obs/oriel/storage/state"
)

//go:embed builtin
var builtin embed.FS

// Config is the section `dashboards`.
type Config struct {
	// Folders of dashboard files (*.json), relative to the configuration file.
	// Each folder within is a folder on the page. They are read-only there, and
	// read again when they change.
	Folders []string `yaml:"folders"`
	// Whether the dashboards that come with Oriel are shown.
	BuiltIn bool `yaml:"built_in"`
}

// DefaultConfig shows the dashboards that come with Oriel.
func DefaultConfig() Config { return Config{BuiltIn: true} }

// watchInterval is how often the folders are looked at.
const watchInterval = 5 * time.Second

// A fileDashboard is a dashboard that nobody can change here.
type fileDashboard struct {
	document
	folder   string // UID in catalogue.folders; "" at the top
	path     string // to tell people where it comes from
	builtIn  bool   // it comes with Oriel, for all tenants
	modified time.Time
}

// A catalogue is what the files held when they were looked at.
type catalogue struct {
	look       string
	dashboards map[string]*fileDashboard // by UID
	folders    map[string]state.Folder   // by UID
	builtIn    map[string]bool           // UIDs of folders of what comes with Oriel
}

// Files are dashboards that come from folders, and with Oriel. A file with a
// fault is told in the log, once, and left out.
type Files struct {
	config  Config
	log     *slog.Logger
	current atomic.Pointer[catalogue]
}

// NewFiles reads the folders for the first time.
func NewFiles(c Config, log *slog.Logger) *Files {
	f := &Files{config: c, log: log.With("component", "dashboards")}
	f.Reload()
	return f
}

// Run reads the folders again when they have changed, until ctx ends.
func (f *Files) Run(ctx context.Context) error {
	filewatch.Run(ctx, watchInterval, func() (now, read string) { return f.look(), f.current.Load().look }, f.Reload)
	return nil
}

// Reload reads the folders now, without waiting for the next look at them.
func (f *Files) Reload() { f.load(f.look()) }

// look describes all files by path, time and size.
func (f *Files) look() string {
	var b strings.Builder
	for _, dir := range f.config.Folders {
		fmt.Fprintf(&b, "%q\n", dir)
		_ = walk(os.DirFS(dir), func(name string, info fs.FileInfo) {
			filewatch.Note(&b, name, info)
		})
	}
	return b.String()
}

// walk calls visit for each JSON file below root, by name. Links to folders are
// not followed, except root itself; hidden folders, such as those by which
// Kubernetes swaps a ConfigMap, are left out.
func walk(root fs.FS, visit func(name string, info fs.FileInfo)) error {
	return fs.WalkDir(root, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(e.Name(), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case path.Ext(name) != ".json":
			return nil
		}
		info, err := fs.Stat(root, name) // of what a link leads to
		if err != nil || info.IsDir() {
			return nil //nolint:nilerr // gone meanwhile: the next look will tell
		}
		visit(name, info)
		return nil
	})
}

func (f *Files) load(look string) {
	c := &catalogue{look: look, dashboards: map[string]*fileDashboard{}, folders: map[string]state.Folder{}, builtIn: map[string]bool{}}
	for _, dir := range f.config.Folders {
		f.add(c, os.DirFS(dir), dir, "")
	}
	if f.config.BuiltIn {
		files, err := fs.Sub(builtin, "builtin")
		if err != nil {
			f.log.Error("dashboards that come with Oriel not read", "err", err)
		} else {
			f.add(c, files, "built in", "Oriel")
		}
	}
	f.current.Store(c)
}

// add reads the files below root. Those at its top belong to the folder with
// the title top.
func (f *Files) add(c *catalogue, root fs.FS, where, top string) {
	err := walk(root, func(name string, info fs.FileInfo) {
		at := filepath.Join(where, filepath.FromSlash(name))
		text, err := fs.ReadFile(root, name)
		if err != nil {
			f.log.Warn("dashboard not read", "file", at, "err", err)
			return
		}
		d, err := parseDocument(text)
		if err != nil {
			f.log.Warn("file is no dashboard; it is left out", "file", at, "err", err)
			return
		}
		if d.UID == "" {
			d.UID = "file-" + digest(at)
		}
		if other, taken := c.dashboards[d.UID]; taken {
			f.log.Warn("two dashboards have the same uid; the second is left out", "uid", d.UID, "first", other.path, "second", at)
			return
		}
		c.dashboards[d.UID] = &fileDashboard{
			document: d, folder: c.folderOf(path.Dir(name), top, info.ModTime()), path: at, modified: info.ModTime().UTC(), builtIn: top != "",
		}
	})
	if err != nil {
		f.log.Warn("folder of dashboards not read", "folder", where, "err", err)
	}
}

// folderOf returns the UID of the folder for the files in dir, and adds it and
// those above it.
func (c *catalogue) folderOf(dir, top string, modified time.Time) string {
	title, parent := path.Base(dir), ""
	if dir == "." {
		if top == "" {
			return ""
		}
		title = top
	} else {
		parent = c.folderOf(path.Dir(dir), top, modified)
	}
	uid := "files-" + digest(top+"/"+dir)
	c.builtIn[uid] = top != ""
	c.folders[uid] = state.Folder{UID: uid, Parent: parent, Title: title, Version: 1, Created: modified.UTC(), Updated: modified.UTC()}
	return uid
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// asDefault reports whether ctx is about the default tenant. What the
// configuration names, folders and servers, is the operator's and so its: others
// see what comes with Oriel.
func asDefault(ctx context.Context) bool {
	id := auth.From(ctx)
	return id == nil || id.Tenants == nil || slices.Contains(id.Tenants, "")
}

func (f *Files) dashboard(ctx context.Context, uid string) (*fileDashboard, bool) {
	d, ok := f.current.Load().dashboards[uid]
	if !ok || !d.builtIn && !asDefault(ctx) {
		return nil, false
	}
	return d, true
}

func (f *Files) folder(ctx context.Context, uid string) (state.Folder, bool) {
	c := f.current.Load()
	folder, ok := c.folders[uid]
	if !ok || !c.builtIn[uid] && !asDefault(ctx) {
		return state.Folder{}, false
	}
	return folder, true
}

func (f *Files) all(ctx context.Context) (dashboards []*fileDashboard, folders []state.Folder) {
	c, sees := f.current.Load(), asDefault(ctx)
	for _, d := range c.dashboards {
		if d.builtIn || sees {
			dashboards = append(dashboards, d)
		}
	}
	for uid, folder := range c.folders {
		if c.builtIn[uid] || sees {
			folders = append(folders, folder)
		}
	}
	return dashboards, folders
}
