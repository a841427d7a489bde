// Package ssotest runs an OpenID Connect provider for tests: the example of
// zitadel/oidc, which here also tells groups.
package ssotest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// Client that the provider knows, and the people it has: the first is in the
// groups ops and cooks, the second only in cooks.
const (
	ClientID     = "oriel"
	ClientSecret = "s3cret"
	Ops          = "test-user@127.0.0.1"
	Cook         = "test-user2"
	Password     = "verysecure"
)

// An Issuer is a provider that runs.
type Issuer struct {
	*storage.Storage
	URL    string
	groups map[string][]string // by user ID
}

// Start serves a provider until the test ends. Its client may send people back
// to callback.
func Start(t *testing.T, callback string) *Issuer {
	t.Helper()
	srv := httptest.NewUnstartedServer(nil)
	i := &Issuer{URL: "http://" + srv.Listener.Addr().String(), groups: map[string][]string{"id1": {"ops", "cooks"}, "id2": {"cooks"}}}
	client := storage.WebClient(ClientID, ClientSecret, callback)
	i.Storage = storage.NewStorageWithClients(storage.NewUserStore(i.URL), map[string]*storage.Client{ClientID: client})
	srv.Config.Handler = exampleop.SetupServer(i.URL, i, slog.New(slog.DiscardHandler), false)
	srv.Start()
	t.Cleanup(srv.Close)
	return i
}

// SetGroups puts the person with an ID into groups.
func (i *Issuer) SetGroups(id string, groups ...string) { i.groups[id] = groups }

// SetUserinfoFromToken adds the groups to what the example tells.
func (i *Issuer) SetUserinfoFromToken(ctx context.Context, u *oidc.UserInfo, token, subject, origin string) error {
	u.AppendClaims("groups", i.groups[subject])
	return i.Storage.SetUserinfoFromToken(ctx, u, token, subject, origin)
}
