package main

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/grpc"

	"github.com/oriel-obs/oriel/ingest/fluentforward"
	"github.com/oriel-obs/oriel/ingest/syslog"
	"github.com/oriel-obs/oriel/internal/lifecycle"
)

// listeners are the open ports.
type listeners struct {
	main     net.Listener
	otlpGRPC net.Listener            // nil for none
	otlpHTTP net.Listener            // nil for none
	compat   map[string]net.Listener // by product
	syslog   *syslog.Sockets         // maybe none
	fluent   net.Listener            // nil for none
}

// openListeners binds every port before anything else is opened: a port that
// is taken is the commonest mistake, and should not take a replay to find.
func (a *app) openListeners() (err error) {
	defer func() {
		if err != nil {
			a.closeListeners()
		}
	}()
	if a.main, err = listen(a.flags.Listen, "--listen"); err != nil {
		return err
	}
	if a.flags.OTLPGRPCListen != "" {
		if a.otlpGRPC, err = listen(a.flags.OTLPGRPCListen, "--otlp-grpc-listen"); err != nil {
			return err
		}
	}
	if a.flags.OTLPHTTPListen != "" {
		if a.otlpHTTP, err = listen(a.flags.OTLPHTTPListen, "--otlp-http-listen"); err != nil {
			return err
		}
	}
	if a.syslog, err = syslog.Listen(a.syslogConfig()); err != nil {
		return listenError(err, "ingest.syslog or --syslog-listen")
	}
	if addr := a.cfg.Ingest.Fluent.Listen; addr != "" {
		if a.fluent, err = listen(addr, "ingest.fluent.listen"); err != nil {
			return err
		}
	}
	addrs := map[string]string{}
	if a.flags.Compat {
		for name, p := range compatProducts {
			addrs[name] = p.addr
		}
	}
	for name, addr := range a.cfg.CompatListeners {
		addrs[name] = addr
	}
	a.compat = map[string]net.Listener{}
	for name, addr := range addrs {
		if a.compat[name], err = listen(addr, "compat_listeners."+name); err != nil {
			delete(a.compat, name)
			return err
		}
	}
	return nil
}

// syslogConfig is the configuration's, and the flag's two listeners.
func (a *app) syslogConfig() syslog.Config {
	c := a.cfg.Ingest.Syslog
	c.Listeners = slices.Clone(c.Listeners)
	for i, l := range c.Listeners {
		l.CertFile, l.KeyFile, l.ClientCAFile = a.cfg.relative(l.CertFile), a.cfg.relative(l.KeyFile), a.cfg.relative(l.ClientCAFile)
		c.Listeners[i] = l
	}
	if addr := a.flags.SyslogListen; addr != "" {
		c.Listeners = append(c.Listeners, syslog.Listener{Network: "tcp", Address: addr}, syslog.Listener{Network: "udp", Address: addr})
	}
	return c
}

// addrs returns the addresses that are listened on.
func (a *app) addrs() []string {
	var out []string
	for _, l := range a.all() {
		out = append(out, l.Addr().String())
	}
	if a.syslog != nil {
		for _, addr := range a.syslog.Addrs() {
			if !strings.HasPrefix(addr.Network(), "unix") {
				out = append(out, addr.String())
			}
		}
	}
	return out
}

// all returns the open listeners but syslog's.
func (a *app) all() []net.Listener {
	var out []net.Listener
	for _, l := range []net.Listener{a.main, a.otlpGRPC, a.otlpHTTP, a.fluent} {
		if l != nil {
			out = append(out, l)
		}
	}
	for _, l := range a.compat {
		out = append(out, l)
	}
	return out
}

// closeListeners closes what is open; closing twice does no harm.
func (a *app) closeListeners() {
	for _, l := range a.all() {
		_ = l.Close()
	}
	if a.syslog != nil {
		_ = a.syslog.Close()
	}
}

// otlpGRPCAddr is where a program on this machine sends OTLP.
func (a *app) otlpGRPCAddr() string {
	if a.otlpGRPC == nil {
		return ""
	}
	_, port, err := net.SplitHostPort(a.otlpGRPC.Addr().String())
	if err != nil {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// listenerComponents serve every port but the main one.
func (a *app) listenerComponents(router http.Handler) []lifecycle.Component {
	var out []lifecycle.Component
	webConfig := a.cfg.relative(a.cfg.Web.ConfigFile)
	serve := func(name string, l net.Listener, h http.Handler) {
		out = append(out, startHTTP(name, l, h, webConfig, a.log).component())
	}
	if a.otlpHTTP != nil {
		serve("otlp http listener", a.otlpHTTP, a.otlpRouter())
	}
	if a.otlpGRPC != nil {
		srv := grpc.NewServer(a.otlp.GRPCOptions()...)
		a.otlp.RegisterGRPC(srv)
		out = append(out, grpcListener("otlp grpc listener", a.otlpGRPC, srv))
	}
	if len(a.syslog.Addrs()) > 0 {
		srv := syslog.New(a.syslog, a.syslogConfig(), a.records())
		out = append(out, lifecycle.Component{Name: "syslog listeners", Run: srv.Run})
	}
	if a.fluent != nil {
		srv := fluentforward.New(a.fluent, a.cfg.Ingest.Fluent, a.records())
		out = append(out, lifecycle.Component{Name: "fluent listener", Run: srv.Run})
	}
	for name, l := range a.compat {
		serve(fmt.Sprintf("%s listener", name), l, compatProducts[name].handler(router))
	}
	return out
}
