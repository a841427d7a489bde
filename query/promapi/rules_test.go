package promapi

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGroupsThatAreNotAboutMetricsSayWhatTheyAreAbout(t *testing.T) {
	h := &Handler{o: Options{Signal: func(file, group string) string {
		return map[string]string{"f;logs": "logs", "f;traces": "traces"}[file+";"+group]
	}}}
	for name, c := range map[string]struct{ in, want string }{
		"of each group": {
			`{"status":"success","data":{"groups":[{"name":"logs","file":"f","rules":[{"value":1e+00}]},{"name":"m","file":"f"},{"name":"traces","file":"f"},{"name":"logs","file":"g"}],"groupNextToken":"x"}}`,
			`{"data":{"groupNextToken":"x","groups":[{"signal":"logs","name":"logs","file":"f","rules":[{"value":1e+00}]},{"name":"m","file":"f"},{"signal":"traces","name":"traces","file":"f"},{"name":"logs","file":"g"}]},"status":"success"}`,
		},
		"metrics only":  {`{"status":"success","data":{"groups":[{"name":"m","file":"f"}]}}`, `{"status":"success","data":{"groups":[{"name":"m","file":"f"}]}}`},
		"no groups":     {`{"status":"success","data":{"groups":[]}}`, `{"status":"success","data":{"groups":[]}}`},
		"something odd": {`<html>`, `<html>`},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, string(h.withSignals([]byte(c.in)))) })
	}
}

func TestAHeldAnswerKeepsStatusAndBody(t *testing.T) {
	a := &held{header: httptest.NewRecorder().Header()}
	a.Header().Set("X", "y")
	a.WriteHeader(400)
	_, err := a.Write([]byte("no"))
	require.NoError(t, err)
	require.Equal(t, 400, a.status)
	require.Equal(t, "no", a.body.String())
}
