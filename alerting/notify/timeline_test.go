package notify_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	amalert "github.com/prometheus/alertmanager/alert"
	"github.com/prometheus/alertmanager/silence/silencepb"
	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/oriel-obs/oriel/alerting/notify"
)

// An event happens at an offset from the start.
type event struct {
	at time.Duration
	do func(t *testing.T, m *notify.Manager)
}

func put(ls string, started, lasts time.Duration) func(*testing.T, *notify.Manager) {
	return func(t *testing.T, m *notify.Manager) {
		set := promodel.LabelSet{}
		for _, pair := range strings.Fields("alertname=" + ls) {
			k, v, _ := strings.Cut(pair, "=")
			set[promodel.LabelName(k)] = promodel.LabelValue(v)
		}
		now := time.Now()
		require.NoError(t, m.Alerts().Put(t.Context(), &amalert.Alert{
			Alert: promodel.Alert{Labels: set, StartsAt: now.Add(-started), EndsAt: now.Add(lasts)}, UpdatedAt: now,
		}))
	}
}

// fires and resolves take an alert name and further labels: "A severity=page".
func fires(at time.Duration, ls string) event    { return event{at, put(ls, 0, 24*time.Hour)} }
func resolves(at time.Duration, ls string) event { return event{at, put(ls, time.Second, 0)} }

func silences(at time.Duration, name string, lasts time.Duration) event {
	return event{at, func(t *testing.T, m *notify.Manager) {
		require.NoError(t, m.Silences().Set(t.Context(), &silencepb.Silence{
			MatcherSets: []*silencepb.MatcherSet{{Matchers: []*silencepb.Matcher{{Name: "alertname", Pattern: name}}}},
			StartsAt:    timestamppb.Now(), EndsAt: timestamppb.New(time.Now().Add(lasts)),
		}))
	}}
}

// Units of offsets.
const s, m = time.Second, time.Minute

