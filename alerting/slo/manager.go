package slo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/filewatch"
	"github.com/oriel-obs/oriel/internal/vfs"
)

// Options are what a Manager needs.
type Options struct {
	Files  []string      // globs of files of objectives
	Dir    string        // of the objectives that come through the API, a file each; made when it is needed
	Rules  string        // folder that the rule files are written to, and nobody else writes to
	Parser parser.Parser // of PromQL; required
	Ask    Ask           // of the metric store; required

	// Homes has the folders of tenants' objectives and of their rules, besides
	// the default one's, which are Dir and Rules. Nil while tenants are off.
	Homes *alerting.Homes
	// FileRules is where the rules of Files are written to while tenants are on:
	// they are the operator's, and not the default tenant's as those in Rules.
	FileRules string

	// Reload puts the rule files in force. Nil until the rules are loaded for
	// the first time, which is after New.
	Reload func() error

	WatchInterval time.Duration // between two looks at the files; 0 never looks
	Log           *slog.Logger
}

// A Manager keeps the rule files what the objectives say.
type Manager struct {
	opts Options
	log  *slog.Logger

	mu         sync.Mutex
	looked     string
	objectives []known // by name and tenant
}

// A known Objective is one in force.
type known struct {
	Objective
	path     string // of its file
	editable bool   // it came through the API
	tenant   string // whose it is; "" is the default one
}

// New reads the objectives and writes their rules. What is wrong with them is
// an error of a line each.
func New(o Options) (*Manager, error) {
	m := &Manager{opts: o, log: o.Log.With("component", "slo")}
	_, err := m.load()
	return m, err
}

// Run reads the files again when they have changed, until ctx ends.
func (m *Manager) Run(ctx context.Context) error {
	filewatch.Run(ctx, m.opts.WatchInterval, m.sight, func() {
		if err := m.Load(); err != nil {
			m.log.Error("changed objectives not loaded; the old ones stay in force", "err", err)
		}
	})
	return nil
}

// sight returns how the files look, and how they looked when they were read.
func (m *Manager) sight() (now, read string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return filewatch.Look(m.globs()), m.looked
}

// Reload replaces the globs and reads the objectives, all or none. The caller
// puts the rule files in force.
func (m *Manager) Reload(files []string) error {
	m.mu.Lock()
	old := m.opts.Files
	m.opts.Files = files
	m.mu.Unlock()
	_, err := m.load()
	if err != nil {
		m.mu.Lock()
		m.opts.Files = old
		m.mu.Unlock()
	}
	return err
}

// Load reads the objectives and puts their rules in force, all or none.
func (m *Manager) Load() error {
	changed, err := m.load()
	if err == nil && changed && m.opts.Reload != nil {
		err = m.opts.Reload()
	}
	return err
}

// load writes the rules that have changed, and tells whether any has.
func (m *Manager) load() (changed bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.looked = filewatch.Look(m.globs()) // files with a fault are not tried again before they change
	all, err := m.read()
	if err != nil {
		return false, err
	}
	if changed, err = m.write(all); err != nil {
		return changed, fmt.Errorf("write rules of objectives: %w", err)
	}
	m.objectives = all
	return changed, nil
}

func (m *Manager) globs() []string {
	tenants, _ := m.tenants() // read reports it
	all := slices.Clone(m.opts.Files)
	for _, tenant := range tenants {
		all = append(all, filepath.Join(m.dir(tenant), "*"+suffix))
	}
	return all
}

// tenants returns those that may have objectives, the default one first.
func (m *Manager) tenants() ([]string, error) {
	if m.opts.Homes == nil {
		return []string{""}, nil
	}
	others, err := m.opts.Homes.Tenants()
	return append([]string{""}, others...), err
}

// dir is the folder of the objectives that a tenant brings through the API.
func (m *Manager) dir(tenant string) string {
	if tenant == "" {
		return m.opts.Dir
	}
	return m.opts.Homes.Objectives(tenant)
}

// rules is the folder of their rules.
func (m *Manager) rules(tenant string) string {
	if tenant == "" {
		return m.opts.Rules
	}
	return filepath.Join(m.opts.Homes.Rules(tenant), "slo")
}

// rulesOf is the folder of an objective's rules.
func (m *Manager) rulesOf(o known) string {
	if !o.editable && m.opts.Homes != nil {
		return m.opts.FileRules
	}
	return m.rules(o.tenant)
}

const suffix = ".yml"

