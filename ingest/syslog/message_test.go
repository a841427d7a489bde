package syslog

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4/rfc5424"
	"github.com/stretchr/testify/require"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/ingest/logrecord/logrecordtest"
	"github.com/oriel-obs/oriel/model"
)

var (
	now  = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	from = peer{host: "192.0.2.1", ip: "192.0.2.1"}
)

// parsed reads msg and returns the row it becomes, without what every message
// has.
func parsed(t *testing.T, zone *time.Location, msg string) string {
	t.Helper()
	s := logrecordtest.New()
	ps := &parser{zone: zone}
	var rec logrecord.Record
	ps.parse(msg, from, now, &rec)
	b := logrecord.NewSink("syslog", s.Options()).Begin(1, now)
	require.Nil(t, b.Add(&rec))
	require.NoError(t, b.Store(t.Context(), len(msg)))
	row := s.Rows(t)[0]
	for _, always := range []string{`, job="syslog"`, ` peer_ip=192.0.2.1`, ` version=1`} {
		row = strings.Replace(row, always, "", 1)
	}
	return row
}

func TestRFC5424(t *testing.T) {
	tests := []struct{ name, in, want string }{{
		"every field", `<165>1 2026-10-11T22:14:15.003Z host app 123 ID47 [ex@32473 iut="3"] text`,
		`2026-10-11T22:14:15.003Z {app_name="app", facility="local4", hostname="host", severity="notice"} facility_code=20 format=rfc5424 msg_id=ID47 proc_id=123 sd_ex@32473_iut=3 severity_code=5: text`,
	}, {
		"nil fields", `<0>1 - - - - - -`,
		`2026-11-22T10:00:00Z {facility="kern", hostname="192.0.2.1", severity="emerg"} facility_code=0 format=rfc5424 severity_code=0: `,
	}, {
		"an offset, and three elements with escapes and repeated names", `<191>1 2024-02-29T01:00:00+02:00 h a - - [a x="1\]\"\\\n" x="2"][b][c  y="" z="é" ] m  m`,
		`2024-02-28T23:00:00Z {app_name="a", facility="local7", hostname="h", severity="debug"} facility_code=23 format=rfc5424 sd_a_x=1]"\\n, 2 sd_c_z=é severity_code=7: m  m`,
	}, {
		"a byte order mark and a final line feed are not text", "<14>1 - h a p m - \ufefftext\n",
		`2026-11-22T10:00:00Z {app_name="a", facility="user", hostname="h", severity="info"} facility_code=1 format=rfc5424 msg_id=m proc_id=p severity_code=6: text`,
	}, {
		"a bad time is the time of arrival", `<14>1 2026-10-11T22:14:60Z h a - - - text`,
		`2026-11-22T10:00:00Z {app_name="a", facility="user", hostname="h", severity="info"} facility_code=1 format=rfc5424 original_timestamp=2026-10-11T22:14:60Z parse_error=true severity_code=6: text`,
	}, {
		"damaged structured data is text; fields before it stand", `<14>1 - h a p m [x y=1] text`,
		`2026-11-22T10:00:00Z {app_name="a", facility="user", hostname="h", severity="info"} facility_code=1 format=rfc5424 msg_id=m parse_error=true proc_id=p severity_code=6: [x y=1] text`,
	}, {
		"the element before the damaged one stands", `<14>1 - h a p m [x y="1"][x z="2" text`,
		`2026-11-22T10:00:00Z {app_name="a", facility="user", hostname="h", severity="info"} facility_code=1 format=rfc5424 msg_id=m parse_error=true proc_id=p sd_x_y=1 severity_code=6: [x z="2" text`,
	}, {
		"a header that ends early", `<14>1 - h`,
		`2026-11-22T10:00:00Z {facility="user", hostname="192.0.2.1", severity="info"} facility_code=1 format=rfc5424 parse_error=true severity_code=6: h`,
	}, {
		"no structured data at all", `<14>1 2026-10-11T22:14:15Z h a p m text`,
		`2026-10-11T22:14:15Z {app_name="a", facility="user", hostname="h", severity="info"} facility_code=1 format=rfc5424 msg_id=m parse_error=true proc_id=p severity_code=6: text`,
	}, {
		"bytes that are no UTF-8 are replaced", "<14>1 - h a - - - \xff",
		"2026-11-22T10:00:00Z {app_name=\"a\", facility=\"user\", hostname=\"h\", severity=\"info\"} facility_code=1 format=rfc5424 severity_code=6: \uFFFD",
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, parsed(t, time.UTC, tt.in)) })
	}
}

