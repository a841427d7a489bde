package notify

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Europe/Berlin goes from 2:00 to 3:00 on 2026-03-29, and from 3:00 back to
// 2:00 on 2026-10-25.
func TestATimeIntervalFollowsTheClocksOfItsPlace(t *testing.T) {
	conf, err := Source{Text: []byte(`
route: {receiver: a, routes: [{matchers: [x=y], mute_time_intervals: [night]}]}
receivers: [{name: a}]
time_intervals: [{name: night, time_intervals: [{location: Europe/Berlin, times: [{start_time: '02:30', end_time: '04:00'}]}]}]
`)}.load()
	require.NoError(t, err)
	p, err := newPlan(conf, Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for at, want := range map[string]bool{
		"2026-03-28T01:29:59Z": false, // 2:29
		"2026-03-28T01:30:00Z": true,  // 2:30
		"2026-03-28T03:00:00Z": false, // 4:00
		"2026-03-29T00:59:59Z": false, // 1:59, a second before 3:00
		"2026-03-29T01:00:00Z": true,  // 3:00
		"2026-03-29T02:00:00Z": false, // 4:00
		"2026-10-25T00:30:00Z": true,  // 2:30
		"2026-10-25T01:15:00Z": false, // 2:15 for the second time
		"2026-10-25T01:30:00Z": true,  // 2:30 again
		"2026-10-25T03:00:00Z": false, // 4:00
	} {
		now, err := time.Parse(time.RFC3339, at)
		require.NoError(t, err)
		muted, _, err := p.intervals.Mutes([]string{"night"}, now)
		require.NoError(t, err)
		require.Equal(t, want, muted, at)
	}
}
