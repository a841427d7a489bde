package fluentforward

import (
	"net"
	"testing"
	"time"

	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
)

func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		"\x93\xa3app\x01\x81\xa3log\xa3one", "\x92\xa3app\x92\x92\x01\x81\xa3log\xa3one\x92\xd7\x00\x00\x00\x00\x01\x00\x00\x00\x05\x80",
		"\x93\xa3app\xc4\x0c\x92\x01\x81\xa1a\x93\x01\xc0\x81\xa1b\x02\x81\xa5chunk\xa2c1", "\x92\xa3app\x91\x92\x92\x01\x80\x81\xa1a\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00", "\xc0",
	} {
		f.Add([]byte(s))
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	_ = l.Close()
	f.Fuzz(func(t *testing.T, b []byte) {
		s := logrecordtest.New()
		srv := New(l, DefaultConfig(), s.Options())
		const limit = 1 << 16
		m, err := parseMessage(b, limit)
		if err != nil || m == nil {
			return
		}
		if len(m.entries) > limit && len(m.entries) > len(b) {
			t.Fatalf("%d bytes out of %d", len(m.entries), len(b))
		}
		for more := true; more; {
			rows := logrecord.NewSink("fluent", s.Options()).Begin(1, time.Now())
			more, err = srv.entries(m, rows)
			more = more && err == nil
			if err := rows.Store(t.Context(), len(b)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
