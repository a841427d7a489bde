package dashapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/go-chi/chi/v5"
	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/internal/httpx"
	"github.com/oriel-obs/oriel/storage/state"
)

// A SourceConfig is one entry of `datasources`: a server elsewhere that panels
// may ask. Oriel asks it for the browser, so that its credentials stay here.
type SourceConfig struct {
	Name string `yaml:"name"` // what people choose
	UID  string `yaml:"uid"`  // what dashboards call it; the name if empty
	Type string `yaml:"type"` // prometheus, loki, tempo, jaeger or alertmanager
	URL  string `yaml:"url"`  // what comes before /api/v1/query and the like

	HTTP promconfig.HTTPClientConfig `yaml:",inline"` // Prometheus' http_config
}

// A source is where panels may ask.
type source struct {
	UID       string `json:"uid"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	URL       string `json:"url"` // for the page: relative to its base
	IsDefault bool   `json:"isDefault"`
	Local     bool   `json:"local"`
	Editable  bool   `json:"editable"` // was pushed

	id    int64
	proxy http.Handler // nil for Oriel itself

	pushed  *state.DataSource // nil for Oriel itself and those of the configuration
	secrets map[string]string // of one that was pushed
	fault   error             // why one that was pushed cannot be asked
}

// firstPushed is the id of the first data source that was pushed, less one:
// those of the configuration count from 1.
const firstPushed = 1 << 20

// Sources are Oriel's own APIs, the servers that the configuration names, and
// those that were pushed. They may be used from any goroutine.
type Sources struct {
	fixed []*source // of the first two kinds
	all   atomic.Pointer[[]*source]
	log   *slog.Logger
	http  []promconfig.HTTPClientOption
	read  sync.Mutex // held by Read
}

// ownSources are where each kind of query is answered here.
func ownSources() []*source {
	return []*source{
		{UID: "prometheus", Name: "Prometheus", Type: "prometheus", URL: "", IsDefault: true, Local: true},
		{UID: "loki", Name: "Loki", Type: "loki", URL: "", Local: true},
		{UID: "tempo", Name: "Tempo", Type: "tempo", URL: "/tempo", Local: true},
		{UID: "jaeger", Name: "Jaeger", Type: "jaeger", URL: "/jaeger", Local: true},
		{UID: "alertmanager", Name: "Alertmanager", Type: "alertmanager", URL: "/alertmanager", Local: true},
	}
}

// NewSources makes ready to ask the servers, with clients as o says; it asks
// none. Faults are one line and wrap fault.ErrInvalid.
func NewSources(configs []SourceConfig, log *slog.Logger, o ...promconfig.HTTPClientOption) (*Sources, error) {
	s := &Sources{fixed: ownSources(), log: log, http: o}
	s.all.Store(&s.fixed)
	for i, c := range configs {
		src, err := newSource(c, log, o...)
		if err != nil {
			return nil, fmt.Errorf("datasources[%d]: %w: %w", i, err, fault.ErrInvalid)
		}
		if other, taken := s.get(src.UID); taken {
			return nil, fmt.Errorf("datasources[%d]: uid %q is that of %s already: %w", i, src.UID, other.Name, fault.ErrInvalid)
		}
		s.fixed = append(s.fixed, src)
		s.all.Store(&s.fixed)
	}
	for i, src := range s.fixed {
		src.id = int64(i + 1)
	}
	return s, nil
}

func proxyPath(uid string) string {
	return "/oriel/api/v1/datasources/" + url.PathEscape(uid) + "/proxy"
}

func newSource(c SourceConfig, log *slog.Logger, o ...promconfig.HTTPClientOption) (*source, error) {
	if c.Name == "" {
		return nil, fmt.Errorf("a data source needs a name")
	}
	if c.UID == "" {
		c.UID = c.Name
	}
	if strings.ContainsAny(c.UID, "/?#%") {
		return nil, fmt.Errorf("uid %q has a character that an address cannot have", c.UID)
	}
	if _, known := reads[c.Type]; !known {
		return nil, fmt.Errorf("type %q: prometheus, loki, tempo, jaeger and alertmanager are known", c.Type)
	}
	target, err := url.Parse(c.URL)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return nil, fmt.Errorf("url %q is no http or https address", c.URL)
	}
	if err := c.HTTP.Validate(); err != nil {
		return nil, err
	}
	transport, err := promconfig.NewRoundTripperFromConfig(c.HTTP, "datasource", o...)
	if err != nil {
		return nil, err
	}
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = "" // as the address says
			for _, name := range []string{"Cookie", "Authorization", "Origin", "Referer", "X-Scope-Orgid"} {
				r.Out.Header.Del(name) // those are for Oriel
			}
		},
		ModifyResponse: func(r *http.Response) error {
			for _, name := range []string{"Set-Cookie", "Clear-Site-Data", "Strict-Transport-Security", "Refresh", "Link"} {
				r.Header.Del(name) // the answer is not for Oriel's page to obey
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			log.Debug("data source not reached", "source", c.Name, "err", err)
			httpx.JSONError(w, r, http.StatusBadGateway, fmt.Errorf("data source %q did not answer: %w", c.Name, err))
		},
	}
	return &source{UID: c.UID, Name: c.Name, Type: c.Type, URL: proxyPath(c.UID), proxy: proxy}, nil
}

// reads are the paths that panels need of each type, which is all that is
// passed on: what changes or administers a server is not.
var reads = map[string][]string{
	"prometheus": {
		"/api/v1/query", "/api/v1/query_range", "/api/v1/query_exemplars", "/api/v1/series", "/api/v1/labels", "/api/v1/label/*/values", "/api/v1/metadata",
		"/api/v1/rules", "/api/v1/alerts", "/api/v1/targets", "/api/v1/status/buildinfo", "/api/v1/format_query", "/api/v1/parse_query",
	},
	"loki": {
		"/loki/api/v1/query", "/loki/api/v1/query_range", "/loki/api/v1/labels", "/loki/api/v1/label/*/values", "/loki/api/v1/series", "/loki/api/v1/index/stats",
		"/loki/api/v1/index/volume", "/loki/api/v1/index/volume_range", "/loki/api/v1/patterns", "/loki/api/v1/detected_fields", "/loki/api/v1/detected_labels",
		"/loki/api/v1/detected_field/*/values", "/loki/api/v1/status/buildinfo",
	},
	"tempo": {
		"/api/search", "/api/search/tags", "/api/search/tag/*/values", "/api/v2/search/tags", "/api/v2/search/tag/*/values", "/api/traces/*", "/api/v2/traces/*",
		"/api/metrics/query", "/api/metrics/query_range", "/api/status/buildinfo", "/api/echo",
	},
	"jaeger":       {"/api/services", "/api/services/*/operations", "/api/operations", "/api/traces", "/api/traces/*", "/api/dependencies"},
	"alertmanager": {"/api/v2/alerts", "/api/v2/alerts/groups", "/api/v2/silences", "/api/v2/status", "/api/v2/receivers"},
}

func (s *Sources) get(uid string) (*source, bool) {
	return find(*s.all.Load(), func(src *source) bool { return src.UID == uid })
}

func find(all []*source, is func(*source) bool) (*source, bool) {
	i := slices.IndexFunc(all, is)
	if i < 0 {
		return nil, false
	}
	return all[i], true
}

// ServeHTTP passes a query on.
func (s *Sources) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	httpx.Handler(func(w http.ResponseWriter, r *http.Request) error {
		uid := chi.URLParam(r, "uid")
		src, ok := s.get(uid)
		if !ok || src.Local || !asDefault(r.Context()) {
			return fmt.Errorf("data source %.40q: %w", uid, fault.ErrNotFound)
		}
		if src.fault != nil {
			return src.fault
		}
		at := "/" + chi.URLParam(r, "*")
		if !slices.ContainsFunc(reads[src.Type], func(pattern string) bool {
			ok, _ := path.Match(pattern, at)
			return ok
		}) {
			return fmt.Errorf("%s is no query of a %s; those alone are passed on: %w", at, src.Type, fault.ErrForbidden)
		}
		if r.Method != http.MethodGet && (r.Method != http.MethodPost || src.Type == "alertmanager") {
			return fmt.Errorf("%s is not passed on: %w", r.Method, fault.ErrForbidden)
		}
		r.URL.Path, r.URL.RawPath = at, ""
		if r.PostForm != nil {
			// Somebody on the way here has read the form to know the query.
			form := r.PostForm.Encode()
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		src.proxy.ServeHTTP(w, r)
		return nil
	}, httpx.JSONError).ServeHTTP(w, r)
}

// seen returns those that the one who asks may ask: other servers are the
// operator's, and so the default tenant's.
func (s *Sources) seen(ctx context.Context) []*source {
	if asDefault(ctx) {
		return *s.all.Load()
	}
	return slices.DeleteFunc(slices.Clone(s.fixed), func(src *source) bool { return !src.Local })
}

func (h *Handler) listSources(w http.ResponseWriter, r *http.Request) error {
	return writeJSON(w, h.opts.Sources.seen(r.Context()))
}
