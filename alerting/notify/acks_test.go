package notify_test

import (
	"testing"
	"testing/synctest"
	"time"

	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

func fingerprint(name, job string) string {
	return promodel.LabelSet{"alertname": promodel.LabelValue(name), "job": promodel.LabelValue(job)}.Fingerprint().String()
}

func acks(at time.Duration, fp string, quiet bool) event {
	return event{at, func(t *testing.T, m *notify.Manager) {
		require.NoError(t, m.Acknowledge(t.Context(), state.Acknowledgement{Fingerprint: fp, Owner: "ann", Comment: "on it", Quiet: quiet}))
	}}
}

func unacks(at time.Duration, fp string) event {
	return event{at, func(t *testing.T, m *notify.Manager) { require.NoError(t, m.Unacknowledge(t.Context(), fp, "bob")) }}
}

func TestAnAcknowledgementStopsRepetitionsButNotTheEnd(t *testing.T) {
	a, b := fingerprint("A", "x"), fingerprint("B", "x")
	for name, c := range map[string]struct {
		events []event
		want   []string
	}{
		"nobody has": {
			[]event{fires(0, "A job=x"), resolves(25*m, "A job=x")},
			[]string{"1s hook firing: A firing", "10m31s hook firing: A firing", "21m1s hook firing: A firing", "25m1s hook resolved: A resolved"},
		},
		"somebody has": {
			[]event{fires(0, "A job=x"), acks(m, a, true), resolves(25*m, "A job=x")},
			[]string{"1s hook firing: A firing", "25m1s hook resolved: A resolved"},
		},
		"somebody has, and wants to hear on": {
			[]event{fires(0, "A job=x"), acks(m, a, false), resolves(15*m, "A job=x")},
			[]string{"1s hook firing: A firing", "10m31s hook firing: A firing", "15m1s hook resolved: A resolved"},
		},
		"and takes it back": {
			[]event{fires(0, "A job=x"), acks(m, a, true), unacks(15*m, a)},
			[]string{"1s hook firing: A firing", "21m1s hook firing: A firing"},
		},
		"one of two": {
			[]event{fires(0, "A job=x"), fires(0, "B job=x"), acks(m, a, true)},
			[]string{"1s hook firing: A firing, B firing", "10m31s hook firing: A firing, B firing", "21m1s hook firing: A firing, B firing"},
		},
		"both of two, and a third comes": {
			[]event{fires(0, "A job=x"), fires(0, "B job=x"), acks(m, a, true), acks(m, b, true), fires(12*m, "C job=x")},
			[]string{"1s hook firing: A firing, B firing", "12m1s hook firing: A firing, B firing, C firing", "22m31s hook firing: A firing, B firing, C firing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newTimelessHook(t)
			synctest.Test(t, func(t *testing.T) {
				am, _, stop := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig())
				defer stop()
				synctest.Wait()
				require.Equal(t, c.want, play(t, am, h, time.Now(), 26*m, c.events...))
			})
		})
	}
}

func TestAnAcknowledgementLastsUntilTheAlertIsOver(t *testing.T) {
	h := newTimelessHook(t)
	dir := t.TempDir()
	a := fingerprint("A", "x")
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, dir, h.source(), notify.DefaultConfig())
		synctest.Wait()
		begin := time.Now()
		require.ErrorIs(t, am.Acknowledge(t.Context(), state.Acknowledgement{Fingerprint: a, Owner: "ann"}), fault.ErrNotFound, "nothing fires")
		require.ErrorIs(t, am.Acknowledge(t.Context(), state.Acknowledgement{Fingerprint: "x", Owner: "ann"}), fault.ErrInvalid)
		play(t, am, h, begin, 2*m, fires(0, "A job=x"), acks(m, a, true))
		stop()

		// It outlives a restart.
		am, db, stop := startWith(t, dir, h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		require.Equal(t, "ann", am.Acknowledgements()[a].Owner)
		play(t, am, h, begin, 3*m, fires(150*s, "A job=x"), resolves(170*s, "A job=x"))
		require.Empty(t, am.Acknowledgements())
		require.ErrorIs(t, am.Unacknowledge(t.Context(), a, "ann"), fault.ErrNotFound)

		// An alert that nobody sends again is over too.
		play(t, am, h, begin, 20*m, event{4 * m, put("A job=x", 0, 2*m)}, acks(5*m, a, true))
		require.Empty(t, am.Acknowledgements())

		changes, err := db.AlertChanges(t.Context(), state.AlertChangeFilter{Fingerprint: a, Oldest: true, Limit: 10})
		require.NoError(t, err)
		require.Len(t, changes, 2, "the end is a change of the alert's")
		require.Equal(t, "acknowledged ann on it", changes[0].State+" "+changes[0].Author+" "+changes[0].Comment)
	})
}
