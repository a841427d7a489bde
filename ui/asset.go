package ui

import (
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// assetDir holds the files whose names carry a hash of their content.
const assetDir = "/assets"

// encodings are the precompressed variants the build writes, best first.
var encodings = []struct{ name, ext string }{{"br", ".br"}, {"gzip", ".gz"}}

// mediaTypes does not leave to the host's tables what a strict browser acts on.
var mediaTypes = map[string]string{
	".js":    "text/javascript; charset=utf-8",
	".css":   "text/css; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
	".json":  "application/json",
	".txt":   "text/plain; charset=utf-8",
}

// variants lists, per asset, the encodings it exists in beside plain.
func variants(files fs.FS) map[string][]string {
	found := map[string][]string{}
	_ = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipAll // nothing built: no variants
		}
		for _, e := range encodings {
			if plain, is := strings.CutSuffix(name, e.ext); is {
				found[plain] = append(found[plain], e.name)
			}
		}
		return nil
	})
	return found
}

func (h *handler) asset(w http.ResponseWriter, r *http.Request, name string) error {
	header := w.Header()
	file := name
	if have := h.encoding[name]; len(have) > 0 {
		header.Set("Vary", "Accept-Encoding")
		for _, e := range encodings {
			if slices.Contains(have, e.name) && accepts(r.Header.Get("Accept-Encoding"), e.name) {
				header.Set("Content-Encoding", e.name)
				file = name + e.ext
				break
			}
		}
	}
	body, err := fs.ReadFile(h.files, file)
	if err != nil {
		return fmt.Errorf("read %s of the page: %w", file, err)
	}
	mediaType := mediaTypes[path.Ext(name)]
	if mediaType == "" {
		mediaType = mime.TypeByExtension(path.Ext(name))
	}
	if mediaType == "" {
		mediaType = "application/octet-stream"
	}
	header.Set("Content-Type", mediaType)
	header.Set("X-Content-Type-Options", "nosniff")
	if strings.HasPrefix("/"+name, assetDir+"/") {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		header.Set("Cache-Control", "no-cache")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser left: nobody to tell
	}
	return nil
}

// accepts reports whether an Accept-Encoding header allows coding: named, or
// covered by "*", and not with q=0.
func accepts(header, coding string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		if name != coding && name != "*" {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(params), "q="), 64)
		allowed := err != nil || q > 0
		if name == coding {
			return allowed
		}
		star = allowed
	}
	return star
}
