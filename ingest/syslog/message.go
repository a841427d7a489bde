package syslog

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/logrecord"
	"github.com/oriel-obs/oriel/model"
)

// A parser reads messages into records. It is for one goroutine.
type parser struct {
	limits ingest.Limits
	zone   *time.Location
	labels []model.Attr // of every record

	names map[string]string // attribute names of structured data, by id and name
	key   []byte
}

// A peer is who sent a message.
type peer struct {
	host string // for messages that name none
	ip   string // "" on Unix sockets
	cn   string // of the client's certificate
}

// noPriority stands for a message without one: user.notice, by RFC 3164
// section 4.3.3.
const noPriority = 13

var facilities = [...]string{
	"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "security", "console", "solaris-cron", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
}

var severities = [...]struct{ name, level string }{
	{"emerg", ingest.LevelFatal},
	{"alert", ingest.LevelFatal},
	{"crit", ingest.LevelCritical},
	{"err", ingest.LevelError},
	{"warning", ingest.LevelWarn},
	{"notice", ingest.LevelInfo},
	{"info", ingest.LevelInfo},
	{"debug", ingest.LevelDebug},
}

// A header is what stands before the message proper.
type header struct {
	pri    int
	format string // rfc5424, rfc3164 or raw
	time   time.Time
	host   string
	app    string
	procID string
	msgID  string
	broken bool // and the rest of it is part of the message
}

// parse reads msg, which came from p at now, into rec. It always succeeds. rec
// refers to msg.
func (ps *parser) parse(msg string, p peer, now time.Time, rec *logrecord.Record) {
	rec.Reset()
	msg = strings.TrimRight(msg, "\r\n\x00")
	h := header{pri: noPriority, format: "raw"}
	if pri, rest, ok := cutPriority(msg); ok {
		h.pri = pri
		if version, after, ok := cutVersion(rest); ok {
			h.format = "rfc5424"
			rec.Attr("version", version)
			msg = ps.parse5424(after, &h, rec)
		} else {
			h.format = "rfc3164"
			msg = ps.parse3164(rest, now, &h)
		}
	}
	if h.host == "" {
		h.host = p.host
	}
	severity := severities[h.pri%8]
	rec.Body, rec.Level = msg, severity.level
	rec.Label("job", "syslog")
	rec.Label("hostname", h.host)
	rec.Label("app_name", h.app)
	rec.Label("facility", facilities[h.pri/8])
	rec.Label("severity", severity.name)
	rec.Labels = append(rec.Labels, ps.labels...)
	rec.Attr("proc_id", h.procID)
	rec.Attr("msg_id", h.msgID)
	rec.Attrs = append(
		rec.Attrs,
		model.Attr{Key: "facility_code", Value: model.Int(int64(h.pri / 8))},
		model.Attr{Key: "severity_code", Value: model.Int(int64(h.pri % 8))},
		model.Attr{Key: "format", Value: model.String(h.format)},
	)
	rec.Attr("peer_ip", p.ip)
	rec.Attr("tls_cn", p.cn)
	if h.broken {
		rec.Attr("parse_error", "true")
	}
	if !h.time.IsZero() {
		if year := h.time.Year(); year > 1678 && year < 2262 && ps.limits.CheckTime(h.time.UnixNano(), now) == "" {
			rec.Time = h.time.UnixNano()
		} else {
			rec.Attr("original_timestamp", h.time.UTC().Format(time.RFC3339Nano))
		}
	}
}

// cutPriority takes `<PRI>` off s. A number beyond 191 is no priority.
func cutPriority(s string) (pri int, rest string, ok bool) {
	end := strings.IndexByte(s[:min(len(s), 6)], '>')
	if end < 2 || s[0] != '<' {
		return 0, s, false
	}
	for _, c := range []byte(s[1:end]) {
		if !isDigit(c) {
			return 0, s, false
		}
		pri = pri*10 + int(c-'0')
	}
	return pri, s[end+1:], pri < len(facilities)*8
}

// cutVersion takes RFC 5424's version and the blank after it off s.
func cutVersion(s string) (version, rest string, ok bool) {
	for i := range min(len(s), 4) {
		switch {
		case s[i] == ' ' && i > 0:
			return s[:i], s[i+1:], true
		case !isDigit(s[i]) || i == 0 && s[i] == '0':
			return "", s, false
		}
	}
	return "", s, false
}

// parse5424 reads what follows the version, and returns the message proper.
func (ps *parser) parse5424(s string, h *header, rec *logrecord.Record) string {
	var fields [5]string // TIMESTAMP HOSTNAME APP-NAME PROCID MSGID
	for i := range fields {
		word, rest, ok := strings.Cut(s, " ")
		if ok && i == 0 && word != "-" {
			t, err := time.Parse(time.RFC3339Nano, word)
			switch {
			case err == nil:
				h.time = t
			case word != "" && isDigit(word[0]): // the rest may be fine
				h.broken = true
				rec.Attr("original_timestamp", word)
			default:
				ok = false
			}
		}
		if !ok || word == "" {
			h.broken = true
			break
		}
		if word != "-" {
			fields[i] = word
		}
		s = rest
	}
	h.host, h.app, h.procID, h.msgID = fields[1], fields[2], fields[3], fields[4]
	start := len(rec.Attrs)
	rest, ok := strings.CutPrefix(s, "-")
	for !ok && strings.HasPrefix(s, "[") {
		if rest, ok = ps.element(s, start, rec); !ok {
			break
		}
		if ok = !strings.HasPrefix(rest, "["); !ok {
			s = rest
		}
	}
	if !ok || rest != "" && rest[0] != ' ' {
		h.broken = true
		return s
	}
	return strings.TrimPrefix(strings.TrimPrefix(rest, " "), "\ufeff")
}

