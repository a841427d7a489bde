package journald_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/oriel-obs/oriel/ingest/journald"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func post(o logrecord.Options, body io.Reader) *httptest.ResponseRecorder {
	r := chi.NewRouter()
	journald.New(o, nil).Mount(r)
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/upload", body)
	req.Header.Set("Content-Type", "application/vnd.fdo.journal")
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w
}

// binary is a field whose value may hold line feeds.
func binary64(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

// The first two entries are those of the format's specification, shortened.
var export = `__CURSOR=s=739ad463348b4ceca5a9e69c95a3c93f;i=4ece7
__REALTIME_TIMESTAMP=1342540861416409
__MONOTONIC_TIMESTAMP=12345
_BOOT_ID=e0b1
PRIORITY=6
_UID=0
SYSLOG_IDENTIFIER=/USR/SBIN/CRON
_HOSTNAME=epsilon
MESSAGE=(root) CMD (run-parts --report /etc/cron.hourly)

__REALTIME_TIMESTAMP=1342540861421465
_SYSTEMD_UNIT=gdm.service
PRIORITY=3
TAG=a
TAG=b
` + binary64("MESSAGE", "two\n\nlines=x") + "\n\n" + "__REALTIME_TIMESTAMP=1342540861421466\nMESSAGE=the end has no blank line\n"

func TestExportedEntries(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Config.DiscoverLevel = true
	w := post(o, strings.NewReader(export))
	require.Equal(t, http.StatusAccepted, w.Code, w.Body)
	require.Equal(t, "OK.\n", w.Body.String())
	require.Equal(t, []string{
		`2012-07-17T16:01:01.416409Z {app_name="/USR/SBIN/CRON", hostname="epsilon", job="systemd-journal"} PRIORITY=6 _BOOT_ID=e0b1 _UID=0 detected_level=info: (root) CMD (run-parts --report /etc/cron.hourly)`,
		`2012-07-17T16:01:01.421465Z {job="systemd-journal", unit="gdm.service"} PRIORITY=3 TAG=a, b detected_level=error: two` + "\n\nlines=x",
		`2012-07-17T16:01:01.421466Z {job="systemd-journal"} detected_level=unknown: the end has no blank line`,
	}, s.Rows(t))
	require.Empty(t, s.Refused())
}

func TestEntriesAreStoredWhileTheUploadGoesOn(t *testing.T) {
	s := logrecordtest.New()
	body, sender := io.Pipe()
	answered := make(chan *httptest.ResponseRecorder)
	go func() { answered <- post(s.Options(), body) }()
	for i := range 3 {
		_, err := fmt.Fprintf(sender, "MESSAGE=%d\n\n", i)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return len(s.Rows(t)) == i+1 }, 10*time.Second, time.Millisecond)
	}
	require.NoError(t, sender.Close())
	require.Equal(t, http.StatusAccepted, (<-answered).Code)
}

func TestAnUploadThatGoesOnEndsWithTheServer(t *testing.T) {
	s := logrecordtest.New()
	stopping := make(chan struct{})
	r := chi.NewRouter()
	journald.New(s.Options(), stopping).Mount(r)
	srv := httptest.NewServer(r)
	defer srv.Close()
	body, sender := io.Pipe()
	answered := make(chan error, 1)
	go func() {
		resp, err := http.Post(srv.URL+"/upload", journald.MediaType, body)
		if err == nil {
			err = fmt.Errorf("%s", resp.Status)
			_ = resp.Body.Close()
		}
		answered <- err
	}()
	_, err := io.WriteString(sender, "MESSAGE=one\n\nMESSAGE=tw")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(s.Rows(t)) == 1 }, 10*time.Second, time.Millisecond)
	close(stopping)
	require.Error(t, <-answered)
	require.NoError(t, sender.Close())
	http.DefaultClient.CloseIdleConnections()
	require.Len(t, s.Rows(t), 1)
	require.Empty(t, s.Refused())
}

func TestAFieldOverTheLimitIsLeftOut(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Limits.MaxLineBytes, o.Limits.MaxAttrBytes = 1000, 1000
	big := strings.Repeat("x", 100_000)
	w := post(o, strings.NewReader("MESSAGE=one\n"+binary64("COREDUMP", big)+"TEXT="+big+"\nA=b\n\nMESSAGE=two\n"))
	require.Equal(t, http.StatusAccepted, w.Code)
	rows := s.Rows(t)
	require.Len(t, rows, 2)
	require.Contains(t, rows[0], `} A=b: one`)
	require.Equal(t, map[string]int64{"too_large": 2}, s.Refused())
}

func TestWhatIsNoJournalIsRefused(t *testing.T) {
	for body, want := range map[string]string{
		"MESSAGE=one\n\n=x\n":    "a field has no name",
		"MESSAGE=one\n\nMESSAGE": "breaks off inside a field",
		"MESSAGE=one\n\nMESSAGE\n\x05\x00\x00\x00\x00\x00\x00\x00ab":     "breaks off inside a field",
		"MESSAGE=one\n\nMESSAGE\n\x01\x00\x00\x00\x00\x00\x00\x00abc\n":  `field "MESSAGE" does not end with its length`,
		"MESSAGE=one\n\nhello there\nwhat is this, this is no journal\n": "not the journal's export format",
	} {
		s := logrecordtest.New()
		w := post(s.Options(), strings.NewReader(body))
		require.Equal(t, http.StatusBadRequest, w.Code, body)
		require.Contains(t, w.Body.String(), want)
		require.Len(t, s.Rows(t), 1, "what came before is stored")
		require.Equal(t, map[string]int64{"malformed": 1}, s.Refused())
	}
}

func TestAnotherMediaTypeIsNotTaken(t *testing.T) {
	s := logrecordtest.New()
	r := chi.NewRouter()
	journald.New(s.Options(), nil).Mount(r)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/upload", strings.NewReader("x")))
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, map[string]int64{"unsupported_type": 1}, s.Refused())
}

type failing struct{}

func (failing) Append(context.Context, *model.Batch) error { return storage.ErrReadOnly }

func TestAFailingStoreIsAnError(t *testing.T) {
	s := logrecordtest.New()
	o := s.Options()
	o.Events = failing{}
	require.Equal(t, http.StatusServiceUnavailable, post(o, strings.NewReader(export)).Code)
	require.Positive(t, s.Refused()["storage"], "it stops reading some time after the failure")
}

func FuzzUpload(f *testing.F) {
	f.Add([]byte(export))
	f.Add([]byte("MESSAGE\n\x05\x00\x00\x00\x00\x00\x00\x00ab"))
	f.Add([]byte("A=\n\n\n=\n"))
	f.Add([]byte("PRIORITY=9\nPRIORITY=3\n__REALTIME_TIMESTAMP=-1\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := logrecordtest.New()
		switch w := post(s.Options(), strings.NewReader(string(body))); w.Code {
		case http.StatusAccepted:
		case http.StatusBadRequest:
			if s.Refused()["malformed"] == 0 {
				t.Fatalf("%s is not counted", w.Body)
			}
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
