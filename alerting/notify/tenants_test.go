package notify_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/alertmanager/silence"
	promodel "github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/rules"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting"
	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

func withTenants(o *notify.Options) { o.Tenants = true }

const (
	ofA = "__tenant_id__=a"
	ofB = "__tenant_id__=b"
)

func TestTenantsAreNotifiedOfApart(t *testing.T) {
	for name, c := range map[string]struct {
		tenants bool
		events  []event
		want    []string
	}{
		"one group without tenants": {
			false,
			[]event{fires(0, "A job=x"), fires(0, "B job=x")},
			[]string{"hook firing: A firing, B firing"},
		},
		"a group for each tenant": {
			true,
			[]event{fires(0, "A job=x "+ofA), fires(0, "B job=x "+ofA), fires(0, "C job=x "+ofB), fires(0, "D job=x")},
			[]string{"hook firing: A firing, B firing", "hook firing: C firing", "hook firing: D firing"},
		},
		"an alert inhibits those of its tenant": {
			true,
			[]event{fires(0, "A severity=page job=x "+ofA), fires(0, "B severity=warn job=x "+ofA), fires(0, "C severity=warn job=x "+ofB), fires(0, "D severity=warn job=x")},
			[]string{"hook firing: A firing", "hook firing: C firing", "hook firing: D firing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newTimelessHook(t)
			synctest.Test(t, func(t *testing.T) {
				source := h.source()
				source.Text = append(source.Text, `inhibit_rules: [{source_matchers: [severity="page"], target_matchers: [severity="warn"], equal: [job]}]`...)
				change := withTenants
				if !c.tenants {
					change = func(*notify.Options) {}
				}
				am, db, stop := startWith(t, t.TempDir(), source, notify.DefaultConfig(), change)
				defer stop()
				synctest.Wait()
				got := told(play(t, am, h, time.Now(), 2*m, c.events...))
				slices.Sort(got)
				require.Equal(t, c.want, got)
				all, err := db.Notifications(t.Context(), state.NotificationFilter{Limit: 10})
				require.NoError(t, err)
				tenants := map[string]int{}
				for _, n := range all {
					tenants[n.Tenant]++
				}
				if c.tenants {
					require.Equal(t, 1, tenants["a"], "%v", tenants)
				} else {
					require.Equal(t, map[string]int{"": 1}, tenants)
				}
			})
		})
	}
}

func TestLinksLeadToTheTenantOfTheAlert(t *testing.T) {
	for name, c := range map[string]struct {
		tenants bool
		tenant  string
		want    string
	}{
		"without tenants": {false, "a", "http://oriel.example:4319/explore/logs?q=vector%281%29"},
		"the default one": {true, "", "http://oriel.example:4319/explore/logs?q=vector%281%29"},
		"another":         {true, "a", "http://oriel.example:4319/explore/logs?q=vector%281%29&tenant=a"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHook(t)
			m, _, _ := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig(), func(o *notify.Options) { o.Tenants = c.tenants })
			ls := labels.FromStrings("alertname", "A", "__tenant_id__", c.tenant)
			m.Notify(alerting.Subject{Signal: alerting.Logs}.With(t.Context()), "vector(1)", &rules.Alert{Labels: ls, FiredAt: time.Now(), ValidUntil: time.Now().Add(time.Hour)})
			eventually(t, "notified", func() bool { return len(h.payloads()) > 0 })
			require.Equal(t, c.want, h.payloads()[0].Alerts[0].GeneratorURL)
		})
	}
}

func TestSilencesOfBeforeAreTheDefaultTenants(t *testing.T) {
	h := newTimelessHook(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, dir, h.source(), notify.DefaultConfig())
		synctest.Wait()
		play(t, am, h, time.Now(), s, silences(0, "A", time.Hour))
		before, _, err := am.Silences().Query(t.Context())
		require.NoError(t, err)
		stop()
		for range 2 { // the second time there is nothing to claim
			am, _, stop = startWith(t, dir, h.source(), notify.DefaultConfig(), withTenants)
			synctest.Wait()
			after, _, err := am.Silences().Query(t.Context(), silence.QState(silence.SilenceStateActive))
			require.NoError(t, err)
			require.Len(t, after, 1)
			require.Equal(t, before[0].Id, after[0].Id)
			require.Len(t, after[0].MatcherSets[0].Matchers, 2)
			require.Empty(t, notify.Owner(after[0]))
			require.False(t, notify.Own(after[0], "a"))
			stop()
		}
		am, _, stop = startWith(t, dir, h.source(), notify.DefaultConfig(), withTenants)
		defer stop()
		synctest.Wait()
		require.Equal(t, []string{"hook firing: A firing"}, told(play(t, am, h, time.Now(), m, fires(0, "A job=x"), fires(0, "A job=x "+ofA))))
	})
}

func TestAForgottenTenantHasNoAlertsAndNoSilences(t *testing.T) {
	h := newTimelessHook(t)
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig(), withTenants)
		defer stop()
		synctest.Wait()
		var owners []string
		for _, tenant := range []string{"", "a", "b"} {
			play(t, am, h, time.Now(), s, event{0, func(t *testing.T, m *notify.Manager) {
				one := silenceOf("X", time.Hour)
				require.True(t, notify.Own(one, tenant))
				require.NoError(t, m.Silences().Set(t.Context(), one))
			}})
		}
		play(t, am, h, time.Now(), m, fires(0, "A job=x"), fires(0, "A job=x "+ofA), fires(0, "A job=x "+ofB))
		require.NoError(t, am.Forget(t.Context(), "a"))
		for tenant, gone := range map[string]bool{"": false, "a": true, "b": false} {
			set := promodel.LabelSet{"alertname": "A", "job": "x"}
			if tenant != "" {
				set["__tenant_id__"] = promodel.LabelValue(tenant)
			}
			_, err := am.Firing(set.Fingerprint().String())
			if gone {
				require.ErrorIs(t, err, fault.ErrNotFound)
			} else {
				require.NoError(t, err, fmt.Sprint(set))
			}
		}
		time.Sleep(2 * m) // until state is swept
		synctest.Wait()
		left, _, err := am.Silences().Query(t.Context())
		require.NoError(t, err)
		for _, s := range left {
			owners = append(owners, notify.Owner(s))
		}
		slices.Sort(owners)
		require.Equal(t, []string{"", "b"}, owners)
	})
}
