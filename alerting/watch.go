package alerting

import (
	"context"

	"github.com/oriel-obs/oriel/internal/filewatch"
)

// watch loads the rule files again when they have changed, until ctx ends.
func (m *Manager) watch(ctx context.Context) {
	filewatch.Run(ctx, m.opts.Config.WatchInterval, m.sight, func() {
		if err := m.reloadChanged(); err != nil {
			m.opts.Log.Error("changed rule files not loaded; the old rules stay in force", "err", err)
		} else {
			m.opts.Log.Info("changed rule files loaded")
		}
	})
}

// sight returns how the rule files look, and how they looked when they were
// loaded.
func (m *Manager) sight() (now, loaded string) {
	m.mu.Lock()
	files, loaded := m.settings.globs(), m.looked
	m.mu.Unlock()
	return filewatch.Look(files), loaded
}

// reloadChanged loads the files anew. Files with a fault are not tried again
// before they change.
func (m *Manager) reloadChanged() error {
	m.reloading.Lock()
	defer m.reloading.Unlock()
	m.mu.Lock()
	s := m.settings
	m.looked = filewatch.Look(s.globs())
	m.mu.Unlock()
	return m.load(s)
}
