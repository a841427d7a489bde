package redact_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/redact"
)

func TestAddressesAreCutToTheirHosts(t *testing.T) {
	for text, want := range map[string]string{
		`Post "https://hooks.example/services/T0/B0/secret": dial tcp 127.0.0.1:1: connect: connection refused`: `Post "https://hooks.example/<hidden>": dial tcp 127.0.0.1:1: connect: connection refused`,
		`Post "https://api.example:443/bot123:token/send?x=y": EOF`:                                             `Post "https://api.example:443/<hidden>": EOF`,
		`get http://ann:password@far.example/: refused`:                                                         `get http://far.example/<hidden> refused`,
		`get http://ann:password@far.example?key=secret`:                                                        `get http://far.example/<hidden>`,
		`unexpected status code 404 from https://far.example`:                                                   `unexpected status code 404 from https://far.example`,
		`unexpected status code 404`:                                                                            `unexpected status code 404`,
	} {
		require.Equal(t, want, redact.Addresses(text))
	}
}
