package testkit_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/internal/testkit"
)

func TestAddressesAreFreeAndGivenOutOnce(t *testing.T) {
	seen := map[string]bool{}
	for range 50 {
		addr, err := testkit.FreeAddr()
		require.NoError(t, err)
		require.False(t, seen[addr])
		seen[addr] = true
		l, err := net.Listen("tcp", addr)
		require.NoError(t, err)
		defer l.Close()
	}
}
