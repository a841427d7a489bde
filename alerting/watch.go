package alerting

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// watch loads the rule files again when they have changed, until ctx ends. It
// looks at them rather than be told by the system, which is silent about file
// systems of other machines and about folders that a symbolic link swaps.
func (m *Manager) watch(ctx context.Context) {
	every := m.opts.Config.WatchInterval
	if every == 0 {
		<-ctx.Done()
		return
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for last := ""; ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, loaded := m.sight()
		if now != loaded && now == last { // a file that still changes is being written
			if err := m.reloadChanged(); err != nil {
				m.opts.Log.Error("changed rule files not loaded; the old rules stay in force", "err", err)
			} else {
				m.opts.Log.Info("changed rule files loaded")
			}
		}
		last = now
	}
}

// sight returns how the rule files look, and how they looked when they were
// loaded.
func (m *Manager) sight() (now, loaded string) {
	m.mu.Lock()
	files, loaded := m.settings.Files, m.looked
	m.mu.Unlock()
	return look(files), loaded
}

// reloadChanged loads the files anew. Files with a fault are not tried again
// before they change.
func (m *Manager) reloadChanged() error {
	m.reloading.Lock()
	defer m.reloading.Unlock()
	m.mu.Lock()
	s := m.settings
	m.looked = look(s.Files)
	m.mu.Unlock()
	return m.load(s)
}

// look describes the files that match globs by path, time and size.
func look(globs []string) string {
	var all []string
	for _, glob := range globs {
		paths, _ := filepath.Glob(glob) // a fault was reported when it was loaded
		all = append(all, paths...)
	}
	slices.Sort(all)
	var b strings.Builder
	for _, path := range slices.Compact(all) {
		fmt.Fprintf(&b, "%q", path)
		if info, err := os.Stat(path); err == nil {
			fmt.Fprint(&b, info.ModTime().UnixNano(), " ", info.Size())
		}
		b.WriteByte('\n')
	}
	return b.String()
}
