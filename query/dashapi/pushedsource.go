package dashapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A pushedSource is a data source in Grafana's shape, as its clients send it,
// without its secrets. What a change leaves out is as empty as in Grafana.
type pushedSource struct {
	Type            string         `json:"type"`
	Access          string         `json:"access"` // "proxy" or "direct": both are asked by Oriel
	URL             string         `json:"url"`
	User            string         `json:"user"`
	Database        string         `json:"database"`
	BasicAuth       bool           `json:"basicAuth"`
	BasicAuthUser   string         `json:"basicAuthUser"`
	WithCredentials bool           `json:"withCredentials"`
	JSONData        map[string]any `json:"jsonData"`
}

// sourceBody is what is sent of a data source.
type sourceBody struct {
	pushedSource

	UID       string            `json:"uid"`
	Name      string            `json:"name"`
	IsDefault bool              `json:"isDefault"`
	Version   int               `json:"version"` // the one that a change began with; 0 for whichever is there
	Secrets   map[string]string `json:"secureJsonData"`
}

// kinds are the types of plugins that ask an API which is known here.
var kinds = map[string]string{
	"prometheus": "prometheus", "loki": "loki", "tempo": "tempo", "jaeger": "jaeger", "alertmanager": "alertmanager",
	"victoriametrics-datasource": "prometheus", "victoriametrics-metrics-datasource": "prometheus",
	"grafana-amazonprometheus-datasource": "prometheus", "grafana-azureprometheus-datasource": "prometheus",
}

// config returns how p is asked, with its secrets by Grafana's names of them.
// Its errors wrap fault.ErrInvalid.
func (p pushedSource) config(uid, name string, secrets map[string]string) (c SourceConfig, err error) {
	c = SourceConfig{Name: name, UID: uid, Type: cmp.Or(kinds[p.Type], p.Type), URL: p.URL, HTTP: promconfig.DefaultHTTPClientConfig}
	if at, err := url.Parse(p.URL); err == nil && at.User != nil {
		return c, fmt.Errorf("the url has credentials in it, which everybody would read; say them by basicAuthUser and secureJsonData.basicAuthPassword: %w", fault.ErrInvalid)
	}
	for _, name := range []string{"sigV4Auth", "azureCredentials", "oauthPassThru"} {
		if v, set := p.JSONData[name]; set && v != false && v != nil {
			return c, fmt.Errorf("jsonData.%s is not known here; basicAuth, httpHeaderName1 and TLS are: %w", name, fault.ErrInvalid)
		}
	}
	if p.BasicAuth {
		c.HTTP.BasicAuth = &promconfig.BasicAuth{Username: p.BasicAuthUser, Password: promconfig.Secret(secrets["basicAuthPassword"])}
	}
	if err := p.setHeaders(&c.HTTP, secrets); err != nil {
		return c, err
	}
	c.HTTP.TLSConfig.InsecureSkipVerify = p.has("tlsSkipVerify")
	c.HTTP.TLSConfig.ServerName, _ = p.JSONData["serverName"].(string)
	if p.has("tlsAuthWithCACert") {
		c.HTTP.TLSConfig.CA = secrets["tlsCACert"]
	}
	if p.has("tlsAuth") {
		c.HTTP.TLSConfig.Cert, c.HTTP.TLSConfig.Key = secrets["tlsClientCert"], promconfig.Secret(secrets["tlsClientKey"])
	}
	return c, nil
}

func (p pushedSource) has(option string) bool { return p.JSONData[option] == true }

// setHeaders adds the headers that Grafana keeps as jsonData.httpHeaderName1
// and secureJsonData.httpHeaderValue1, and so on. One of them is how tokens are
// given to it.
func (p pushedSource) setHeaders(c *promconfig.HTTPClientConfig, secrets map[string]string) error {
	headers := map[string]promconfig.Header{}
	for _, option := range slices.Sorted(maps.Keys(p.JSONData)) {
		number, is := strings.CutPrefix(option, "httpHeaderName")
		name, _ := p.JSONData[option].(string)
		value := secrets["httpHeaderValue"+number]
		if !is || name == "" {
			continue
		}
		if name = http.CanonicalHeaderKey(name); name != "Authorization" {
			headers[name] = promconfig.Header{Secrets: append(headers[name].Secrets, promconfig.Secret(value))}
			continue
		}
		sent := http.Request{Header: http.Header{name: {value}}}
		scheme, credentials, ok := strings.Cut(value, " ")
		if user, password, basic := sent.BasicAuth(); basic {
			c.BasicAuth = &promconfig.BasicAuth{Username: user, Password: promconfig.Secret(password)}
		} else if ok {
			c.Authorization = &promconfig.Authorization{Type: scheme, Credentials: promconfig.Secret(credentials)}
		} else {
			return fmt.Errorf("secureJsonData.httpHeaderValue%s is for Authorization: a scheme and credentials, such as Bearer and a token: %w", number, fault.ErrInvalid)
		}
	}
	c.HTTPHeaders = &promconfig.Headers{Headers: headers}
	return nil
}

// withSecrets returns have with those of sent in their place; "" removes one.
func withSecrets(have, sent map[string]string) map[string]string {
	all := maps.Clone(have)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, sent)
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	return all
}

// grafanaSourceItem is a data source in Grafana's shape. Of secrets it has the
// names.
func grafanaSourceItem(s *source) map[string]any {
	p := pushedSource{Type: s.Type, Access: "proxy", URL: s.URL}
	version, names := 1, map[string]bool{}
	if s.pushed != nil {
		_ = json.Unmarshal(s.pushed.JSON, &p) // as it was encoded here
		version = s.pushed.Version
		for name := range s.secrets {
			names[name] = true
		}
	}
	if p.JSONData == nil {
		p.JSONData = map[string]any{}
	}
	return map[string]any{
		"id": s.id, "uid": s.UID, "orgId": 1, "name": s.Name, "type": p.Type, "typeLogoUrl": "", "access": cmp.Or(p.Access, "proxy"), "url": p.URL,
		"user": p.User, "database": p.Database, "basicAuth": p.BasicAuth, "basicAuthUser": p.BasicAuthUser, "withCredentials": p.WithCredentials,
		"isDefault": s.IsDefault, "jsonData": p.JSONData, "secureJsonFields": names, "version": version, "readOnly": s.pushed == nil,
	}
}
