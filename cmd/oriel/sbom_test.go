package main

import (
	"bytes"
	"runtime/debug"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/stretchr/testify/require"
)

func TestTheBillOfMaterialsHasEveryModule(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Path: "github.com/oriel-obs/oriel"}, Deps: []*debug.Module{
		{Path: "example.com/a", Version: "v1.0.0", Sum: "h1:abc="},
		{Path: "example.com/old", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/new", Version: "v2.0.0"}},
	}}
	var out, again bytes.Buffer
	require.NoError(t, encodeSBOM(&out, info))
	require.NoError(t, encodeSBOM(&again, info))
	require.Equal(t, out.String(), again.String())
	var doc cdx.BOM
	require.NoError(t, cdx.NewBOMDecoder(&out, cdx.BOMFileFormatJSON).Decode(&doc))
	var urls []string
	for _, c := range *doc.Components {
		urls = append(urls, c.PackageURL)
	}
	require.Equal(t, []string{"pkg:golang/std@go1.26.0", "pkg:golang/example.com/a@v1.0.0", "pkg:golang/example.com/new@v2.0.0"}, urls)
	require.Equal(t, urls, *(*doc.Dependencies)[0].Dependencies)
	require.Equal(t, "oriel", doc.Metadata.Component.Name)
}
