package apidoc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/apidoc"
)

const base = `
openapi: 3.1.0
paths:
  /a: {get: {summary: A.}}
components:
  schemas: {A: {type: string}}
`

func TestPartsJoinTheDocument(t *testing.T) {
	got, err := apidoc.Merge([]byte(base),
		[]byte("paths: {/b: {put: {}, parameters: []}, /c: {post: {}}}\ncomponents: {schemas: {B: {}}, responses: {R: {}}}\n"),
		[]byte("paths: {/d: {delete: {}}}\n"))
	require.NoError(t, err)
	require.YAMLEq(t, `
openapi: 3.1.0
paths: {/a: {get: {summary: A.}}, /b: {put: {}, parameters: []}, /c: {post: {}}, /d: {delete: {}}}
components: {schemas: {A: {type: string}, B: {}}, responses: {R: {}}}
`, string(got))
	operations, err := apidoc.Operations(got)
	require.NoError(t, err)
	require.Equal(t, []string{"DELETE /d", "GET /a", "POST /c", "PUT /b"}, operations)
}

func TestWhatTwoDescribeIsAnError(t *testing.T) {
	for part, want := range map[string]string{
		"paths: {/a: {put: {}}}":         "/a is described twice",
		"components: {schemas: {A: {}}}": "A is described twice",
		"- a list":                       "no mapping",
		"paths: {":                       "did not find",
	} {
		_, err := apidoc.Merge([]byte(base), []byte(part))
		require.ErrorContains(t, err, want)
	}
}
