package scope_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/auth"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/query/scope"
	"github.com/oriel-obs/oriel/storage"
	"github.com/oriel-obs/oriel/storage/storagetest"
)

func TestTheAuditLogIsForThoseWhoGovern(t *testing.T) {
	var store storagetest.Memory
	b := model.NewBuilder(model.Logs, 3)
	for i, source := range []string{"audit", "app"} {
		b.Row(b.Stream(&model.Stream{Attrs: []model.Attr{{Key: "log_source", Value: model.String(source)}, {Key: "service_name", Value: model.String("oriel")}}}), int64(i), source)
	}
	b.Row(b.Stream(&model.Stream{Attrs: []model.Attr{{Key: "log_source", Value: model.String("audit")}, {Key: "service_name", Value: model.String("shop")}}}), 3, "shop's")
	require.NoError(t, store.Append(t.Context(), b.Batch()))
	all, some := []string{"audit", "app", "shop's"}, []string{"app", "shop's"}
	for name, c := range map[string]struct {
		id   *auth.Identity
		want []string
	}{
		"no authentication": {nil, all},
		"an admin":          {&auth.Identity{Grants: []auth.Grant{{Scopes: []auth.Scope{auth.Admin}}}}, all},
		"a viewer":          {&auth.Identity{Grants: []auth.Grant{{Scopes: []auth.Scope{auth.QueryLogs}}}}, some},
	} {
		var got []string
		for b, err := range scope.Events(&store).Scan(auth.With(t.Context(), c.id), storage.Scan{Signal: model.Logs, Range: model.AllTime()}) {
			require.NoError(t, err)
			got = append(got, b.Body...)
		}
		require.Equal(t, c.want, got, name)
	}
}
