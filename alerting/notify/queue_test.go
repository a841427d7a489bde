package notify_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	promconfig "github.com/prometheus/common/config"
	promodel "github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/alerting/notify"
	"github.com/oriel-obs/oriel/internal/fault"
	"github.com/oriel-obs/oriel/storage/state"
)

// source has groups by job that tick every 30s and repeat after 10m.
func (h *timelessHook) source() notify.Source {
	return notify.Source{Name: "test", Text: fmt.Appendf(nil, `
route: {receiver: hook, group_by: [job], group_wait: 1s, group_interval: 30s, repeat_interval: 10m}
receivers: [{name: hook, webhook_configs: [{url: %q}]}]
`, h.url)}
}

// play runs events and lets the clock go on until a time; it returns what the
// hook took in, with offsets.
func play(t *testing.T, m *notify.Manager, h *timelessHook, begin time.Time, until time.Duration, events ...event) (got []string) {
	for time.Since(begin) < until {
		for _, e := range events {
			if e.at == time.Since(begin) {
				e.do(t, m)
			}
		}
		time.Sleep(s)
		synctest.Wait()
		for _, p := range h.take() {
			got = append(got, fmt.Sprintf("%v %s", time.Since(begin), p))
		}
	}
	return got
}

// told leaves out the offsets.
func told(got []string) (out []string) {
	for _, g := range got {
		_, rest, _ := strings.Cut(g, " ")
		out = append(out, rest)
	}
	return out
}

func TestAReceiverThatFailsForThreeMinutesHearsEverythingOnceInOrder(t *testing.T) {
	h := newTimelessHook(t)
	synctest.Test(t, func(t *testing.T) {
		am, db, stop := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		begin := time.Now()
		h.answer(http.StatusInternalServerError)
		heals := event{3 * m, func(*testing.T, *notify.Manager) { h.answer(http.StatusOK) }}
		got := play(t, am, h, begin, 10*m,
			fires(0, "A job=x"), fires(5*s, "B job=y"), fires(35*s, "C job=x"), resolves(70*s, "B job=y"),
			resolves(100*s, "A job=x"), resolves(130*s, "C job=x"), fires(150*s, "D job=x"), heals)
		var x, y []string
		for _, line := range got {
			at, _ := time.ParseDuration(line[:strings.IndexByte(line, ' ')])
			require.Greater(t, at, 3*m)
			require.Less(t, at, 5*m, "the longest pause between attempts is a minute and a half")
			if strings.Contains(line, "B ") {
				y = append(y, told([]string{line})...)
			} else {
				x = append(x, told([]string{line})...)
			}
		}
		require.Equal(t, []string{
			"hook firing: A firing", "hook firing: A firing, C firing", "hook firing: A resolved, C firing",
			"hook firing: C resolved, D firing",
		}, x)
		require.Equal(t, []string{"hook firing: B firing", "hook resolved: B resolved"}, y)

		// Each attempt has been taken down.
		attempts, err := db.Attempts(t.Context(), state.AttemptFilter{Limit: 1000, Oldest: true})
		require.NoError(t, err)
		require.Equal(t, state.AttemptFailed, attempts[0].Status)
		require.Equal(t, 1, attempts[0].Number)
		require.Contains(t, attempts[0].Error, "unexpected status code 500")
		delivered, err := db.Attempts(t.Context(), state.AttemptFilter{Limit: 1000, Status: state.AttemptDelivered})
		require.NoError(t, err)
		require.Len(t, delivered, len(got))
		require.Greater(t, delivered[len(delivered)-1].Number, 3)
		fp := delivered[0].Alerts[0].Fingerprint
		of, err := db.Attempts(t.Context(), state.AttemptFilter{Limit: 1000, Fingerprint: fp})
		require.NoError(t, err)
		require.NotEmpty(t, of)
		require.Less(t, len(of), len(attempts))
	})
}

func TestARepetitionDoesNotQueueUpBehindWhatWaits(t *testing.T) {
	h := newTimelessHook(t)
	synctest.Test(t, func(t *testing.T) {
		am, db, stop := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		begin := time.Now()
		h.answer(http.StatusServiceUnavailable)
		got := play(t, am, h, begin, 25*m, fires(0, "A job=x"))
		require.Empty(t, got)
		waiting, err := db.Notifications(t.Context(), state.NotificationFilter{State: state.NotificationWaiting, Limit: 10})
		require.NoError(t, err)
		require.Len(t, waiting, 1)
	})
}

