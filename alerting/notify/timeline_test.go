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
		require.NoError(t, m.Silences().Set(t.Context(), silenceOf(name, lasts)))
	}}
}

// silenceOf is one of the alerts of a name.
func silenceOf(name string, lasts time.Duration) *silencepb.Silence {
	return &silencepb.Silence{
		MatcherSets: []*silencepb.MatcherSet{{Matchers: []*silencepb.Matcher{{Name: "alertname", Pattern: name}}}},
		StartsAt:    timestamppb.Now(), EndsAt: timestamppb.New(time.Now().Add(lasts)),
	}
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
		"one of Oriel's own inhibitions tells of many by one": {
			events: []event{fires(0, "Each n=1 kind=a"), fires(0, "Each n=2 kind=a"), fires(0, "Many kind=a"), fires(0, "Each n=3 kind=b")}, until: 6 * m,
			want: []string{"30s hook firing: Many firing, Each firing"},
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
		"a new alert keeps to the tick, which counts from the begin of the flush before": {
			events: []event{fires(0, "A"), fires(5*m, "B"), fires(10*m, "C")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook firing: A firing, B firing", "10m30s hook firing: A firing, B firing, C firing"},
		},
		"a change between repeats begins repeat_interval anew": {
			route: "repeat_interval: 10m", events: []event{fires(0, "A"), fires(7*m, "B")}, until: 27 * m,
			want: []string{"30s hook firing: A firing", "10m30s hook firing: A firing, B firing", "25m30s hook firing: A firing, B firing"},
		},
		"repeat_interval below group_interval repeats at ticks": {
			route: "repeat_interval: 1m", events: []event{fires(0, "A")}, until: 12 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook firing: A firing", "10m30s hook firing: A firing"},
		},
		"an alert that fires again after its end was told is a new group": {
			events: []event{fires(0, "A"), resolves(m, "A"), fires(8*m, "A")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook resolved: A resolved", "8m30s hook firing: A firing"},
		},
		"resolved alerts are told once": {
			events: []event{fires(0, "A"), fires(0, "B"), resolves(m, "A"), fires(6*m, "C")}, until: 20 * m,
			want: []string{"30s hook firing: A firing, B firing", "5m30s hook firing: A resolved, B firing", "10m30s hook firing: B firing, C firing"},
		},
		"one that began and ended between two ticks is told if others fire": {
			events: []event{fires(0, "A"), fires(m, "B"), resolves(2*m, "B")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook firing: A firing, B resolved"},
		},
		"without send_resolved a new alert is sent without those that ended": {
			hook: "send_resolved: false", events: []event{fires(0, "A"), resolves(m, "A"), fires(2*m, "B")}, until: 20 * m,
			want: []string{"30s hook firing: A firing", "5m30s hook firing: B firing"},
		},
		"max_alerts cuts the list": {
			hook: "max_alerts: 1", events: []event{fires(0, "A"), fires(0, "B")}, until: m,
			want: []string{"30s hook firing: A firing"},
		},
		"an alert that ends while it is silenced is not heard of": {
			events: []event{silences(0, "A", 10*m), fires(0, "A"), resolves(2*m, "A")}, until: 20 * m,
		},
		"a silence that comes later ends the repetition, and its end brings the whole group": {
			route: "repeat_interval: 10m", events: []event{fires(0, "A"), silences(m, "A", 15*m)}, until: 24 * m,
			want: []string{"30s hook firing: A firing", "20m30s hook firing: A firing"},
		},
		"a silenced alert is left out of its group": {
			events: []event{silences(0, "A", 30*m), fires(0, "A"), fires(0, "B")}, until: 20 * m,
			want: []string{"30s hook firing: B firing"},
		},
		"a silenced source still inhibits": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn], equal: [job]}]`,
			events: []event{silences(0, "S", 30*m), fires(0, "S severity=page job=x"), fires(0, "T severity=warn job=x")}, until: 20 * m,
		},
		"equal labels that differ inhibit nothing": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn], equal: [job]}]`,
			events: []event{fires(0, "S severity=page job=x"), fires(0, "T severity=warn job=y")}, until: 6 * m,
			want: []string{"30s hook firing: S firing, T firing"},
		},
		"a label that one lacks is not equal to one that the other has": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn], equal: [job]}]`,
			events: []event{fires(0, "S severity=page"), fires(0, "T severity=warn job=y")}, until: 6 * m,
			want: []string{"30s hook firing: T firing, S firing"}, // labels are compared from job on
		},
		"no equal labels, and any source inhibits every target": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn]}]`,
			events: []event{fires(0, "S severity=page job=x"), fires(0, "T severity=warn job=y"), fires(0, "U severity=warn")}, until: 6 * m,
			want: []string{"30s hook firing: S firing"},
		},
		"a source that has ended inhibits nothing": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn]}]`,
			events: []event{fires(0, "S severity=page"), resolves(s, "S severity=page"), fires(2*s, "T severity=warn")}, until: 6 * m,
			want: []string{"30s hook firing: S resolved, T firing"},
		},
		"one that is only source inhibits those that are target and source, if it lasts longest": {
			rest:   `inhibit_rules: [{source_matchers: [tier=~"a|b"], target_matchers: [tier=~"b|c"]}]`,
			events: []event{{0, put("S tier=a", 0, 48*time.Hour)}, fires(0, "T tier=b"), fires(0, "U tier=b")}, until: 6 * m,
			want: []string{"30s hook firing: S firing"},
		},
		"sources that are targets too do not inhibit each other": {
			rest:   `inhibit_rules: [{source_matchers: [tier=~"a|b"], target_matchers: [tier=~"b|c"]}]`,
			events: []event{fires(0, "T tier=b"), fires(0, "U tier=b")}, until: 6 * m,
			want: []string{"30s hook firing: T firing, U firing"},
		},
		"an inhibited alert that ends is not heard of": {
			rest:   `inhibit_rules: [{source_matchers: [severity=page], target_matchers: [severity=warn]}]`,
			events: []event{fires(0, "S severity=page"), fires(0, "T severity=warn"), resolves(m, "T severity=warn")}, until: 20 * m,
			want: []string{"30s hook firing: S firing"},
		},
		"an end within a muted time is lost with its group": {
			route:  "routes: [{matchers: [alertname=A], mute_time_intervals: [early]}]",
			rest:   `time_intervals: [{name: early, time_intervals: [{times: [{start_time: "00:03", end_time: "00:12"}]}]}]`,
			events: []event{fires(0, "A"), resolves(4*m, "A")}, until: 30 * m,
			want: []string{"30s hook firing: A firing"},
		},
		"the end of an interval is not in it": {
			route:  "group_wait: 4m, routes: [{matchers: [alertname=A], mute_time_intervals: [early]}]",
			rest:   `time_intervals: [{name: early, time_intervals: [{times: [{start_time: "00:00", end_time: "00:04"}]}]}]`,
			events: []event{fires(0, "A")}, until: 6 * m,
			want: []string{"4m0s hook firing: A firing"},
		},
		"an interval of another place has that place's time": {
			route:  "routes: [{matchers: [alertname=A], mute_time_intervals: [there]}]",
			rest:   `time_intervals: [{name: there, time_intervals: [{location: Asia/Tokyo, times: [{start_time: "09:00", end_time: "09:04"}]}]}]`,
			events: []event{fires(0, "A")}, until: 20 * m,
			want: []string{"5m30s hook firing: A firing"},
		},
		"intervals of days from the end of the month, months and years": {
			route:  "routes: [{matchers: [alertname=A], mute_time_intervals: [not_yet, never]}]",
			rest:   `time_intervals: [{name: not_yet, time_intervals: [{days_of_month: ['-31'], months: [january], years: ['2000'], times: [{start_time: "00:00", end_time: "00:04"}]}]}, {name: never, time_intervals: [{days_of_month: ['-1']}, {months: [february]}, {years: ['1999']}]}]`,
			events: []event{fires(0, "A")}, until: 20 * m,
			want: []string{"5m30s hook firing: A firing"},
		},
		"a route's intervals are its own, not its children's": {
			route:  "routes: [{matchers: [severity=page], mute_time_intervals: [always], receiver: other, routes: [{matchers: [alertname=A]}]}]",
			rest:   `time_intervals: [{name: always, time_intervals: [{years: ['2000:2100']}]}]`,
			events: []event{fires(0, "A severity=page"), fires(0, "B severity=page")}, until: 6 * m,
			want: []string{"30s other firing: A firing"},
		},
		"children inherit receiver, grouping and timers": {
			route:  "group_by: [job], routes: [{matchers: [severity=page], receiver: other, group_wait: 10s, group_interval: 80s, routes: [{matchers: [alertname=~'A|B']}]}]",
			events: []event{fires(0, "A severity=page job=x"), fires(15*s, "B severity=page job=x")}, until: 6 * m,
			want: []string{"10s other firing: A firing", "1m30s other firing: A firing, B firing"},
		},
		"a label that an alert lacks is no part of its group": {
			route:  "group_by: [job, zone]",
			events: []event{fires(0, "A job=x"), fires(s, "B job=x zone=z"), fires(2*s, "C job=x")}, until: m,
			want: []string{"30s hook firing: A firing, C firing", "31s hook firing: B firing"},
		},
		"a child that matches keeps its parent out, another that does not lets it in": {
			route:  "routes: [{matchers: [severity=page], receiver: other, routes: [{matchers: [alertname=A], receiver: third}]}]",
			events: []event{fires(0, "A severity=page"), fires(s, "B severity=page")}, until: m,
			want: []string{"30s third firing: A firing", "31s other firing: B firing"},
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
	url    string
	mu     sync.Mutex
	got    []string
	status int // of answers; 0 is 200
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
		if h.status > 299 {
			w.WriteHeader(h.status)
			return
		}
		h.got = append(h.got, fmt.Sprintf("%s %s: %s", p.Receiver, p.Status, strings.Join(alerts, ", ")))
	}))
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// answer has every request answered with a status.
func (h *timelessHook) answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

func (h *timelessHook) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := slices.Clone(h.got)
	h.got = nil
	return got
}
