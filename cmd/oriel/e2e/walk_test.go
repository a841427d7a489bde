//go:build e2e

package e2e

import (
	"fmt"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The demo's incident makes a rule fire, the webhook hears of it, and of its
// end; meanwhile a person walks through the page. It takes the longest by far, so
// it is to begin first: of tests side by side, go test takes the last file's.
func TestDemoShopAndTheJourneyThroughThePage(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	notes := make(chan string, 100)
	hook := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		notes <- string(body)
	})}
	go hook.Serve(l)
	t.Cleanup(func() { hook.Close() })

	config := filepath.Join(t.TempDir(), "oriel.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
alertmanager:
  route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 5s}
  receivers: [{name: hook, webhook_configs: [{url: "http://%s/"}]}]
`, l.Addr()), 0o644))
	// One incident in 150 s, 60 s long: the rule's 1m rate and 20 s of "for" fit
	// in, it fires for as long as the journey through it takes, and it is over
	// before the next.
	o := startOriel(t, "demo", false, "--config", config, "--rate", "20", "--incident", "150s")

	await(t, func() error {
		var services struct{ Data []string }
		if err := getJSON(o.url+"/jaeger/api/services", nil, &services); err != nil {
			return err
		}
		for _, s := range []string{"cart", "catalogue", "checkout", "inventory", "mailer", "payment", "shipping", "storefront"} {
			if !strings.Contains(strings.Join(services.Data, " "), s) {
				return fmt.Errorf("no spans of %s yet, only of %v", s, services.Data)
			}
		}
		return nil
	})
	// A rate needs two samples of Oriel's own counters.
	await(t, func() error {
		_, err := value(o.url, `count(rate(oriel_ingest_rows_total[1m]) > 0) > 0`)
		return err
	})
	empty, first := startOriel(t, "serve", false), startOriel(t, "serve", false)
	var walking sync.WaitGroup // beside those who look: all of them wait most of the time
	walking.Go(func() {
		journey(t, "journey", "ORIEL_URL="+o.url)
		journey(t, "dashboards", "ORIEL_URL="+o.url)
		journey(t, "shell", "ORIEL_URL="+o.url, "ORIEL_EMPTY_URL="+first.url)
	})
	journey(t, "incident", "ORIEL_URL="+o.url)
	journey(t, "access", "ORIEL_URL="+o.url, "ORIEL_EMPTY_URL="+empty.url)
	walking.Wait()

	waitNote := func(texts ...string) (note string) {
		t.Helper()
		var seen []string
		awaitFor(t, 3*time.Minute, func() error {
			for {
				select {
				case n := <-notes:
					seen = append(seen, n)
					if containsAll(n, texts) {
						note = n
						return nil
					}
				default:
					return fmt.Errorf("no note with %q among %d: %s", texts, len(seen), strings.Join(seen, "\n"))
				}
			}
		})
		return note
	}
	note := waitNote(`"version":"4"`, `"status":"firing"`, `"alertname":"HighErrorRatio"`)
	// What is told says by itself which service fails, in which span, and what
	// its log says, and shows it.
	require.Contains(t, note, `"service":"payment","name":"POST /charge","message":"java.net.SocketTimeoutException: bank gateway did not answer within 2s"`)
	require.Contains(t, note, `"level":"error","service":"payment","line":"{\"msg\":\"request failed: bank gateway did not answer within 2s\"`)
	link := strings.ReplaceAll(regexp.MustCompile(`http://[^"]*\.png[^"]*`).FindString(note), `\u0026`, "&")
	picture, err := http.Get(link)
	require.NoError(t, err, note)
	defer picture.Body.Close()
	_, err = png.Decode(picture.Body)
	require.NoError(t, err)
	var errors struct{ Traces []struct{ TraceID string } }
	require.NoError(t, getJSON(o.url+"/tempo/api/search", url.Values{"q": {`{ status = error }`}}, &errors))
	require.NotEmpty(t, errors.Traces, "the incident has left failed traces")
	waitNote(`"status":"resolved"`)
}

func containsAll(s string, texts []string) bool {
	for _, text := range texts {
		if !strings.Contains(s, text) {
			return false
		}
	}
	return true
}
