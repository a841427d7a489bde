package ingest

import (
	"strings"

	"github.com/oriel-obs/oriel/model"
)

// LevelAttr is the log attribute that holds what Level returns.
const LevelAttr = "detected_level"

// The levels Level normalises to.
const (
	LevelTrace    = "trace"
	LevelDebug    = "debug"
	LevelInfo     = "info"
	LevelWarn     = "warn"
	LevelError    = "error"
	LevelFatal    = "fatal"
	LevelCritical = "critical"
	LevelUnknown  = "unknown"
)

// Level derives the level of a log record, to be kept as its LevelAttr when
// the sender gave none. Sources, the first that tells wins: a stream label,
// then an attribute, that IsLevelName; the OpenTelemetry severity number (0
// when unknown); a field of a JSON body, two objects deep, or of a logfmt
// body; the first word of the body that is a level. A label or attribute whose
// value is no known level is returned as it is, unless there is a severity
// number. Neither list need be sorted. It allocates nothing.
func Level(labels, attrs []model.Attr, severity int, body string) string {
	v := namedLevel(labels)
	if v == "" {
		v = namedLevel(attrs)
	}
	if l := normalLevel(v); l != "" {
		return l
	}
	if l := severityLevel(severity); l != "" {
		return l
	}
	if v != "" {
		return v
	}
	var l string
	if text := strings.TrimLeft(body, " \t\r\n"); strings.HasPrefix(text, "{") {
		l = jsonLevel(text)
	} else {
		l = logfmtLevel(body)
	}
	if l == "" {
		l = wordLevel(body)
	}
	if l == "" {
		l = LevelUnknown
	}
	return l
}

// namedLevel returns the value of the first attribute that holds a level.
func namedLevel(attrs []model.Attr) string {
	for _, a := range attrs {
		if IsLevelName(a.Key) {
			if v := a.Value.Text(); v != "" {
				return v
			}
		}
	}
	return ""
}

// IsLevelName reports whether an attribute or field of this name holds a
// level. The list is case-sensitive, after Loki's log_level_fields.
func IsLevelName(name string) bool {
	switch name {
	case "level", "LEVEL", "Level", "log.level", "log_level",
		"severity", "SEVERITY", "Severity", "SeverityText", "severity_text", "Severity_Text", "SEVERITY_TEXT",
		"lvl", "LVL", "Lvl":
		return true
	}
	return false
}

// severityLevel maps OpenTelemetry's SeverityNumber.
// https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
func severityLevel(n int) string {
	switch {
	case n < 1 || n > 24:
		return ""
	case n <= 4:
		return LevelTrace
	case n <= 8:
		return LevelDebug
	case n <= 12:
		return LevelInfo
	case n <= 16:
		return LevelWarn
	case n <= 20:
		return LevelError
	}
	return LevelFatal
}

// levelWords spell the levels, in lower case.
var levelWords = [...]struct{ word, level string }{
	{"info", LevelInfo},
	{"error", LevelError},
	{"warn", LevelWarn},
	{"debug", LevelDebug},
	{"trace", LevelTrace},
	{"fatal", LevelFatal},
	{"critical", LevelCritical},
	{"warning", LevelWarn},
	{"err", LevelError},
	{"inf", LevelInfo},
	{"wrn", LevelWarn},
	{"dbg", LevelDebug},
	{"trc", LevelTrace},
	{"information", LevelInfo},
	{"informational", LevelInfo},
	{"notice", LevelInfo},
	{"crit", LevelCritical},
	{"emerg", LevelFatal},
	{"panic", LevelFatal},
}

const maxLevelWord = len("informational")

// levelInitials tells with which bytes levelWords start, in any case.
var levelInitials = func() (t [256]bool) {
	for _, w := range levelWords {
		t[w.word[0]], t[w.word[0]-'a'+'A'] = true, true
	}
	return t
}()

// normalLevel returns the level s spells in any case, or "".
func normalLevel(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 3 || len(s) > maxLevelWord || !levelInitials[s[0]] {
		return ""
	}
	for _, w := range levelWords {
		if len(w.word) == len(s) && strings.EqualFold(w.word, s) {
			return w.level
		}
	}
	return ""
}
