package syslog

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTextsKeepWhatTheyWereGiven(t *testing.T) {
	var kept texts
	var got, want []string
	buf := make([]byte, 2*textBytes)
	for i := range 300 {
		b := buf[:i*37%(textBytes/2)] // the same memory each time, as readers have
		for j := range b {
			b[j] = byte('a' + i%26)
		}
		got, want = append(got, kept.keep(b)), append(want, strings.Repeat(string(rune('a'+i%26)), len(b)))
	}
	require.Equal(t, want, got)
}
