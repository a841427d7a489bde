package lifecycle_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/internal/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorder notes the order in which its components stop.
type recorder struct{ stopped []string }

func (r *recorder) component(name string) lifecycle.Component {
	return lifecycle.Component{Name: name, Run: func(ctx context.Context) error {
		<-ctx.Done()
		r.stopped = append(r.stopped, name)
		return ctx.Err()
	}}
}

func TestComponentsStopInReverseOrder(t *testing.T) {
	var r recorder
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := lifecycle.Run(ctx, []lifecycle.Component{r.component("stores"), r.component("rules"), r.component("listeners")})
	require.NoError(t, err)
	require.Equal(t, []string{"listeners", "rules", "stores"}, r.stopped)
}

func TestOneFailureStopsAllAndIsNamed(t *testing.T) {
	var r recorder
	boom := errors.New("boom")
	err := lifecycle.Run(t.Context(), []lifecycle.Component{
		r.component("stores"),
		{Name: "rules", Run: func(context.Context) error { return boom }},
		r.component("listeners"),
	})
	require.ErrorIs(t, err, boom)
	require.ErrorContains(t, err, "rules: boom")
	require.Equal(t, []string{"listeners", "stores"}, r.stopped)
}
