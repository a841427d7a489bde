package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/eventrecorder"
	"github.com/prometheus/alertmanager/nflog"
	"github.com/prometheus/alertmanager/nflog/nflogpb"
	"github.com/prometheus/alertmanager/provider"
	"github.com/prometheus/alertmanager/silence"
	"github.com/prometheus/client_golang/prometheus"
	promodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/internal/vfs"
)

// Files in Options.Dir. The first two have Alertmanager's names and formats.
const (
	silencesFile = "silences"
	sentFile     = "nflog"
	alertsFile   = "alerts.json"
)

// saveDelay is how long a change may wait for others to be saved with it.
const saveDelay = 200 * time.Millisecond

// saveInterval is how often state is saved without a notification or a change
// of a silence: alerts move on without either.
const saveInterval = time.Minute

// open loads silences and notification log. A file that does not load is set
// aside: alerts must not fail for it.
func (m *Manager) open() error {
	if err := os.MkdirAll(m.opts.Dir, 0o750); err != nil {
		return err
	}
	silences := silence.Options{
		Retention: retention, Logger: m.log, Metrics: m.opts.Registerer, EventRecorder: eventrecorder.Recorder{},
	}
	sent := nflog.Options{Retention: retention, Logger: m.log, Metrics: m.opts.Registerer}

	// Loading twice, the first time for nothing, because the second registers
	// its metrics and cannot be repeated.
	if err := m.setAside(silencesFile, func(r io.Reader) error {
		_, err := silence.New(silence.Options{SnapshotReader: r, Metrics: prometheus.NewRegistry()})
		return err
	}); err != nil {
		return err
	}
	if err := m.setAside(sentFile, func(r io.Reader) error {
		_, err := nflog.New(nflog.Options{SnapshotReader: r, Metrics: prometheus.NewRegistry()})
		return err
	}); err != nil {
		return err
	}

	if m.opts.Tenants {
		if err := m.claimSilences(); err != nil {
			return fmt.Errorf("give silences to the default tenant: %w", err)
		}
	}
	silences.SnapshotFile = m.path(silencesFile)
	sent.SnapshotFile = m.path(sentFile)
	var err error
	if m.silences, err = silence.New(silences); err != nil {
		return fmt.Errorf("silences: %w", err)
	}
	if m.sent, err = nflog.New(sent); err != nil {
		return fmt.Errorf("notification log: %w", err)
	}
	if err := m.completeLog(); err != nil {
		return fmt.Errorf("notification log: %w", err)
	}
	// What Alertmanager would tell its peers is what must be saved.
	m.silences.SetBroadcast(func([]byte) { m.touch() })
	m.sent.SetBroadcast(func([]byte) { m.touch() })
	return nil
}

func (m *Manager) path(name string) string { return filepath.Join(m.opts.Dir, name) }

// setAside renames a file that load cannot read. One that is not there is
// fine.
func (m *Manager) setAside(name string, load func(io.Reader) error) error {
	text, err := os.ReadFile(m.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	fault := load(bytes.NewReader(text))
	if fault == nil {
		return nil
	}
	aside := m.path(name) + ".corrupt"
	m.log.Error("file is damaged and set aside; starting without it", "file", m.path(name), "kept_as", aside, "err", fault)
	return os.Rename(m.path(name), aside)
}

// touch asks for a save. It never blocks.
func (m *Manager) touch() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// serve saves state and applies reloads until ctx ends.
func (m *Manager) serve(ctx context.Context, store provider.Alerts) {
	var soon <-chan time.Time
	tick := time.NewTicker(saveInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-m.reloads:
			m.apply(ctx, store, p)
			close(p.applied)
			continue
		case <-m.changed:
			if soon == nil {
				soon = time.After(saveDelay)
			}
			continue
		case <-soon:
			soon = nil
		case <-tick.C:
			if err := m.expire(ctx); err != nil {
				m.log.Error("expire notification state", "err", err)
			}
		}
		if err := m.save(store); err != nil {
			m.metrics.saveFailures.Inc()
			m.log.Error("notification state not saved", "err", err)
		}
	}
}

// expire drops silences and log entries that have outlived their retention,
// and acknowledgements that have outlived their alerts.
func (m *Manager) expire(ctx context.Context) error {
	_, err := m.silences.GC()
	_, err2 := m.sent.GC()
	if time.Since(m.began) <= time.Duration(m.newest().conf.Global.ResolveTimeout) {
		return errors.Join(err, err2) // alerts may not have been sent again yet
	}
	return errors.Join(err, err2, m.sweepAcks(ctx))
}