// element reads one [id name="value" …] off s. Its parameters are attributes
// of rec; those of the same name after start, in this message, are joined.
func (ps *parser) element(s string, start int, rec *logrecord.Record) (rest string, ok bool) {
	end := strings.IndexAny(s, " ]")
	if end < 2 {
		return s, false
	}
	id, s := s[1:end], s[end:]
	kept := len(rec.Attrs)
	for {
		if s != "" && s[0] == ']' {
			return s[1:], true
		}
		s = strings.TrimLeft(s, " ")
		name, after, found := strings.Cut(s, `="`)
		if !found || name == "" || strings.ContainsAny(name, ` "]`) {
			if strings.HasPrefix(s, "]") {
				continue // blanks before the end
			}
			rec.Attrs = rec.Attrs[:kept] // the element is part of the message
			return s, false
		}
		value, after, found := cutValue(after)
		if !found {
			rec.Attrs = rec.Attrs[:kept]
			return s, false
		}
		s = after
		ps.param(id, name, value, start, rec)
	}
}

// cutValue takes a parameter's value and the quote after it off s.
func cutValue(s string) (value, rest string, ok bool) {
	escaped := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			value, rest = s[:i], s[i+1:]
			if escaped {
				value = unescape.Replace(value)
			}
			return value, rest, true
		case '\\':
			if i+1 < len(s) && strings.IndexByte(`"\]`, s[i+1]) >= 0 {
				escaped = true
				i++
			}
		}
	}
	return "", s, false
}

// param adds one parameter of structured data.
func (ps *parser) param(id, name, value string, start int, rec *logrecord.Record) {
	if value == "" {
		return
	}
	ps.key = append(append(append(ps.key[:0], "sd_"...), id...), '_')
	ps.key = append(ps.key, name...)
	key, ok := ps.names[string(ps.key)]
	if !ok {
		key = string(ps.key)
		const maxNames = 4096
		if ps.names == nil || len(ps.names) >= maxNames {
			ps.names = map[string]string{}
		}
		ps.names[key] = key
	}
	for i, a := range rec.Attrs[start:] {
		if a.Key == key {
			rec.Attrs[start+i].Value = model.String(a.Value.Str() + ", " + value)
			return
		}
	}
	rec.Attr(key, value)
}

// parse3164 reads what follows the priority, and returns the message proper.
func (ps *parser) parse3164(s string, now time.Time, h *header) string {
	t, rest, ok := ps.cutTime(s, now)
	ciscoHost := ""
	if !ok {
		t, rest, ciscoHost, ok = ps.cutCisco(s, now)
	}
	if !ok {
		return s
	}
	h.time = t
	if after, ok := cutCiscoZone(rest); ok {
		h.host = ciscoHost
		return after
	}
	rest = strings.TrimPrefix(rest, " ")
	word, after, more := strings.Cut(rest, " ")
	if !more {
		return rest // a time and one word: the word is the message
	}
	if !isTag(word) {
		h.host, rest = word, after
	}
	h.app, h.procID, rest = cutTag(rest)
	return rest
}

// isTag reports whether a word after the time is the tag, so that the host name
// is missing. An IPv6 address ends with a colon too.
func isTag(word string) bool {
	if strings.HasSuffix(word, ":") || strings.Contains(word, "[") {
		_, err := netip.ParseAddr(word)
		return err != nil
	}
	return false
}

// maxTagBytes is the longest word taken for a program's name: twice what RFC
// 3164 has, and RFC 5424's limit of APP-NAME.
const maxTagBytes = 48

// cutTag takes `name[pid]: ` off s, of which the brackets and the colon may be
// missing.
func cutTag(s string) (app, procID, rest string) {
	end := strings.IndexAny(s, "[: ")
	if end <= 0 || end > maxTagBytes || strings.ContainsAny(s[:end], "\"'{}<>=,;") {
		return "", "", s
	}
	app, rest = s[:end], s[end:]
	if rest[0] == '[' {
		if pid, after, ok := strings.Cut(rest[1:], "]"); ok && !strings.Contains(pid, " ") {
			procID, rest = pid, after
		} else {
			return "", "", s
		}
	}
	rest = strings.TrimPrefix(rest, ":")
	return app, procID, strings.TrimPrefix(rest, " ")
}

var unescape = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\]`, `]`)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// atoi reads s, which is nothing but digits.
func atoi(s string) (int, bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}
