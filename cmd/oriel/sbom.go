package main

import (
	"errors"
	"io"
	"runtime/debug"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// writeSBOM writes what the binary is made of, as a CycloneDX document: the
// modules that the Go linker has noted in it. Equal binaries have equal
// documents.
func writeSBOM(w io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this binary was built without a list of its modules")
	}
	return encodeSBOM(w, info)
}

func encodeSBOM(w io.Writer, info *debug.BuildInfo) error {
	main := component(cdx.ComponentTypeApplication, debug.Module{Path: info.Main.Path, Version: productVersion()})
	main.Name = "oriel"
	parts := []cdx.Component{component(cdx.ComponentTypeLibrary, debug.Module{Path: "std", Version: info.GoVersion})}
	refs := []string{parts[0].BOMRef}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component(cdx.ComponentTypeLibrary, *m)
		parts, refs = append(parts, c), append(refs, c.BOMRef)
	}
	doc := cdx.NewBOM()
	doc.Metadata = &cdx.Metadata{Component: &main}
	doc.Components = &parts
	doc.Dependencies = &[]cdx.Dependency{{Ref: main.BOMRef, Dependencies: &refs}}
	return cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).Encode(doc)
}

func component(kind cdx.ComponentType, m debug.Module) cdx.Component {
	// https://github.com/package-url/purl-spec/blob/main/types/golang-definition.md
	url := "pkg:golang/" + m.Path + "@" + m.Version
	c := cdx.Component{BOMRef: url, Type: kind, Name: m.Path, Version: m.Version, PackageURL: url}
	if m.Sum != "" {
		c.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.Sum}}
	}
	return c
}
