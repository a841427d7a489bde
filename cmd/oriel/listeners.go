package main

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"

	"github.com/oriel-obs/oriel/ingest/fluentforward"
	"github.com/oriel-obs/oriel/ingest/syslog"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/internal/servertls"
)

// listeners are the open ports.
type listeners struct {
	main        net.Listener
	serverTLS   *tls.Config             // what web.config_file says; nil for nothing
	otlpGRPC    net.Listener            // nil for none
	otlpHTTP    net.Listener            // nil for none
	compat      map[string]net.Listener // by product
	syslog      *syslog.Sockets         // maybe none
	fluent      net.Listener            // nil for none
	jaegerPorts jaegerListeners
	senderPorts senderPorts
}

// jaegerListeners are the ports of Jaeger's collector and agent besides the
// collector's HTTP port; nil for none.
type jaegerListeners struct {
	grpc            net.Listener
	compact, binary net.PacketConn
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
		if file := a.cfg.Ingest.Fluent.WebConfig; file != "" {
			l, err := servertls.Listener(a.fluent, a.cfg.relative(file))
			if err != nil {
				return &usageError{fmt.Errorf("ingest.fluent.web_config_file: %w", err)}
			}
			a.fluent = l
		}
	}
	if a.serverTLS, err = a.webTLS("h2"); err != nil {
		return err
	}
	if err := a.openJaeger(); err != nil {
		return err
	}
	if err := a.openSenderPorts(); err != nil {
		return err
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

// openJaeger opens the ports of ingest.jaeger, and with --compat Jaeger's own.
func (a *app) openJaeger() (err error) {
	c := a.cfg.Ingest.Jaeger
	if a.flags.Compat {
		c = c.Compat()
	}
	if c.GRPCListen != "" {
		if a.jaegerPorts.grpc, err = listen(c.GRPCListen, "ingest.jaeger.grpc_listen"); err != nil {
			return err
		}
	}
	for _, p := range []struct {
		addr, key string
		conn      *net.PacketConn
	}{
		{c.CompactListen, "ingest.jaeger.compact_listen", &a.jaegerPorts.compact},
		{c.BinaryListen, "ingest.jaeger.binary_listen", &a.jaegerPorts.binary},
	} {
		if p.addr == "" {
			continue
		}
		conn, err := net.ListenPacket("udp", p.addr)
		if err != nil {
			return listenError(err, p.key)
		}
		*p.conn = conn
	}
	return nil
}

// syslogConfig is the configuration's, and the flag's two listeners.
func (a *app) syslogConfig() syslog.Config {
	c := a.cfg.Ingest.Syslog
	c.Listeners = slices.Clone(c.Listeners)
	for i, l := range c.Listeners {
		l.CertFile, l.KeyFile, l.ClientCAFile = a.cfg.relative(l.CertFile), a.cfg.relative(l.KeyFile), a.cfg.relative(l.ClientCAFile)
		l.WebConfig = a.cfg.relative(l.WebConfig)
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
	for _, c := range a.jaegerPorts.packets() {
		out = append(out, c.LocalAddr().String())
	}
	return append(out, a.senderPorts.addrs()...)
}

// packets returns the open ports of Jaeger's agent.
func (l jaegerListeners) packets() []net.PacketConn {
	return slices.DeleteFunc([]net.PacketConn{l.compact, l.binary}, func(c net.PacketConn) bool { return c == nil })
}

// all returns the open listeners but those of packets.
func (a *app) all() []net.Listener {
	var out []net.Listener
	for _, l := range []net.Listener{a.main, a.otlpGRPC, a.otlpHTTP, a.fluent, a.jaegerPorts.grpc} {
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
	for _, c := range a.jaegerPorts.packets() {
		_ = c.Close()
	}
	for _, s := range a.senderPorts.all() {
		_ = s.Close()
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

// What a client of gRPC may take: until its first call, for a call with its
// message, between calls, and for an answer to whether it is there.
const (
	grpcHandshake = 10 * time.Second
	grpcCall      = 5 * time.Minute
	grpcIdle      = 5 * time.Minute
	grpcAsks      = time.Minute // after so long without a word
	grpcAnswers   = 20 * time.Second
)

// maxCalls bounds those of a connection at once, as net/http does.
const maxCalls = 250

// grpcOptions adds to a protocol's own what every port of gRPC has.
func (a *app) grpcOptions(own []grpc.ServerOption) []grpc.ServerOption {
	own = append(own, grpc.InTapHandle(a.letCall), grpc.ConnectionTimeout(grpcHandshake), grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxCalls), grpc.StatsHandler(cameIn{}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: grpcIdle, Time: grpcAsks, Timeout: grpcAnswers}))
	own = append(own, recoverCalls(a.log)...)
	if a.serverTLS != nil {
		own = append(own, grpc.Creds(credentials.NewTLS(a.serverTLS)))
	}
	return own
}

// webTLS is what web.config_file says about TLS, for ports that do not read it
// by themselves; nil for nothing.
func (a *app) webTLS(protocols ...string) (*tls.Config, error) {
	file := a.cfg.relative(a.cfg.Web.ConfigFile)
	if file == "" {
		return nil, nil
	}
	c, err := servertls.Config(file, protocols...)
	if err != nil {
		return nil, &usageError{fmt.Errorf("web.config_file: %w", err)}
	}
	return c, nil
}

func (a *app) otlpServer() *grpc.Server {
	srv := grpc.NewServer(a.grpcOptions(a.otlp.GRPCOptions())...)
	a.otlp.RegisterGRPC(srv)
	return srv
}

func (a *app) jaegerServer() *grpc.Server {
	srv := grpc.NewServer(a.grpcOptions(a.jaeger.GRPCOptions())...)
	a.jaeger.RegisterGRPC(srv)
	return srv
}

// scheme is that of the HTTP ports.
func (a *app) scheme() string {
	if a.serverTLS != nil {
		return "https"
	}
	return "http"
}

// listenerComponents serve every port but the main one.
func (a *app) listenerComponents(router http.Handler) []lifecycle.Component {
	a.limitSenders()
	var out []lifecycle.Component
	webConfig := a.cfg.relative(a.cfg.Web.ConfigFile)
	serve := func(name string, l net.Listener, h http.Handler) {
		out = append(out, startHTTP(name, l, h, webConfig, a.log).component())
	}
	if a.otlpHTTP != nil {
		serve("otlp http listener", a.otlpHTTP, a.otlpRouter())
	}
	if a.otlpGRPC != nil {
		out = append(out, grpcListener("otlp grpc listener", a.otlpGRPC, a.otlpServer()))
	}
	if len(a.syslog.Addrs()) > 0 {
		srv := syslog.New(a.syslog, a.syslogConfig(), a.records())
		out = append(out, lifecycle.Component{Name: "syslog listeners", Run: srv.Run})
	}
	if a.fluent != nil {
		srv := fluentforward.New(a.fluent, a.cfg.Ingest.Fluent, a.records())
		out = append(out, lifecycle.Component{Name: "fluent listener", Run: srv.Run})
	}
	if l := a.jaegerPorts.grpc; l != nil {
		out = append(out, grpcListener("jaeger grpc listener", l, a.jaegerServer()))
	}
	if len(a.jaegerPorts.packets()) > 0 {
		agent := a.jaeger.Agent(a.jaegerPorts.compact, a.jaegerPorts.binary)
		out = append(out, lifecycle.Component{Name: "jaeger agent listeners", Run: agent.Run})
	}
	for name, l := range a.compat {
		serve(fmt.Sprintf("%s listener", name), l, compatProducts[name].handler(router, a.pageFor))
	}
	return out
}
