package slo

import (
	"bytes"
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
	objectives []known // by name
}

// A known Objective is one in force.
type known struct {
	Objective
	path     string // of its file
	editable bool   // it came through the API
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
	return append(slices.Clip(m.opts.Files), filepath.Join(m.opts.Dir, "*"+suffix))
}

const suffix = ".yml"

// read returns all objectives by name.
func (m *Manager) read() (all []known, err error) {
	var errs []error
	for _, glob := range m.opts.Files {
		if paths, err := filepath.Glob(glob); err != nil || len(paths) == 0 && !strings.ContainsAny(glob, `*?[\`) {
			errs = append(errs, fmt.Errorf("slo_files: %q does not exist: %w", glob, fault.ErrInvalid))
		}
	}
	from := map[string]string{}
	for _, path := range filewatch.Paths(m.globs()) {
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
			if first, taken := from[o.Name]; taken && first != path {
				errs = append(errs, fmt.Errorf("%s: slo %q is in %s already: %w", path, o.Name, first, fault.ErrInvalid))
			}
			from[o.Name] = path
			all = append(all, known{o, path, filepath.Dir(path) == filepath.Clean(m.opts.Dir)})
		}
	}
	slices.SortFunc(all, func(a, b known) int { return strings.Compare(a.Name, b.Name) })
	return all, errors.Join(errs...)
}

// write makes the rule files what the objectives say.
func (m *Manager) write(all []known) (changed bool, err error) {
	want := map[string][]byte{}
	for _, o := range all {
		want[o.Name+suffix] = o.Rules()
	}
	have, err := os.ReadDir(m.opts.Rules)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	for _, e := range have {
		path := filepath.Join(m.opts.Rules, e.Name())
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
		if err := os.MkdirAll(m.opts.Rules, 0o755); err != nil {
			return changed, err
		}
	}
	for name, text := range want {
		if err := vfs.Replace(filepath.Join(m.opts.Rules, name), text, 0o644); err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// Save keeps an objective that comes through the API, and puts its rules in
// force. One that is in a file of somebody else's wraps fault.ErrConflict.
func (m *Manager) Save(o Objective) error {
	if err := o.Complete(m.opts.Parser); err != nil {
		return err
	}
	if old, err := m.get(o.Name); err == nil && !old.editable {
		return fmt.Errorf("slo %q is in %s, and is changed there: %w", o.Name, old.path, fault.ErrConflict)
	}
	text, err := yaml.Marshal(map[string]any{"slos": []Objective{o}})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(m.opts.Dir, 0o755); err != nil {
		return fmt.Errorf("keep slo: %w", err)
	}
	if err := vfs.Replace(filepath.Join(m.opts.Dir, o.Name+suffix), text, 0o644); err != nil {
		return fmt.Errorf("keep slo: %w", err)
	}
	return m.Load()
}

// Delete removes an objective that came through the API, and its rules.
func (m *Manager) Delete(name string) error {
	o, err := m.get(name)
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

func (m *Manager) get(name string) (known, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.objectives, func(o known) bool { return o.Name == name })
	if i < 0 {
		return known{}, fmt.Errorf("slo %.100q: %w", name, fault.ErrNotFound)
	}
	return m.objectives[i], nil
}

func (m *Manager) list() []known {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.objectives)
}
