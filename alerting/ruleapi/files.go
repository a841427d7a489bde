package ruleapi

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/vfs"
)

// maxNamespaceBytes leaves room in a file's name.
const maxNamespaceBytes = 200

const suffix = ".yml"

// files are the namespaces of one folder.
type files struct {
	dir    string
	parser parser.Parser
	reload func() error
	mu     *sync.Mutex // held while a file is replaced
}

// A document is a rule file.
type document struct {
	Groups []alerting.RuleGroup `yaml:"groups"`
}

// path escapes what may not be in a file's name.
func (f *files) path(namespace string) (string, error) {
	name := url.PathEscape(namespace)
	if name == "" || len(name) > maxNamespaceBytes {
		return "", fmt.Errorf("a namespace has 1 to %d bytes: %w", maxNamespaceBytes, fault.ErrInvalid)
	}
	return filepath.Join(f.dir, name+suffix), nil
}

// namespaces returns the groups of all namespaces.
func (f *files) namespaces() (map[string][]alerting.RuleGroup, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	out := map[string][]alerting.RuleGroup{}
	for _, e := range entries {
		escaped, ok := strings.CutSuffix(e.Name(), suffix)
		namespace, err := url.PathUnescape(escaped)
		if !ok || err != nil {
			continue // not ours
		}
		groups, err := f.groups(namespace)
		if err != nil {
			return nil, err
		}
		if len(groups) > 0 {
			out[namespace] = groups
		}
	}
	return out, nil
}

// groups returns those of a namespace; none if there is no such namespace.
func (f *files) groups(namespace string) ([]alerting.RuleGroup, error) {
	path, err := f.path(namespace)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path) //nolint:gosec // path escapes what strangers name
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var doc document
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return doc.Groups, nil
}

// change replaces the groups of a namespace by what to makes of them, and puts
// them in force. It returns what that did to rules. After an error everything is
// as before.
func (f *files) change(namespace string, to func([]alerting.RuleGroup) ([]alerting.RuleGroup, error)) ([]Change, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path, err := f.path(namespace)
	if err != nil {
		return nil, err
	}
	old, err := f.groups(namespace)
	if err != nil {
		return nil, err
	}
	groups, err := to(slices.Clone(old))
	if err != nil {
		return nil, err
	}
	text, err := f.text(groups)
	if err != nil {
		return nil, err
	}
	before, err := os.ReadFile(path) //nolint:gosec // as above
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := replace(path, text); err != nil {
		return nil, fmt.Errorf("write rules: %w", err)
	}
	if err := f.reload(); err != nil {
		return nil, errors.Join(fmt.Errorf("rules not changed: %w", err), replace(path, before))
	}
	return differences(namespace, old, groups), nil
}

// text renders groups that are found good; none are no text.
func (f *files) text(groups []alerting.RuleGroup) ([]byte, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(document{groups}); err != nil {
		return nil, fmt.Errorf("render rules: %w", err)
	}
	if _, errs := alerting.ParseRules(b.Bytes(), f.parser); len(errs) > 0 {
		for i, err := range errs {
			errs[i] = faultOf(err)
		}
		return nil, errors.Join(errs...)
	}
	return b.Bytes(), nil
}

// faultOf leaves out the place, which is none of what the client sent.
func faultOf(err error) error {
	text := err.Error()
	if i := strings.Index(text, ": "); i >= 0 && strings.Trim(text[:i], ":0123456789") == "" {
		text = text[i+2:]
	}
	return fmt.Errorf("%s: %w", text, fault.ErrInvalid)
}

// replace writes a file so that there is always a whole one; no text is no
// file.
func replace(path string, text []byte) error {
	if len(text) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { //nolint:gosec // as above
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // as above
		return err
	}
	return vfs.Replace(path, text, 0o644)
}
