package ruleapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

// maxBodyBytes is the longest group that is read.
const maxBodyBytes = 4 << 20

// Options are what a Handler needs.
type Options struct {
	// Dir returns the folder of a tenant's files, which is made when it is needed;
	// "" is the default one, and everybody while tenants are off.
	Dir      func(tenant string) string
	Editable bool          // else rules can only be read
	Parser   parser.Parser // nil is PromQL without its experimental parts
	Reload   func() error  // puts the files of Globs in force; required
	Log      *slog.Logger  // nil for none
}

// Globs match the files that a Handler of dir writes, for alerting.Settings.
func Globs(dir string) []string { return []string{filepath.Join(dir, "*", "*"+suffix)} }

// Handler serves the rulers' paths.
type Handler struct {
	loki  *tree
	mimir *tree
	log   *slog.Logger

	noting sync.Mutex // held while a change is noted
}

// A tree is the rules below one path.
type tree struct {
	opts       Options
	folder     string          // within that of the tenant
	signal     alerting.Signal // of every group, or "" if groups say so themselves
	refuseNone bool            // 404 for a list of nothing, as Loki has it
	note       func(dir string, changes []Change)

	mu sync.Mutex
}

// New returns a Handler.
func New(o Options) *Handler {
	h := &Handler{log: slog.New(slog.DiscardHandler)}
	if o.Log != nil {
		h.log = o.Log.With("component", "rules")
	}
	at := func(folder string, s alerting.Signal) *tree {
		return &tree{opts: o, folder: folder, signal: s, refuseNone: s == alerting.Logs, note: h.note}
	}
	h.loki, h.mimir = at("logs", alerting.Logs), at("metrics", "")
	return h
}

// Mount adds the routes to r.
func (h *Handler) Mount(r chi.Router) {
	for path, t := range map[string]*tree{
		"/loki/api/v1/rules": h.loki, "/api/prom/rules": h.loki, "/prometheus/config/v1/rules": h.mimir,
	} {
		route := func(method, path string, f func(http.ResponseWriter, *http.Request) error) {
			r.Method(method, path, httpx.Handler(f, httpx.PlainError))
		}
		route(http.MethodGet, path, t.list)
		route(http.MethodGet, path+"/{namespace}", t.namespace)
		route(http.MethodGet, path+"/{namespace}/{group}", t.group)
		route(http.MethodPost, path+"/{namespace}", t.set)
		route(http.MethodDelete, path+"/{namespace}", t.deleteNamespace)
		route(http.MethodDelete, path+"/{namespace}/{group}", t.deleteGroup)
	}
	r.Method(http.MethodGet, "/oriel/api/v1/rules/changes", httpx.Handler(h.changes, httpx.JSONError))
}

// folderOf returns the folder of the tenant that a request is about: one, for
// two may have namespaces of one name.
func (t *tree) folderOf(r *http.Request) (string, error) {
	id := auth.From(r.Context())
	if id != nil && len(id.Tenants) > 1 {
		return "", fmt.Errorf("rules are a tenant's: name one: %w", fault.ErrInvalid)
	}
	return t.opts.Dir(id.Tenant()), nil
}

// of returns the files of that tenant.
func (t *tree) of(r *http.Request) (*files, error) {
	dir, err := t.folderOf(r)
	if err != nil {
		return nil, err
	}
	return &files{dir: filepath.Join(dir, t.folder), parser: t.opts.Parser, reload: t.opts.Reload, mu: &t.mu}, nil
}

var (
	errNone    = fmt.Errorf("no rule groups found: %w", fault.ErrNotFound)
	errNoGroup = fmt.Errorf("group does not exist: %w", fault.ErrNotFound)
)

func (t *tree) list(w http.ResponseWriter, r *http.Request) error {
	own, err := t.of(r)
	if err != nil {
		return err
	}
	all, err := own.namespaces()
	if err != nil {
		return err
	}
	if len(all) == 0 && t.refuseNone {
		return errNone
	}
	for _, groups := range all {
		t.asSent(groups)
	}
	return writeYAML(w, all)
}

func (t *tree) namespace(w http.ResponseWriter, r *http.Request) error {
	name, err := param(r, "namespace")
	if err != nil {
		return err
	}
	own, err := t.of(r)
	if err != nil {
		return err
	}
	groups, err := own.groups(name)
	if err != nil {
		return err
	}
	if len(groups) == 0 {
		return errNone
	}
	return writeYAML(w, map[string][]alerting.RuleGroup{name: t.asSent(groups)})
}

