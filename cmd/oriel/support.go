package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/common/version"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/internal/support"
)

// mountSupport adds the support bundle, for admins.
func (a *app) mountSupport(r chi.Router) {
	r.With(a.localOnly).Method(http.MethodGet, "/oriel/api/v1/support", httpx.Handler(a.serveSupport, httpx.JSONError))
}

// serveSupport answers GET /support with what is needed to look for a fault from
// afar, as a gzipped tar.
func (a *app) serveSupport(w http.ResponseWriter, r *http.Request) error {
	now := time.Now()
	w.Header().Set("Content-Type", "application/gzip")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "oriel-support-" + now.UTC().Format("20060102T150405Z") + ".tar.gz"}))
	return a.supportBundle(now).WriteTo(r.Context(), w)
}

func (a *app) supportBundle(now time.Time) support.Bundle {
	return support.Bundle{Made: now, Secrets: a.secrets(), Parts: []support.Part{
		{Name: "version.txt", About: "what runs", Write: support.Text(func() string { return version.Print("oriel") })},
		{Name: "runtime.json", About: "what it runs on, and the versions of its modules", Write: support.JSON(func(context.Context) any { return support.RuntimeNow() })},
		{Name: "config.yaml", About: "the configuration in force", Write: support.Text(a.reload.text)},
		{Name: "flags.json", About: "the command line", Write: support.JSON(func(context.Context) any { return a.flags.byName() })},
		{Name: "status.json", About: "what each part says of itself", Write: support.JSON(a.supportStatus)},
		{Name: "rules.json", About: "groups of rules, and what is wrong with them", Write: support.JSON(a.supportRules)},
		{Name: "log.jsonl", About: "the newest warnings and errors of this process", Write: a.recent.WriteTo},
		{Name: "metrics.txt", About: "Oriel's own metrics", Write: support.Metrics(a.reg)},
		{Name: "goroutines.txt", About: "where goroutines are", Write: support.Goroutines},
		{Name: "files.txt", About: "sizes of the files in the data folder", Write: support.Files(a.flags.DataDir)},
	}}
}

// supportStatus is what the sections of the status page say, and the last reload.
func (a *app) supportStatus(context.Context) any {
	at, worked := a.reload.status()
	out := map[string]any{"configuration": map[string]any{"read": at.UTC(), "worked": worked}}
	for name, section := range a.statusSections() {
		out[name] = section()
	}
	return out
}

// supportRules says how groups of rules do, without what they ask.
func (a *app) supportRules(context.Context) any {
	type group struct {
		File     string        `json:"file"`
		Name     string        `json:"name"`
		Tenant   string        `json:"tenant,omitempty"`
		Interval time.Duration `json:"intervalNanoseconds"`
		Took     time.Duration `json:"tookNanoseconds"`
		Last     time.Time     `json:"lastEvaluation"`
		Rules    int           `json:"rules"`
		Errors   []string      `json:"errors,omitempty"`
	}
	groups := []group{}
	for _, g := range a.rules.RuleGroups() {
		out := group{
			File: g.File(), Name: g.Name(), Tenant: a.rules.Owner(g), Interval: g.Interval(),
			Took: g.GetEvaluationTime(), Last: g.GetLastEvaluation().UTC(), Rules: len(g.Rules()),
		}
		for _, r := range g.Rules() {
			if err := r.LastError(); err != nil {
				out.Errors = append(out.Errors, r.Name()+": "+err.Error())
			}
		}
		groups = append(groups, out)
	}
	return groups
}

// secrets are those that the process knows: of its configuration and of its data
// folder. What cannot be read is in nothing that it tells.
func (a *app) secrets() []string {
	out := a.cfg.secrets()
	if now := a.reload.inForce.Load(); now != a.cfg {
		out = append(out, now.secrets()...)
	}
	for _, path := range []string{a.keyFile(), filepath.Join(a.flags.DataDir, "alerting", "evidence", "key")} {
		out = append(out, fileSecret(path)...)
	}
	return out
}