// read returns all objectives by name and tenant.
func (m *Manager) read() (all []known, err error) {
	var errs []error
	for _, glob := range m.opts.Files {
		if paths, err := filepath.Glob(glob); err != nil || len(paths) == 0 && !strings.ContainsAny(glob, `*?[\`) {
			errs = append(errs, fmt.Errorf("slo_files: %q does not exist: %w", glob, fault.ErrInvalid))
		}
	}
	tenants, err := m.tenants()
	if err != nil {
		return nil, err
	}
	from := map[id]string{}
	for _, path := range filewatch.Paths(m.globs()) {
		at := slices.IndexFunc(tenants, func(name string) bool { return filepath.Dir(path) == filepath.Clean(m.dir(name)) })
		tenant := ""
		if at >= 0 {
			tenant = tenants[at]
		}
		text, err := os.ReadFile(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		some, faults := Parse(text, m.opts.Parser)
		for _, err := range faults {
			errs = append(errs, fmt.Errorf("%s: %w", path, err))
		}
		for _, o := range some {
			if first, taken := from[id{tenant, o.Name}]; taken && first != path {
				errs = append(errs, fmt.Errorf("%s: slo %q is in %s already: %w", path, o.Name, first, fault.ErrInvalid))
			}
			from[id{tenant, o.Name}] = path
			all = append(all, known{o, path, at >= 0, tenant})
		}
	}
	slices.SortFunc(all, func(a, b known) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.tenant, b.tenant))
	})
	return all, errors.Join(errs...)
}

// An id tells objectives apart.
type id struct{ tenant, name string }

// write makes the rule files what the objectives say.
func (m *Manager) write(all []known) (changed bool, err error) {
	tenants, err := m.tenants()
	if err != nil {
		return false, err
	}
	want := map[string]map[string][]byte{} // by folder and file
	for _, tenant := range tenants {
		want[m.rules(tenant)] = map[string][]byte{}
	}
	if m.opts.FileRules != "" {
		want[m.opts.FileRules] = map[string][]byte{}
	}
	for _, o := range all {
		folder := m.rulesOf(o)
		if want[folder] == nil { // of a tenant that was removed meanwhile
			want[folder] = map[string][]byte{}
		}
		want[folder][o.Name+suffix] = o.Rules()
	}
	for folder, files := range want {
		some, err := writeFolder(folder, files)
		if changed = changed || some; err != nil {
			return changed, err
		}
	}
	return changed, nil
}

// writeFolder makes the files of a folder those that are wanted, and no others.
func writeFolder(folder string, want map[string][]byte) (changed bool, err error) {
	have, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	for _, e := range have {
		path := filepath.Join(folder, e.Name())
		text, wanted := want[e.Name()]
		if !wanted {
			if err := os.Remove(path); err != nil {
				return changed, err
			}
			changed = true
		} else if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
			delete(want, e.Name())
		}
	}
	if len(want) > 0 {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return changed, err
		}
	}
	for name, text := range want {
		if err := vfs.Replace(filepath.Join(folder, name), text, 0o644); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// Save keeps an objective that a tenant brings through the API, and puts its
// rules in force. One that is in a file of somebody else's wraps
// fault.ErrConflict.
func (m *Manager) Save(tenant string, o Objective) error {
	if err := o.Complete(m.opts.Parser); err != nil {
		return err
	}
	if old, err := m.get(o.Name, tenant); err == nil && !old.editable {
		return fmt.Errorf("slo %q is in %s, and is changed there: %w", o.Name, old.path, fault.ErrConflict)
	}
	text, err := yaml.Marshal(map[string]any{"slos": []Objective{o}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.dir(tenant), 0o755); err != nil {
		return fmt.Errorf("keep slo: %w", err)
	}
	if err := vfs.Replace(filepath.Join(m.dir(tenant), o.Name+suffix), text, 0o644); err != nil {
		return fmt.Errorf("keep slo: %w", err)
	}
	return m.Load()
}

// Delete removes an objective that came through the API, and its rules.
func (m *Manager) Delete(tenant, name string) error {
	o, err := m.get(name, tenant)
	if err != nil {
		return err
	}
	if !o.editable {
		return fmt.Errorf("slo %q is in %s, and is changed there: %w", name, o.path, fault.ErrConflict)
	}
	if err := os.Remove(o.path); err != nil {
		return fmt.Errorf("remove slo: %w", err)
	}
	return m.Load()
}

// get returns the first of the name that one of tenants has.
func (m *Manager) get(name string, tenants ...string) (known, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.objectives, func(o known) bool { return o.Name == name && slices.Contains(tenants, o.tenant) })
	if i < 0 {
		return known{}, fmt.Errorf("slo %.100q: %w", name, fault.ErrNotFound)
	}
	return m.objectives[i], nil
}

func (m *Manager) list(tenants []string) []known {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.objectives), func(o known) bool { return !slices.Contains(tenants, o.tenant) })
}