func TestRFC3164(t *testing.T) {
	const auth = `facility="auth", hostname="%", severity="crit"} facility_code=4 format=rfc3164`
	head := func(host string) string { return strings.Replace(auth, "%", host, 1) }
	tests := []struct{ name, in, want string }{
		{"the RFC's own", `<34>Oct 11 22:14:15 mymachine su[230]: message`, `2026-10-11T22:14:15Z {app_name="su", ` + head("mymachine") + ` proc_id=230 severity_code=2: message`},
		{"a day padded by a blank", `<34>Oct  1 22:14:15 mymachine su: message`, `2026-10-01T22:14:15Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"a day padded by zero", `<34>Oct 01 22:14:15 mymachine su: message`, `2026-10-01T22:14:15Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"blanks beyond the first are the message's", `<34>Oct 11 22:14:15 mymachine su:   message`, `2026-10-11T22:14:15Z {app_name="su", ` + head("mymachine") + ` severity_code=2:   message`},
		{"a tag without a colon", `<34>Oct 11 22:14:15 mymachine su 'su root' failed`, `2026-10-11T22:14:15Z {app_name="su", ` + head("mymachine") + ` severity_code=2: 'su root' failed`},
		{"JSON has no tag", `<34>Oct 11 22:14:15 mymachine {"a": 1}`, `2026-10-11T22:14:15Z {` + head("mymachine") + ` severity_code=2: {"a": 1}`},
		{"with a year", `<34>Oct 11 2025 22:14:15 mymachine su: message`, `2025-10-11T22:14:15Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"with a fraction", `<34>Oct 11 22:14:15.123 mymachine su: message`, `2026-10-11T22:14:15.123Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"last year's December", `<34>Dec 31 23:59:59 mymachine su: message`, `2025-12-31T23:59:59Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"a clock that is a little ahead", `<34>Nov 23 09:00:00 mymachine su: message`, `2026-11-23T09:00:00Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"a leap day is of a leap year", `<34>Feb 29 09:00:00 mymachine su: message`, `2024-02-29T09:00:00Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"RFC 3339, as rsyslog and ESXi send it", `<34>2026-10-11T22:14:15.5+02:00 esx Hostd[12]: message`, `2026-10-11T20:14:15.5Z {app_name="Hostd", ` + head("esx") + ` proc_id=12 severity_code=2: message`},
		{"seconds since the epoch", `<34>1767323045.25 mymachine su: message`, `2026-01-02T03:04:05.25Z {app_name="su", ` + head("mymachine") + ` severity_code=2: message`},
		{"no host name, as from old logger", `<34>Oct 11 22:14:15 su: x`, `2026-10-11T22:14:15Z {app_name="su", ` + head("192.0.2.1") + ` severity_code=2: x`},
		{"no host name, with a process", `<34>Oct 11 22:14:15 su[1]: x`, `2026-10-11T22:14:15Z {app_name="su", ` + head("192.0.2.1") + ` proc_id=1 severity_code=2: x`},
		{"an IPv6 host name", `<34>Oct 11 22:14:15 2001:db8:: su: x`, `2026-10-11T22:14:15Z {app_name="su", ` + head("2001:db8::") + ` severity_code=2: x`},
		{"one word", `<34>Oct 11 22:14:15 hello`, `2026-10-11T22:14:15Z {` + head("192.0.2.1") + ` severity_code=2: hello`},
		{"no time", `<34>hello world`, `2026-11-22T10:00:00Z {` + head("192.0.2.1") + ` severity_code=2: hello world`},
		{"a month that is a word", `<34>March on Rome`, `2026-11-22T10:00:00Z {` + head("192.0.2.1") + ` severity_code=2: March on Rome`},
		{"Cisco, with a sequence, a host and a zone", `<34>4521: core1: *Oct 11 22:14:15.123 UTC: %SYS-5-CONFIG_I: text`, `2026-10-11T22:14:15.123Z {` + head("core1") + ` severity_code=2: %SYS-5-CONFIG_I: text`},
		{"Cisco, with a sequence", `<34>4521: Oct 11 22:14:15: %SYS-5-CONFIG_I: text`, `2026-10-11T22:14:15Z {` + head("192.0.2.1") + ` severity_code=2: %SYS-5-CONFIG_I: text`},
		{"Cisco ASA", `<34>Oct 11 2026 22:14:15: %ASA-6-302013: Built`, `2026-10-11T22:14:15Z {` + head("192.0.2.1") + ` severity_code=2: %ASA-6-302013: Built`},
		{"leading zeros of the priority", `<034>hello`, `2026-11-22T10:00:00Z {` + head("192.0.2.1") + ` severity_code=2: hello`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, parsed(t, time.UTC, tt.in)) })
	}
}

func TestWhatIsNoSyslogIsARecordToo(t *testing.T) {
	const raw = `2026-11-22T10:00:00Z {facility="user", hostname="192.0.2.1", severity="notice"} facility_code=1 format=raw severity_code=5: `
	for _, in := range []string{"plain text", "<192>too great", "<>none", "<x>no number", "<1", "2026-01-01 text", "<9999>x"} {
		require.Equal(t, raw+in, parsed(t, time.UTC, in+"\x00\n"))
	}
}

func TestTheZoneOfTheListenerIsThatOfTimesWithoutOne(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	require.Contains(t, parsed(t, berlin, `<34>Jul 11 22:14:15 h su: x`), "2026-07-11T20:14:15Z ")
	require.Contains(t, parsed(t, berlin, `<34>Jan 11 22:14:15 h su: x`), "2026-01-11T21:14:15Z ")
	require.Contains(t, parsed(t, berlin, `<34>2026-07-11T22:14:15Z h su: x`), "2026-07-11T22:14:15Z ")
}

func TestATimeOutsideTheLimitsIsKeptAside(t *testing.T) {
	ps := &parser{zone: time.UTC, limits: ingest.DefaultLimits()}
	var rec logrecord.Record
	for _, stamp := range []string{"2001-01-01T00:00:00Z", "2026-11-22T11:00:00Z", "9999-01-01T00:00:00Z"} {
		ps.parse("<34>1 "+stamp+" h a - - - x", from, now, &rec)
		require.Zero(t, rec.Time)
		require.Contains(t, rec.Attrs[len(rec.Attrs)-1].Value.Str(), stamp[:10])
	}
}

func TestSeverityIsTheLevel(t *testing.T) {
	ps := &parser{zone: time.UTC}
	var got []string
	var rec logrecord.Record
	for _, pri := range "01234567" {
		ps.parse("<"+string(pri)+">an error", from, now, &rec)
		got = append(got, rec.Level)
	}
	require.Equal(t, []string{"fatal", "fatal", "critical", "error", "warn", "info", "info", "debug"}, got)
}

// FuzzParse checks that every message is a record and, against another
// implementation, that what is valid RFC 5424 is read in full.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		`<165>1 2026-10-11T22:14:15.003Z host app 123 ID47 [ex@32473 iut="3"] text`, `<34>Oct 11 22:14:15 mymachine su[230]: message`,
		`<34>4521: core1: *Oct 11 22:14:15.123 UTC: %SYS-5-CONFIG_I: text`, `<13>1 - - - - - [a b="\]\""][c] x`, "<1>", "", "x", `<34>1767323045 a b`,
		`<34>Feb 29 2023 22:14:15 h t: m`, "<14>1 - h a p m - \ufefftext",
	} {
		f.Add(s)
	}
	other := rfc5424.NewParser()
	f.Fuzz(func(t *testing.T, msg string) {
		ps := &parser{zone: time.UTC}
		var rec logrecord.Record
		ps.parse(msg, from, now, &rec)
		s := logrecordtest.New()
		b := logrecord.NewSink("syslog", s.Options()).Begin(1, now)
		if refusal := b.Add(&rec); refusal != nil {
			return // a limit
		}
		want, err := other.Parse([]byte(msg))
		if err != nil || strings.ContainsAny(msg[len(msg)-1:], "\r\n\x00") {
			return
		}
		m := want.(*rfc5424.SyslogMessage)
		labels := map[string]string{}
		for _, a := range append(rec.Labels, rec.Attrs...) {
			labels[a.Key] = a.Value.Text()
		}
		for _, p := range []struct {
			key  string
			want *string
		}{{"app_name", m.Appname}, {"proc_id", m.ProcID}, {"msg_id", m.MsgID}, {"facility_code", nil}} {
			if p.want != nil && labels[p.key] != *p.want {
				t.Fatalf("%s is %q, want %q", p.key, labels[p.key], *p.want)
			}
		}
		if m.Hostname != nil && labels["hostname"] != *m.Hostname {
			t.Fatalf("hostname is %q, want %q", labels["hostname"], *m.Hostname)
		}
		if m.Timestamp != nil && m.Timestamp.Year() > 1678 && m.Timestamp.Year() < 2262 && rec.Time != m.Timestamp.UnixNano() {
			t.Fatalf("time is %v, want %v", rec.Time, m.Timestamp.UnixNano())
		}
		if m.Message != nil && rec.Body != strings.TrimPrefix(*m.Message, "\ufeff") {
			t.Fatalf("message is %q, want %q", rec.Body, *m.Message)
		}
		if labels["parse_error"] != "" {
			t.Fatalf("valid, yet %v", rec)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	const msg = `<165>1 2026-10-11T22:14:15.003Z host app 123 ID47 - level=info ts=2026-01-01T00:00:00Z caller=server.go:123 msg="request served" method=GET path=/api/v1/orders status=200 duration=12.3ms`
	ps := &parser{zone: time.UTC}
	var rec logrecord.Record
	b.SetBytes(int64(len(msg)))
	b.ReportAllocs()
	for b.Loop() {
		ps.parse(msg, from, now, &rec)
	}
}

// discard is a store that keeps nothing.
type discard struct{}

func (discard) Append(context.Context, *model.Batch) error { return nil }

// BenchmarkStream is what a connection costs: framing, parsing, rows.
func BenchmarkStream(b *testing.B) {
	const n = 5000
	msg := `<165>1 2026-10-11T22:14:15.003Z host app 123 ID47 - level=info ts=2026-01-01T00:00:00Z caller=server.go:123 msg="request served" method=GET path=/api/v1/orders status=200 duration=12.3ms`
	stream := strings.Repeat(fmt.Sprintf("%d %s", len(msg), msg), n)
	sink := logrecord.NewSink("syslog", logrecord.Options{Events: discard{}, Config: logrecord.DefaultConfig()})
	b.SetBytes(int64(len(stream)))
	b.ReportAllocs()
	for b.Loop() {
		f, err := newFrameReader(strings.NewReader(stream), 1<<20, nil)
		require.NoError(b, err)
		ps := &parser{zone: time.UTC}
		rows := sink.Begin(n, now)
		var rec logrecord.Record
		for {
			frame, err := f.next()
			if err != nil {
				break
			}
			ps.parse(string(frame), from, now, &rec)
			rows.Add(&rec)
		}
		require.NoError(b, rows.Store(b.Context(), len(stream)))
	}
}
