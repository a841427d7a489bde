// Package ui serves Oriel's page: the built front end, embedded in the binary,
// with a content security policy that lets it reach nothing but this server.
//
// The front end's source is in web/; its build writes to ui/dist/app, which is
// not kept in git. A binary built without it serves a page that says so.
package ui

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
)

//go:embed all:dist
var dist embed.FS

//go:embed placeholder.html
var placeholder []byte

// Options says how the page is served.
type Options struct {
	// Prefix is the path Oriel is reached under, such as "/oriel"; "" is the
	// root. It only tells the browser where things are: requests come to the
	// handler with the prefix taken off.
	Prefix string
	// Version of the binary, shown on the page.
	Version string
	// Boot is what the page should know before its first request. Optional; it
	// is encoded to JSON once, as "server" beside prefix and version.
	Boot any
	// BootOf is Boot where it differs by who asks. Optional.
	BootOf func(*http.Request) any
	// FrameAncestors lists who may embed the page in a frame, in the words of
	// the CSP directive. Default: 'self'.
	FrameAncestors string
	// Files replaces the embedded build, for tests. Optional.
	Files fs.FS
}

// Built reports whether this binary has the page in it, not just the
// placeholder.
func Built() bool {
	_, err := fs.Stat(dist, "dist/app/index.html")
	return err == nil
}

// reserved are the paths of the APIs: below them an unknown path is an error
// for a program, never the page.
var reserved = []string{
	"/api", "/oriel", "/loki", "/tempo", "/jaeger", "/zipkin", "/elastic", "/prometheus", "/alertmanager",
	"/otlp", "/v1", "/metrics", "/-", "/ready", "/healthz", "/debug", assetDir,
}

type handler struct {
	files    fs.FS
	index    *index
	encoding map[string][]string // by asset path, the precompressed variants that exist
}

// New returns the handler of the page, made to stand behind all API routes. It
// answers GET and HEAD: files of the build by name, and index.html for every
// other path that a browser navigates to outside the APIs' paths.
func New(o Options) (http.Handler, error) {
	files := o.Files
	if files == nil {
		sub, err := fs.Sub(dist, "dist/app")
		if err != nil {
			return nil, fmt.Errorf("open embedded page: %w", err)
		}
		files = sub
	}
	page, err := fs.ReadFile(files, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		page, err = placeholder, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read page: %w", err)
	}
	idx, err := newIndex(page, o)
	if err != nil {
		return nil, err
	}
	h := &handler{files: files, index: idx, encoding: variants(files)}
	return httpx.Handler(h.serve, httpx.PlainError), nil
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return notFound(r)
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if name == "index.html" || name == "" {
		return h.index.serve(w, r)
	}
	if info, err := fs.Stat(h.files, name); err == nil && info.Mode().IsRegular() {
		return h.asset(w, r, name)
	}
	if isReserved("/"+name) || !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return notFound(r)
	}
	return h.index.serve(w, r)
}

func notFound(r *http.Request) error {
	return fmt.Errorf("no such path: %s %s: %w", r.Method, r.URL.Path, fault.ErrNotFound)
}

func isReserved(p string) bool {
	for _, prefix := range reserved {
		if p == prefix || strings.HasPrefix(p, prefix+"/") {
			return true
		}
	}
	return false
}
