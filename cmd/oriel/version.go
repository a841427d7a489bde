package main

import (
	"fmt"

	"github.com/prometheus/common/version"
)

// versionCmd prints what `make build` stamped into the binary.
type versionCmd struct{}

// Run prints version, revision and Go release.
func (versionCmd) Run(s streams) error {
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
