package scope

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/oriel-obs/oriel/internal/auth"
)

// Alert reports whether the identity in ctx sees an alert with some labels: as
// auth.Reach has it. Alerts have the labels of what they were made of, unless
// their rule has aggregated them away: then only those see them who see
// everything.
func Alert(ctx context.Context, ls map[string]string) bool {
	return auth.From(ctx).Reach(auth.AlertsRead).Has(ls)
}

// alertPaths are the ends of paths that answer with alerts, in JSON.
var alertPaths = []string{"/alerts", "/alerts/groups", "/rules", "/alerts/history", "/alerts/acknowledgements"}

// Alerts keeps answers free of alerts that the one who asks does not see,
// whichever API lists them. Of rules it keeps what they ask, and not who fires.
func Alerts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lists := slices.ContainsFunc(alertPaths, func(end string) bool { return strings.HasSuffix(r.URL.Path, end) })
		if !lists || auth.From(r.Context()).Reach(auth.AlertsRead).All() || r.Method != http.MethodGet && r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		asked := r.Clone(r.Context())
		asked.Header.Del("Accept-Encoding")
		inner := &held{header: w.Header(), status: http.StatusOK}
		next.ServeHTTP(inner, asked)
		body := inner.body.Bytes()
		if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			body = seenAlerts(r.Context(), body)
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(inner.status)
		_, _ = w.Write(body) // fails only if the client has left
	})
}

// seenAlerts returns a JSON document without the alerts that are not seen.
func seenAlerts(ctx context.Context, body []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var doc any
	if dec.Decode(&doc) != nil {
		return nil // it is not known what it tells
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(prune(ctx, doc)) != nil {
		return nil
	}
	return out.Bytes()
}

// prune returns v without alerts that are not seen, without groups that have
// none left, and with the state of rules as the alerts that are left have it. The
// tenant's label is taken out of whatever has it, for those who are not shown it.
func prune(ctx context.Context, v any) any {
	switch v := v.(type) {
	case map[string]any:
		if hidesTenant(ctx) {
			delete(v, auth.TenantLabel)
		}
		for key, member := range v {
			v[key] = prune(ctx, member)
		}
		if alerts, ok := v["alerts"].([]any); ok && v["type"] == "alerting" {
			v["state"] = stateOf(alerts)
		}
	case []any:
		return slices.DeleteFunc(v, func(e any) bool {
			one, ok := e.(map[string]any)
			if !ok {
				return false
			}
			if isAlert(one) {
				seen := Alert(ctx, textsOf(one["labels"]))
				prune(ctx, one)
				return !seen
			}
			prune(ctx, one)
			alerts, ok := one["alerts"].([]any)
			return ok && len(alerts) == 0 && one["receiver"] != nil // a group of Alertmanager's
		})
	}
	return v
}

// isAlert tells an alert of any API from a rule and from a group.
func isAlert(v map[string]any) bool {
	if _, ok := v["labels"].(map[string]any); !ok {
		return false
	}
	for _, key := range []string{"activeAt", "startsAt", "fingerprint"} {
		if v[key] != nil {
			return true
		}
	}
	return false
}

func textsOf(labels any) map[string]string {
	out := map[string]string{}
	all, _ := labels.(map[string]any)
	for k, v := range all {
		out[k], _ = v.(string)
	}
	return out
}

// stateOf is that of a rule with some alerts.
func stateOf(alerts []any) string {
	state := "inactive"
	for _, e := range alerts {
		if a, ok := e.(map[string]any); ok && (a["state"] == "firing" || a["state"] == "pending" && state != "firing") {
			state, _ = a["state"].(string)
		}
	}
	return state
}

// A held answer waits to be changed.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *held) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *held) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *held) Write(b []byte) (int, error) { return a.body.Write(b) }
