package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	prommodel "github.com/prometheus/common/model"

	"github.com/oriel-obs/oriel/ingest/audit"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/storage/event"
	"github.com/oriel-obs/oriel/storage/state"
)

// auditConfig is the `audit` section of oriel.yaml.
type auditConfig struct {
	Enabled   *bool              `yaml:"enabled"`   // if not set, while authentication is on
	Queries   bool               `yaml:"queries"`   // whether queries are recorded too, with their texts
	Retention prommodel.Duration `yaml:"retention"` // of records; 0 keeps all
}

func defaultAuditConfig() auditConfig {
	return auditConfig{Retention: prommodel.Duration(400 * 24 * time.Hour)}
}

// audits reports whether what people do is recorded.
func (c *config) audits() bool {
	if c.Audit.Enabled != nil {
		return *c.Audit.Enabled
	}
	return c.Auth.Enabled
}

// keepAudit gives audit records their own retention in the event store.
func (c *config) keepAudit() {
	if c.audits() {
		own := event.StreamRetention{Selector: audit.Selector, Period: c.Audit.Retention}
		c.Storage.Event.Streams = append([]event.StreamRetention{own}, c.Storage.Event.Streams...)
	}
}

// newAudit returns where what people do is recorded; nil if it is not. Its
// records go to the event store.
func (a *app) newAudit() *audit.Log {
	if !a.cfg.audits() {
		return nil
	}
	return audit.New(audit.Options{State: a.state, Events: a.tap, Source: a.events, Registerer: a.reg, Log: a.log.With("component", "audit")})
}

// recorder returns the audit log, or one that keeps nothing.
func (a *app) recorder() auth.Recorder {
	if a.audit == nil {
		return auth.Unrecorded{}
	}
	return a.audit
}

// recorded is the middleware that records requests which change something.
func (a *app) recorded(next http.Handler) http.Handler {
	if a.audit == nil {
		return next
	}
	return audit.Requests{Recorder: a.audit, Permissions: a.needs, Client: a.guard.Client, Queries: a.cfg.Audit.Queries}.Handler(next)
}

// auditHandler answers whether the audit log is as it was written.
func (a *app) auditHandler() audit.Handler {
	return audit.Handler{Check: audit.Check{State: a.state, Source: a.events, Retention: time.Duration(a.cfg.Audit.Retention)}}
}

// recordOffline keeps what a command does to the state database while no server
// has to run. The records reach the event store with the next server.
func recordOffline(db *state.DB) auth.Recorder {
	return audit.New(audit.Options{State: db, Registerer: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)})
}

// auditCmd is `oriel audit`.
type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that no record of the audit log was changed or taken away."`
}

type auditVerifyCmd struct {
	serverFlags
	Offline bool     `help:"Read the data folder of a server that does not run, instead of asking one that does."`
	Config  string   `help:"Offline: its configuration file." placeholder:"FILE" type:"path"`
	DataDir string   `help:"Offline: its data folder." default:"data" type:"path"`
	Head    []string `help:"An end of the log that an earlier run printed, which must still be part of it." placeholder:"NUMBER:HASH"`
}

// Run prints what it found; a broken log is a failure.
func (c *auditVerifyCmd) Run(ctx context.Context, s streams) error {
	for _, text := range c.Head {
		if _, err := audit.ParseHead(text); err != nil {
			return &usageError{fmt.Errorf("--head: %w", err)}
		}
	}
	ask := c.ask
	if c.Offline {
		ask = c.read
	}
	found, err := ask(ctx)
	if err != nil {
		return err
	}
	if !found.Intact {
		return errors.New("the audit log is broken: " + found.Problem)
	}
	fmt.Fprintf(s.out, "the audit log is intact: %d records from number %d on\n", found.Records, found.First)
	if found.Head != "" {
		fmt.Fprintf(s.out, "its end, to be noted elsewhere and given to --head later: %s\n", found.Head)
	}
	return nil
}

func (c *auditVerifyCmd) ask(ctx context.Context) (found audit.Finding, err error) {
	body, err := c.get(ctx, "/oriel/api/v1/audit/verify", url.Values{"head": c.Head})
	if err != nil {
		return found, err
	}
	if err := json.Unmarshal(body, &found); err != nil {
		return found, fmt.Errorf("decode answer: %w", err)
	}
	return found, nil
}

func (c *auditVerifyCmd) read(ctx context.Context) (found audit.Finding, err error) {
	cfg, err := loadConfig(configFiles{path: c.Config, dataDir: c.DataDir})
	if err != nil {
		return found, err
	}
	release, err := lockDataDir(c.DataDir)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, release()) }()
	reg := prometheus.NewRegistry()
	a := app{flags: &serveFlags{DataDir: c.DataDir}, cfg: cfg, reg: reg, log: slog.New(slog.DiscardHandler)}
	if a.events, err = event.Open(cfg.Storage.Event, a.log, reg); err != nil {
		return found, fmt.Errorf("open event store: %w", err)
	}
	defer func() { err = errors.Join(err, a.closeStores()) }()
	if a.state, err = state.Open(ctx, a.stateDir()); err != nil {
		return found, fmt.Errorf("open state database: %w", err)
	}
	check := a.auditHandler().Check
	check.Now = time.Now()
	for _, text := range c.Head {
		head, err := audit.ParseHead(text)
		if err != nil {
			return found, err
		}
		check.Noted = append(check.Noted, head)
	}
	return audit.Verify(ctx, check)
}