// save writes what has changed, each file whole or not at all.
func (m *Manager) save(store provider.Alerts) error {
	return errors.Join(
		m.write(silencesFile, func(w io.Writer) error { _, err := m.silences.Snapshot(w); return err }),
		m.write(sentFile, func(w io.Writer) error { _, err := m.sent.Snapshot(w); return err }),
		m.write(alertsFile, func(w io.Writer) error {
			return json.NewEncoder(w).Encode(snapshot(store))
		}),
	)
}

func (m *Manager) write(name string, content func(io.Writer) error) error {
	var b bytes.Buffer
	if err := content(&b); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if old, ok := m.written[name]; ok && bytes.Equal(old, b.Bytes()) {
		return nil
	}
	path, disk := m.path(name), vfs.Disk{}
	if err := vfs.WriteFile(disk, path+".tmp", b.Bytes()); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if err := disk.Rename(path+".tmp", path); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	if err := disk.SyncDir(m.opts.Dir); err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	m.written[name] = b.Bytes()
	return nil
}

// savedAlerts is the content of alertsFile.
type savedAlerts struct {
	Version int              `json:"version"` // 1
	SavedAt time.Time        `json:"savedAt"`
	Alerts  []*amalert.Alert `json:"alerts"`
}

func snapshot(store provider.Alerts) savedAlerts {
	it := store.GetPending()
	defer it.Close()
	s := savedAlerts{Version: 1}
	for a := range it.Next() {
		s.Alerts = append(s.Alerts, a.Data)
	}
	if len(s.Alerts) > 0 { // else equal to the last, and not written again
		s.SavedAt = time.Now()
	}
	return s
}

// restoreAlerts puts back the alerts of an earlier process. Those that were
// firing go on for the resolve timeout, which gives the rules time to say so
// again; else they are resolved, and whoever was told of them hears of that.
func (m *Manager) restoreAlerts(ctx context.Context, store provider.Alerts) error {
	var saved savedAlerts
	err := m.setAside(alertsFile, func(r io.Reader) (err error) {
		saved, err = readAlerts(r)
		return err
	})
	if err != nil {
		return fmt.Errorf("restore alerts: %w", err)
	}
	if saved.Alerts, err = m.addUnsaved(saved.Alerts); err != nil {
		return fmt.Errorf("restore alerts: %w", err)
	}
	until := time.Now().Add(time.Duration(m.newest().conf.Global.ResolveTimeout))
	for _, a := range saved.Alerts {
		if a.EndsAt.IsZero() || a.EndsAt.After(saved.SavedAt) && a.EndsAt.Before(until) {
			a.EndsAt = until
		}
	}
	if err := store.Put(ctx, saved.Alerts...); err != nil {
		return fmt.Errorf("restore alerts: %w", err)
	}
	return nil
}

// completeLog adds to the notification log what it lacks if the process was
// killed before the log was saved.
func (m *Manager) completeLog() error {
	told, err := m.opts.State.Told(context.Background())
	if err != nil {
		return err
	}
	for _, t := range told {
		recv := &nflogpb.Receiver{GroupName: t.Receiver, Integration: t.Integration, Idx: uint32(t.Index)}
		have, err := m.sent.Query(nflog.QReceiver(recv), nflog.QGroupKey(t.GroupKey))
		if err == nil && !have[0].Timestamp.AsTime().Before(t.At) {
			continue
		}
		if err := m.sent.Merge(t.Entry); err != nil {
			return fmt.Errorf("what receiver %q was told: %w", t.Receiver, err)
		}
		m.unsaved = append(m.unsaved, t)
	}
	return nil
}

// addUnsaved returns the saved alerts and those that somebody was told of
// after they were saved, if the process was killed then: their end is still to
// be told.
func (m *Manager) addUnsaved(saved []*amalert.Alert) ([]*amalert.Alert, error) {
	known := map[promodel.Fingerprint]bool{}
	for _, a := range saved {
		known[a.Fingerprint()] = true
	}
	for _, t := range m.unsaved {
		var as []*amalert.Alert
		if err := json.Unmarshal(t.Alerts, &as); err != nil {
			return nil, fmt.Errorf("what receiver %q was told: %w", t.Receiver, err)
		}
		for _, a := range as {
			if fp := a.Fingerprint(); !known[fp] {
				known[fp] = true
				saved = append(saved, a)
			}
		}
	}
	return saved, nil
}

func readAlerts(r io.Reader) (savedAlerts, error) {
	var s savedAlerts
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return savedAlerts{}, err
	}
	if s.Version != 1 {
		return savedAlerts{}, fmt.Errorf("version %d is not known", s.Version)
	}
	for _, a := range s.Alerts {
		if err := a.Validate(); err != nil {
			return savedAlerts{}, err
		}
	}
	return s, nil
}
