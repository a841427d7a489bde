package main

import (
	"fmt"

	"github.com/prometheus/common/version"
)

// versionCmd prints what `make build` stamped into the binary.
type versionCmd struct {
	SBOM bool `help:"Print what the binary is made of instead, as a CycloneDX document." name:"sbom"`
}

// Run prints version, revision and Go release.
func (c versionCmd) Run(s streams) error {
	if c.SBOM {
		return writeSBOM(s.out)
	}
	_, err := fmt.Fprintln(s.out, version.Print("oriel"))
	return err
}

// productVersion is the stamped version, or "dev" for a plain `go build`.
func productVersion() string {
	if version.Version == "" {
		return "dev"
	}
	return version.Version
}