// secrets are the values that a configuration keeps from people, in the files
// that belong to it too.
func (c *config) secrets() (out []string) {
	dir := filepath.Dir(c.path)
	for _, ref := range reference.FindAllString(c.text, -1) {
		if strings.HasPrefix(ref, "$$") {
			continue
		}
		if v, _, err := valueOf(ref[2:len(ref)-1], dir); err == nil {
			out = append(out, v)
		}
	}
	texts := []string{}
	if text, err := expand(c.text, dir); err == nil {
		texts = append(texts, text)
	}
	for _, path := range []string{c.PrometheusConfigFile, c.AlertmanagerFile, c.Web.ConfigFile} {
		if path == "" {
			continue
		}
		if text, err := os.ReadFile(c.relative(path)); err == nil {
			texts = append(texts, string(text))
		}
	}
	for _, s := range c.Notify.Sign {
		out = append(out, fileSecret(c.relative(s.SecretFile))...)
	}
	for _, text := range texts {
		var doc yaml.Node
		if yaml.Unmarshal([]byte(text), &doc) == nil {
			out = append(out, c.secretsIn(&doc)...)
		}
	}
	if source, err := c.alertmanagerSource(); err == nil {
		var doc yaml.Node
		if yaml.Unmarshal(source.Text, &doc) == nil {
			out = append(out, addressesIn(&doc)...)
		}
	}
	return out
}

// addressesIn are the paths of the addresses in an Alertmanager configuration:
// for many receivers they are what lets one in.
func addressesIn(n *yaml.Node) (out []string) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && strings.HasSuffix(n.Content[i-1].Value, "url") {
			if u, err := url.Parse(child.Value); err == nil && u.Host != "" {
				out = append(out, strings.Trim(u.RequestURI(), "/"))
			}
		}
		out = append(out, addressesIn(child)...)
	}
	return out
}

// secretsIn are what hideSecrets hides, and what is in files of secrets.
func (c *config) secretsIn(n *yaml.Node) (out []string) {
	if n.Kind == yaml.ScalarNode {
		for _, part := range userInfo.FindAllString(n.Value, -1) {
			_, password, _ := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(part, "@"), "://"), ":")
			out = append(out, password)
		}
		if strings.Contains(n.Value, "PRIVATE KEY-----") {
			out = append(out, n.Value)
		}
	}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			key := n.Content[i-1].Value
			if isSecret(key) {
				out = append(out, valuesIn(child)...)
			}
			if of, file := strings.CutSuffix(strings.ToLower(key), "_file"); file && isSecret(of) && child.Kind == yaml.ScalarNode {
				out = append(out, fileSecret(c.relative(child.Value))...)
			}
		}
		out = append(out, c.secretsIn(child)...)
	}
	return out
}

// valuesIn are all scalars below n, but for keys.
func valuesIn(n *yaml.Node) (out []string) {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || i%2 == 1 {
			out = append(out, valuesIn(child)...)
		}
	}
	return out
}

// fileSecret is what a small file holds; none if it cannot be read.
func fileSecret(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSecret))
	if errors.Join(err, f.Close()) != nil {
		return nil
	}
	return []string{strings.TrimSpace(string(text))}
}

// supportCmd is `oriel support`.
type supportCmd struct {
	serverFlags
	Output string `help:"File to write; one named after the time by default." short:"o" placeholder:"FILE" type:"path"`
}

// Run writes the bundle of a running server to a file that there is not yet, and
// prints its name.
func (c *supportCmd) Run(ctx context.Context, s streams) (err error) {
	bundle, err := c.get(ctx, "/oriel/api/v1/support", nil)
	if err != nil {
		return err
	}
	path := c.Output
	if path == "" {
		path = "oriel-support-" + time.Now().UTC().Format("20060102T150405Z") + ".tar.gz"
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return &usageError{fmt.Errorf("write the bundle: %w", err)}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(bundle); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	_, err = fmt.Fprintln(s.out, path)
	return err
}