func (t *tree) group(w http.ResponseWriter, r *http.Request) error {
	namespace, err := param(r, "namespace")
	if err != nil {
		return err
	}
	name, err := param(r, "group")
	if err != nil {
		return err
	}
	own, err := t.of(r)
	if err != nil {
		return err
	}
	groups, err := own.groups(namespace)
	if err != nil {
		return err
	}
	i := indexOf(groups, name)
	if i < 0 {
		return errNoGroup
	}
	return writeYAML(w, t.asSent(groups)[i])
}

func (t *tree) set(w http.ResponseWriter, r *http.Request) error {
	body, err := httpx.ReadBody(r, maxBodyBytes)
	if err != nil {
		return err
	}
	var g alerting.RuleGroup
	dec := yaml.NewDecoder(bytes.NewReader(body))
	dec.KnownFields(true)
	if err := dec.Decode(&g); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the group: %w: %w", err, fault.ErrInvalid)
	}
	if t.signal != "" {
		if g.Signal != "" && g.Signal != t.signal {
			return fmt.Errorf("rules here are over %s, and the group has signal: %s: %w", t.signal, g.Signal, fault.ErrInvalid)
		}
		g.Signal = t.signal
	}
	return t.answer(w, r, func(groups []alerting.RuleGroup) ([]alerting.RuleGroup, error) {
		if i := indexOf(groups, g.Name); i >= 0 {
			groups[i] = g
			return groups, nil
		}
		return append(groups, g), nil
	})
}

func (t *tree) deleteNamespace(w http.ResponseWriter, r *http.Request) error {
	return t.answer(w, r, func(groups []alerting.RuleGroup) ([]alerting.RuleGroup, error) {
		if len(groups) == 0 {
			return nil, errNone
		}
		return nil, nil
	})
}

func (t *tree) deleteGroup(w http.ResponseWriter, r *http.Request) error {
	name, err := param(r, "group")
	if err != nil {
		return err
	}
	return t.answer(w, r, func(groups []alerting.RuleGroup) ([]alerting.RuleGroup, error) {
		i := indexOf(groups, name)
		if i < 0 {
			return nil, errNoGroup
		}
		return slices.Delete(groups, i, i+1), nil
	})
}

// answer changes a namespace and says so.
func (t *tree) answer(w http.ResponseWriter, r *http.Request, to func([]alerting.RuleGroup) ([]alerting.RuleGroup, error)) error {
	if !t.opts.Editable {
		return fmt.Errorf("rules are changed here only with web: {admin_api: true}: %w", fault.ErrForbidden)
	}
	namespace, err := param(r, "namespace")
	if err != nil {
		return err
	}
	own, err := t.of(r)
	if err != nil {
		return err
	}
	changes, err := own.change(namespace, to)
	if err != nil {
		return err
	}
	now, author := time.Now().UTC(), ""
	if id := auth.From(r.Context()); id != nil {
		author = id.Name
	}
	for i := range changes {
		changes[i].Time, changes[i].Author = now, author
	}
	t.note(filepath.Dir(own.dir), changes)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, err = io.WriteString(w, `{"status":"success","data":null,"errorType":"","error":""}`)
	return err
}

// asSent leaves out the signal that goes without saying.
func (t *tree) asSent(groups []alerting.RuleGroup) []alerting.RuleGroup {
	for i := range groups {
		if groups[i].Signal == t.signal {
			groups[i].Signal = ""
		}
	}
	return groups
}

func indexOf(groups []alerting.RuleGroup, name string) int {
	return slices.IndexFunc(groups, func(g alerting.RuleGroup) bool { return g.Name == name })
}

// param returns a part of the path. Where one was escaped, so are all.
func param(r *http.Request, name string) (string, error) {
	text := chi.URLParam(r, name)
	if r.URL.RawPath == "" {
		return text, nil
	}
	plain, err := url.PathUnescape(text)
	if err != nil {
		return "", fmt.Errorf("%s: %w: %w", name, err, fault.ErrInvalid)
	}
	return plain, nil
}

func writeYAML(w http.ResponseWriter, v any) error {
	text, err := yaml.Marshal(v)
	if err != nil {
		return fmt.Errorf("render rules: %w", err)
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, err = w.Write(text)
	return err
}