// The clock starts on Saturday, 2000-01-01 at midnight UTC. Groups wait 30s,
// then tick every 5m, and repeat after 4h, as by default.
func TestWhoHearsWhatWhen(t *testing.T) {
	for name, c := range map[string]struct {
		route  string // beside receiver: hook
		hook   string // options of the webhook
		rest   string // of the configuration
		events []event
		until  time.Duration
		want   []string // offset, receiver, status, alerts
	}{
		"a new group waits": {
			events: []event{fires(0, "A")}, until: 20 * m,
			want: []string{"30s hook firing: A firing"},
		},
		"alerts that come meanwhile are sent with it": {
			events: []event{fires(0, "A"), fires(10*s, "B")}, until: 20 * m,
			want: []string{"30s hook firing: A firing, B firing"},
		},
		"an alert that began long ago does not wait": {
			events: []event{{0, put("A", m, 24*time.Hour)}}, until: m,
			want: []string{"1s hook firing: A firing"},
		},
		"a later alert waits for the next tick, and the whole group is sent": {
			events: []event{fires(0, "A"), fires(40*s, "B")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook firing: A firing, B firing"},
		},
		"the end is told at the next tick, once": {
			events: []event{fires(0, "A"), resolves(40*s, "A")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook resolved: A resolved"},
		},
		"an alert nobody sends again ends at its endsAt": {
			events: []event{{0, put("A", 0, 4*m)}}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook resolved: A resolved"},
		},
		"one of two ends": {
			events: []event{fires(0, "A"), fires(0, "B"), resolves(m, "A")}, until: 20 * m,
			want: []string{"30s hook firing: A firing, B firing", "5m30s hook firing: A resolved, B firing"},
		},
		"over before the first flush, nobody hears": {
			events: []event{fires(0, "A"), resolves(10*s, "A")}, until: 20 * m,
		},
		"a flap between ticks is not heard": {
			events: []event{fires(0, "A"), resolves(m, "A"), fires(2*m, "A")}, until: 20 * m,
			want: []string{"30s hook firing: A firing"},
		},
		"no change repeats at the first tick after repeat_interval": {
			route: "repeat_interval: 12m", events: []event{fires(0, "A")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "15m30s hook firing: A firing"},
		},
		"send_resolved false keeps the end to itself": {
			hook: "send_resolved: false", events: []event{fires(0, "A"), fires(0, "B"), resolves(m, "A"), resolves(7*m, "B")}, until: 20 * m,
			want: []string{"30s hook firing: A firing, B firing"},
		},
		"a silence holds back, and its end lets go at the next tick": {
			events: []event{silences(0, "A", 2*m), fires(0, "A")}, until: 20 * m,
			want: []string{"5m30s hook firing: A firing"},
		},
		"an inhibited alert is heard when its source is over": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn], equal: [job]}]`,
			events: []event{fires(0, "S severity=page job=x"), fires(0, "T severity=warn job=x"), resolves(m, "S severity=page job=x")}, until: 20 * m,
			want: []string{"30s hook firing: S firing", "5m30s hook firing: S resolved, T firing"},
		},
		"an equal label both lack is equal": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn], equal: [job]}]`,
			events: []event{fires(0, "S severity=page"), fires(0, "T severity=warn")}, until: 6 * m,
			want: []string{"30s hook firing: S firing"},
		},
		"an alert does not inhibit itself": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=~".+"]}]`,
			events: []event{fires(0, "S severity=page")}, until: 6 * m,
			want: []string{"30s hook firing: S firing"},
		},
		"group_by makes groups": {
			route: "group_by: [job]", events: []event{fires(0, "A job=x"), fires(10*s, "B job=y"), fires(10*s, "C job=x")}, until: 6 * m,
			want: []string{"30s hook firing: A firing, C firing", "40s hook firing: B firing"},
		},
		"group_by ... makes a group of each": {
			route: "group_by: ['...']", events: []event{fires(0, "A"), fires(s, "B")}, until: 6 * m,
			want: []string{"30s hook firing: A firing", "31s hook firing: B firing"},
		},
		"the first route that matches has it": {
			route:  "routes: [{matchers: [severity=page], receiver: other}, {matchers: [alertname=A], receiver: third}]",
			events: []event{fires(0, "A severity=page"), fires(s, "B")}, until: 6 * m,
			want: []string{"30s other firing: A firing", "31s hook firing: B firing"},
		},
		"continue lets the next have it too": {
			route:  "routes: [{matchers: [severity=page], receiver: other, continue: true}, {matchers: [alertname=A], receiver: third, group_wait: 35s}]",
			events: []event{fires(0, "A severity=page")}, until: 6 * m,
			want: []string{"30s other firing: A firing", "35s third firing: A firing"},
		},
		"a muted time holds back, and its end lets go": {
			route:  "routes: [{matchers: [alertname=A], mute_time_intervals: [early]}]",
			rest:   `time_intervals: [{name: early, time_intervals: [{weekdays: [saturday], times: [{start_time: "00:00", end_time: "00:04"}]}]}]`,
			events: []event{fires(0, "A")}, until: 20 * m,
			want: []string{"5m30s hook firing: A firing"},
		},
		"an active time holds back all other times": {
			route:  "routes: [{matchers: [alertname=A], active_time_intervals: [late]}]",
			rest:   `time_intervals: [{name: late, time_intervals: [{times: [{start_time: "00:10", end_time: "24:00"}]}]}]`,
			events: []event{fires(0, "A")}, until: 20 * m,
			want: []string{"10m30s hook firing: A firing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newTimelessHook(t)
			synctest.Test(t, func(t *testing.T) {
				config := fmt.Sprintf("route: {%s}\nreceivers:\n", strings.TrimSuffix("receiver: hook, "+c.route, ", "))
				for _, name := range []string{"hook", "other", "third"} {
					options := strings.TrimSuffix(fmt.Sprintf("url: %q, ", h.url)+c.hook, ", ")
					config += fmt.Sprintf("  - {name: %s, webhook_configs: [{%s}]}\n", name, options)
				}
				am, stop := start(t, t.TempDir(), notify.Source{Text: []byte(config + c.rest)})
				defer stop()
				synctest.Wait()
				begin := time.Now()
				var got []string
				for time.Since(begin) < c.until {
					for _, e := range c.events {
						if e.at == time.Since(begin) {
							e.do(t, am)
						}
					}
					step := s
					if time.Since(begin) >= m {
						step = 30 * s // nothing is due in between
					}
					time.Sleep(step)
					synctest.Wait()
					for _, p := range h.take() {
						got = append(got, fmt.Sprintf("%v %s", time.Since(begin), p))
					}
				}
				require.Equal(t, c.want, got)
			})
		})
	}
}

// A timelessHook is a webhook receiver outside the bubble of fake time. It
// closes every connection, since one that idles would keep the clock still.
type timelessHook struct {
	url string
	mu  sync.Mutex
	got []string
}

func newTimelessHook(t *testing.T) *timelessHook {
	h := &timelessHook{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		var p payload
		if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		alerts := make([]string, 0, len(p.Alerts))
		for _, a := range p.Alerts {
			alerts = append(alerts, a.Labels["alertname"]+" "+a.Status)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.got = append(h.got, fmt.Sprintf("%s %s: %s", p.Receiver, p.Status, strings.Join(alerts, ", ")))
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

func (h *timelessHook) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := slices.Clone(h.got)
	h.got = nil
	return got
}