func TestWhatIsNotDeliveredInTimeIsGivenUpAndCanBeRetriedOrDiscarded(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		attempts int // at least
		given    time.Duration
	}{
		"failing": {http.StatusBadGateway, 5, 10 * m},
		"refused": {http.StatusNotFound, 3, 2*m + 10*s},
	} {
		t.Run(name, func(t *testing.T) {
			h := newTimelessHook(t)
			synctest.Test(t, func(t *testing.T) {
				config := notify.DefaultConfig()
				config.RetryFor, config.RefusedTries = 9*m, 3
				am, db, stop := startWith(t, t.TempDir(), h.source(), config)
				defer stop()
				synctest.Wait()
				begin := time.Now()
				h.answer(c.status)
				require.Empty(t, play(t, am, h, begin, c.given, fires(0, "A job=x"), fires(0, "B job=y")))
				dead, err := db.Notifications(t.Context(), state.NotificationFilter{State: state.NotificationDead, Limit: 10})
				require.NoError(t, err)
				require.Len(t, dead, 2)
				require.GreaterOrEqual(t, dead[0].Attempts, c.attempts)
				require.Contains(t, dead[0].Error, fmt.Sprint(c.status))

				h.answer(http.StatusOK)
				require.NoError(t, am.Retry(t.Context(), dead[0].ID))
				require.ErrorIs(t, am.Retry(t.Context(), dead[0].ID), fault.ErrNotFound, "it waits already")
				require.NoError(t, db.Discard(t.Context(), dead[1].ID))
				require.ErrorIs(t, db.Discard(t.Context(), dead[1].ID), fault.ErrNotFound)
				require.Len(t, play(t, am, h, begin, c.given+5*s), 1)
				counts, err := db.CountNotifications(t.Context())
				require.NoError(t, err)
				require.Empty(t, counts)
			})
		})
	}
}

func TestAFullQueueLeavesDeliveryToAlertmanager(t *testing.T) {
	h := newTimelessHook(t)
	synctest.Test(t, func(t *testing.T) {
		config := notify.DefaultConfig()
		config.MaxWaiting = 1
		am, _, stop := startWith(t, t.TempDir(), h.source(), config)
		defer stop()
		synctest.Wait()
		begin := time.Now()
		h.answer(http.StatusInternalServerError)
		heals := event{3 * m, func(*testing.T, *notify.Manager) { h.answer(http.StatusOK) }}
		got := told(play(t, am, h, begin, 6*m, fires(0, "A job=x"), fires(5*s, "B job=y"), heals))
		require.ElementsMatch(t, []string{"hook firing: A firing", "hook firing: B firing"}, got)
	})
}

func TestAKilledProcessNeitherLosesNorDoublesWhatItHadToTell(t *testing.T) {
	h := newTimelessHook(t)
	dir, killed := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, dir, h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		h.answer(http.StatusInternalServerError)
		require.Empty(t, play(t, am, h, time.Now(), 2*s, fires(0, "A job=x")))
		copyAsKilled(t, killed, dir)
	})
	// The log and the alerts were not saved yet: only the queue knows.
	for _, name := range []string{"nflog", "alerts.json"} {
		require.NoError(t, os.RemoveAll(filepath.Join(killed, name)))
	}
	h.take()
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, killed, h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		h.answer(http.StatusOK)
		// The rule fires again after a while, or nobody tells of it any more.
		got := told(play(t, am, h, time.Now(), 10*m, fires(20*s, "A job=x"), resolves(2*m, "A job=x")))
		require.Equal(t, []string{"hook firing: A firing", "hook resolved: A resolved"}, got)
	})
}

func TestTheEndOfAnAlertIsToldThatEndedWhileTheProcessWasDead(t *testing.T) {
	h := newTimelessHook(t)
	dir, killed := t.TempDir(), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, dir, h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		require.Equal(t, []string{"hook firing: A firing"}, told(play(t, am, h, time.Now(), 3*s, fires(0, "A job=x"))))
		copyAsKilled(t, killed, dir)
	})
	for _, name := range []string{"nflog", "alerts.json"} {
		require.NoError(t, os.RemoveAll(filepath.Join(killed, name)))
	}
	synctest.Test(t, func(t *testing.T) {
		am, _, stop := startWith(t, killed, h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		require.Equal(t, []string{"hook resolved: A resolved"}, told(play(t, am, h, time.Now(), 10*m)), "after the resolve timeout")
	})
}

// copyAsKilled copies a folder as the disk is at this moment.
func copyAsKilled(t *testing.T, to, from string) {
	t.Helper()
	require.NoError(t, os.CopyFS(to, os.DirFS(from)))
}

func TestWaitingNotificationsOfAReceiverThatIsNoMoreAreGivenUp(t *testing.T) {
	h := newTimelessHook(t)
	synctest.Test(t, func(t *testing.T) {
		am, db, stop := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		h.answer(http.StatusInternalServerError)
		play(t, am, h, time.Now(), 2*s, fires(0, "A job=x"))
		require.NoError(t, am.Reload(t.Context(), notify.Source{}))
		time.Sleep(s)
		synctest.Wait()
		dead, err := db.Notifications(t.Context(), state.NotificationFilter{State: state.NotificationDead, Limit: 10})
		require.NoError(t, err)
		require.Len(t, dead, 1)
		require.Equal(t, "the receiver has no such integration any more", dead[0].Error)
	})
}

