package ui

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// marker is where the build's index.html takes what the server knows.
const marker = "<!-- oriel:head -->"

// index is index.html, ready but for the nonce of each response.
type index struct {
	before, after []byte // around the marker
	prefix        string // without a slash at its end
	version       string
	server        json.RawMessage // Options.Boot; empty if there is none
	serverOf      func(*http.Request) any
	frames        string
}

// boot is the JSON the page reads before anything else.
type boot struct {
	Prefix  string          `json:"prefix"`
	Version string          `json:"version"`
	Nonce   string          `json:"nonce"`
	Server  json.RawMessage `json:"server,omitempty"`
}

func newIndex(page []byte, o Options) (*index, error) {
	before, after, found := bytes.Cut(page, []byte(marker))
	if !found {
		return nil, fmt.Errorf("index.html of the page lacks %q", marker)
	}
	idx := &index{
		before: before, after: after,
		prefix: strings.TrimRight(o.Prefix, "/"), version: o.Version,
		serverOf: o.BootOf, frames: o.FrameAncestors,
	}
	if idx.frames == "" {
		idx.frames = "'self'"
	}
	if o.Boot != nil {
		server, err := json.Marshal(o.Boot)
		if err != nil {
			return nil, fmt.Errorf("encode boot data of the page: %w", err)
		}
		idx.server = server
	}
	return idx, nil
}

func (x *index) serve(w http.ResponseWriter, r *http.Request) error {
	nonce := rand.Text()
	server := x.server
	if x.serverOf != nil {
		var err error
		if server, err = json.Marshal(x.serverOf(r)); err != nil {
			return fmt.Errorf("encode boot data of the page: %w", err)
		}
	}
	// Marshal escapes <, > and &, so nothing in the JSON can end the element.
	data, err := json.Marshal(boot{Prefix: x.prefix, Version: x.version, Nonce: nonce, Server: server})
	if err != nil {
		return fmt.Errorf("encode boot data of the page: %w", err)
	}
	var page bytes.Buffer
	page.Write(x.before)
	fmt.Fprintf(&page, `<base href="%s/">`, html.EscapeString(x.prefix))
	fmt.Fprintf(&page, `<script type="application/json" id="boot">%s</script>`, data)
	page.Write(x.after)

	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", policy(nonce, x.frames))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	if r.Method != http.MethodHead {
		_, _ = w.Write(page.Bytes()) // the browser left: nobody to tell
	}
	return nil
}

// policy is the content security policy of the page. Style attributes are
// allowed because charts and virtual lists place their parts with them; style
// elements need the nonce.
func policy(nonce, frames string) string {
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self'",
		"style-src 'self' 'nonce-" + nonce + "'",
		"style-src-attr 'unsafe-inline'",
		"img-src 'self' data: blob:",
		"connect-src 'self'",
		"worker-src 'self'",
		"object-src 'none'",
		"form-action 'self'",
		"frame-ancestors " + frames,
		"base-uri 'self'",
	}, "; ")
}
