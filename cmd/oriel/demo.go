package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/oriel-obs/oriel/internal/demo"
	"github.com/oriel-obs/oriel/internal/lifecycle"
)

//go:embed demo_rules.yml
var demoRules []byte

// demoCmd is serve with a shop that sends to it.
type demoCmd struct {
	serveFlags
	Rate     float64       `help:"Visits a second to the shop, at most 200." default:"5"`
	Incident time.Duration `help:"One incident in each such period; 0 for none." default:"5m"`
	Seed     uint64        `help:"Seed of the shop's randomness." default:"1"`
}

// Run serves until ctx ends, as serve does, with the demo's rules added.
func (c *demoCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	if tls, err := (&app{cfg: cfg}).webTLS(); err != nil {
		return err
	} else if tls != nil {
		return &usageError{errors.New("the demo's shop does not speak TLS: leave web.config_file out of its configuration")}
	}
	if err := os.MkdirAll(c.DataDir, 0o750); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	rules, err := filepath.Abs(filepath.Join(c.DataDir, "demo-rules.yml"))
	if err != nil {
		return err
	}
	if err := os.WriteFile(rules, demoRules, 0o644); err != nil {
		return fmt.Errorf("write the demo's rules: %w", err)
	}
	c.extraRules = []string{rules}
	return c.serve(ctx, cfg, s, func(a *app) lifecycle.Component {
		return lifecycle.Component{Name: "demo", Run: func(ctx context.Context) error {
			return demo.Run(ctx, demo.Config{Endpoint: a.otlpGRPCAddr(), Rate: c.Rate, Incident: c.Incident, Seed: c.Seed}, a.log)
		}}
	})
}