func TestAnEndThatNobodyWantsToHearOfAnyMoreWaitsNoLonger(t *testing.T) {
	h := newTimelessHook(t)
	synctest.Test(t, func(t *testing.T) {
		am, db, stop := startWith(t, t.TempDir(), h.source(), notify.DefaultConfig())
		defer stop()
		synctest.Wait()
		begin := time.Now()
		require.Len(t, play(t, am, h, begin, 2*s, fires(0, "A job=x")), 1)
		h.answer(http.StatusInternalServerError)
		require.Empty(t, play(t, am, h, begin, 40*s, resolves(10*s, "A job=x")))
		quiet := h.source()
		quiet.Text = bytes.Replace(quiet.Text, []byte("{url:"), []byte("{send_resolved: false, url:"), 1)
		require.NoError(t, am.Reload(t.Context(), quiet))
		h.answer(http.StatusOK)
		require.Empty(t, play(t, am, h, begin, 5*m))
		counts, err := db.CountNotifications(t.Context())
		require.NoError(t, err)
		require.Empty(t, counts)
	})
}

func TestWebhooksAreSignedAsTheirReceiverOrURLAsks(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("from file\n"), 0o600))
	var mu sync.Mutex
	signed := map[string]string{} // by path: the secret that the signature is of
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		signed[r.URL.Path] = ""
		header := r.Header.Get(notify.SignatureHeader)
		for _, key := range []string{"s1", "s2", "from file"} {
			at, v1, _ := strings.Cut(header, ",")
			mac := hmac.New(sha256.New, []byte(key))
			fmt.Fprintf(mac, "%s.%s", strings.TrimPrefix(at, "t="), body)
			if v1 == "v1="+hex.EncodeToString(mac.Sum(nil)) {
				signed[r.URL.Path] = key
			}
		}
	}))
	defer srv.Close()
	config := notify.DefaultConfig()
	config.Sign = []notify.Signature{
		{Receiver: "hook", Secret: promconfig.Secret("s1")}, {URL: srv.URL + "/b", Secret: promconfig.Secret("s2")}, {Receiver: "file", SecretFile: secret},
	}
	m, _, _ := startWith(t, t.TempDir(), notify.Source{Name: "test", Text: fmt.Appendf(nil, `
route: {receiver: hook, group_wait: 10ms, routes: [{receiver: file, continue: true}, {receiver: plain, continue: true}, {receiver: hook}]}
receivers:
  - {name: hook, webhook_configs: [{url: "%[1]s/a"}, {url: "%[1]s/b"}]}
  - {name: file, webhook_configs: [{url: "%[1]s/c"}]}
  - {name: plain, webhook_configs: [{url: "%[1]s/d"}]}
`, srv.URL)}, config)
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "all are told", func() bool { mu.Lock(); defer mu.Unlock(); return len(signed) == 4 })
	require.Equal(t, map[string]string{"/a": "s1", "/b": "s2", "/c": "from file", "/d": ""}, signed)
}

func TestOneSlowReceiverKeepsNoOtherWaiting(t *testing.T) {
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	h := newHook(t)
	m, _, _ := startWith(t, t.TempDir(), notify.Source{Name: "test", Text: fmt.Appendf(nil, `
route: {receiver: both, group_by: [alertname], group_wait: 10ms}
receivers: [{name: both, webhook_configs: [{url: %q}, {url: %q}]}]
`, slow.URL, h.url)}, notify.DefaultConfig())
	fire(t, m, promodel.LabelSet{"alertname": "A"})
	eventually(t, "the other hears", func() bool { return len(h.payloads()) == 1 })
}

func TestATestNotificationGoesToEveryIntegrationOnce(t *testing.T) {
	h := newHook(t)
	m, db, _ := startWith(t, t.TempDir(), notify.Source{Name: "test", Text: fmt.Appendf(nil, `
route: {receiver: other}
receivers: [{name: other}, {name: hook, webhook_configs: [{url: %q}, {url: "http://127.0.0.1:1/"}]}]
`, h.url)}, notify.DefaultConfig())
	res, err := m.Test(t.Context(), "hook", promodel.LabelSet{"alertname": "Try"}, nil)
	require.NoError(t, err)
	require.Len(t, res, 2)
	require.NoError(t, res[0].Err)
	require.ErrorContains(t, res[1].Err, "connection refused")
	require.Equal(t, []string{"firing"}, h.statuses())
	require.Equal(t, "Try", h.payloads()[0].GroupLabels["alertname"])
	_, err = m.Test(t.Context(), "nobody", nil, nil)
	require.ErrorIs(t, err, fault.ErrNotFound)
	none, err := db.Attempts(context.Background(), state.AttemptFilter{Limit: 1})
	require.NoError(t, err)
	require.Empty(t, none)
}
