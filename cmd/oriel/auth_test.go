package main

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/internal/lifecycle"
	"github.com/oriel-obs/oriel/internal/testkit"
)

// serveApp runs a server with a configuration until the test ends.
func serveApp(t *testing.T, config string) *app {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "oriel.yaml")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))
	otlp, err := testkit.FreeAddr()
	require.NoError(t, err)
	flags := &serveFlags{Config: path, DataDir: filepath.Join(dir, "data"), Listen: "127.0.0.1:0", OTLPGRPCListen: otlp, LogLevel: "error"}
	cfg, err := flags.load()
	require.NoError(t, err)

	ctx, cancel := context.WithCancel(t.Context())
	started, ended := make(chan *app, 1), make(chan error, 1)
	go func() {
		ended <- flags.serve(ctx, cfg, streams{out: io.Discard, err: io.Discard}, func(a *app) lifecycle.Component {
			started <- a
			return lifecycle.Component{Name: "test", Run: func(ctx context.Context) error { <-ctx.Done(); return nil }}
		})
	}()
	select {
	case a := <-started:
		t.Cleanup(func() {
			cancel()
			require.NoError(t, <-ended)
		})
		return a
	case err := <-ended:
		cancel()
		require.FailNow(t, "not started", "%v", err)
	case <-time.After(patience):
		cancel()
		require.FailNow(t, "not started in time")
	}
	return nil
}

// routesOf lists the methods and routes of a server, such as "GET /x".
func routesOf(t *testing.T, a *app) []string {
	t.Helper()
	var all []string
	require.NoError(t, chi.Walk(a.routes, func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		all = append(all, method+" "+route)
		return nil
	}))
	for _, srv := range []*grpc.Server{a.otlpServer(), a.jaegerServer()} {
		for service, info := range srv.GetServiceInfo() {
			for _, m := range info.Methods {
				all = append(all, "GRPC /"+service+"/"+m.Name)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// With everything that can be turned on, each route has a row and each row has
// a route.
func TestEveryRouteHasAPermission(t *testing.T) {
	a := serveApp(t, everything)
	table, err := auth.ParsePermissions(permissions)
	require.NoError(t, err)
	routes := routesOf(t, a)
	require.Greater(t, len(routes), 300)
	rows := map[string]bool{} // those that a route uses
	for _, key := range table.Keys() {
		rows[key] = false
	}
	var wild []string
	for _, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		base, ends := strings.CutSuffix(pattern, "*")
		if ends {
			wild = append(wild, base)
		}
		found := false
		for _, key := range []string{route, "* " + pattern} {
			if _, ok := rows[key]; ok {
				rows[key], found = true, true
			}
		}
		below := slices.ContainsFunc(table.Keys(), func(k string) bool {
			_, path, _ := strings.Cut(k, " ")
			return strings.HasPrefix(path, base)
		})
		if !found && (!ends || !below) && method != http.MethodHead {
			t.Errorf("%s has no row in permissions.txt: nobody may use it", route)
		}
	}
	for key, used := range rows {
		_, path, _ := strings.Cut(key, " ")
		if !used && !slices.ContainsFunc(wild, func(base string) bool { return strings.HasPrefix(path, base) }) {
			t.Errorf("permissions.txt has a row for %s, which is not served", key)
		}
	}
}

// everything turns on what adds routes.
const everything = `
auth: {enabled: true}
web: {admin_api: true}
`
