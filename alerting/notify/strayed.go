package notify

import (
	"fmt"
	"net/netip"
	"net/url"
	"reflect"
	"strings"

	amconfig "github.com/prometheus/alertmanager/config"
	promconfig "github.com/prometheus/common/config"
)

// Whoever keeps a secret that they do not know must not have it sent to a server
// of their choice: it goes where it went, or is written anew.

// A sending is of a secret to a host.
type sending struct{ secret, host string }

// strayed are the integrations of a ready draft that would send a kept secret
// where it was not sent before, or anything where nothing may be sent.
func (m *Manager) strayed(r ready, base document, kept []string) (out Problems) {
	held := map[string]bool{}
	for _, s := range kept {
		held[s] = true
	}
	known := map[sending]bool{}
	if base.root != nil {
		if conf, err := (Source{Text: []byte(base.text)}).load(); err == nil {
			eachIntegration(conf, func(_ string, l outgoing) { l.each(func(j sending) { known[j] = true }) })
			outgoingOf(reflect.ValueOf(conf.Global)).each(func(j sending) { known[j] = true })
		}
	}
	lines := map[string]int{}
	r.filled.fields(func(f field) { lines[f.String()] = f.node.Line })
	eachIntegration(r.plan.conf, func(path string, l outgoing) {
		add := func(format string, args ...any) {
			out = append(out, Problem{lines[path], path, fmt.Sprintf(format, args...)})
		}
		for _, host := range l.hosts {
			if addr, err := netip.ParseAddr(hostOnly(host)); err == nil && m.opts.MayReach != nil {
				if err := m.opts.MayReach(addr); err != nil {
					add("%v", err)
				}
			}
		}
		told := map[string]bool{}
		l.each(func(j sending) {
			if held[j.secret] && !known[j] && !told[j.host] {
				told[j.host] = true
				add("a secret that was kept would go to %s, where it did not go before: write it anew", j.host)
			}
		})
	})
	return out
}

func hostOnly(host string) string {
	u := url.URL{Host: host}
	return u.Hostname()
}

// eachIntegration calls f with the integrations of all receivers.
func eachIntegration(conf *amconfig.Config, f func(path string, l outgoing)) {
	for _, r := range conf.Receivers {
		v := reflect.ValueOf(r)
		for i := range v.NumField() {
			key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
			if !strings.HasSuffix(key, "_configs") {
				continue
			}
			for j := range v.Field(i).Len() {
				f(fmt.Sprintf("receivers/%s/%s/%d", r.Name, key, j), outgoingOf(v.Field(i).Index(j)))
			}
		}
	}
}

// An outgoing is what a part of a configuration sends, and where to.
type outgoing struct{ secrets, hosts []string }

func (l outgoing) each(f func(sending)) {
	for _, s := range l.secrets {
		for _, h := range l.hosts {
			f(sending{s, h})
		}
	}
}

func outgoingOf(v reflect.Value) (l outgoing) {
	l.add(v)
	return l
}

func (l *outgoing) add(v reflect.Value) {
	switch {
	case !v.IsValid():
		return
	case secretTypes[v.Type()] || urlTypes[v.Type()]:
		l.addText(textOf(v), secretTypes[v.Type()])
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		l.add(v.Elem())
	case reflect.Struct:
		switch one := v.Interface().(type) {
		case amconfig.HostPort:
			if one.Host != "" {
				l.hosts = append(l.hosts, one.String())
			}
			return
		case promconfig.OAuth2:
			l.addText(one.TokenURL, false)
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				l.add(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			l.add(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			l.add(v.MapIndex(key))
		}
	default:
	}
}

// textOf is a secret or an address as it was written.
func textOf(v reflect.Value) string {
	if v.Kind() == reflect.String {
		return v.String()
	}
	for v.Kind() == reflect.Struct && v.NumField() > 0 { // around a *url.URL
		v = v.Field(0)
	}
	if u, ok := v.Interface().(*url.URL); ok && u != nil {
		return u.String()
	}
	return ""
}

func (l *outgoing) addText(text string, secret bool) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	isURL := err == nil && u.Host != "" && !strings.Contains(u.Host, "{{")
	if isURL {
		l.hosts = append(l.hosts, u.Host)
		_, password := u.User.Password()
		secret = secret || password
	} else if strings.Contains(text, "{{") {
		l.hosts = append(l.hosts, "a host that a template names")
	}
	if secret {
		l.secrets = append(l.secrets, text)
	}
}
