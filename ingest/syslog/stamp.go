package syslog

import (
	"strings"
	"time"

	"github.com/oriel-obs/oriel/ingest/logrecord"
)

var months = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// cutTime takes a time stamp off s, as RFC 3164 has it or as devices send it
// instead: with a year or a fraction, RFC 3339, or seconds since the Unix
// epoch.
func (ps *parser) cutTime(s string, now time.Time) (t time.Time, rest string, ok bool) {
	s = strings.TrimLeft(s, " *.") // Cisco marks a clock that is not in step
	if s == "" {
		return t, s, false
	}
	if isDigit(s[0]) {
		word, rest := cutWord(s)
		word = strings.TrimSuffix(word, ":")
		if t, err := time.Parse(time.RFC3339Nano, word); err == nil {
			return t, rest, true
		}
		if whole, _, _ := strings.Cut(word, "."); len(whole) == 10 {
			if ns, ok := logrecord.ParseTime(word); ok {
				return time.Unix(0, ns), rest, true
			}
		}
		return t, s, false
	}
	return ps.cutDate(s, now)
}

// cutDate takes `Mmm dd [yyyy] hh:mm:ss[.fraction]` off s.
func (ps *parser) cutDate(s string, now time.Time) (t time.Time, rest string, ok bool) {
	month := time.Month(0)
	for i, m := range months {
		if strings.HasPrefix(s, m) {
			month = time.Month(i + 1)
		}
	}
	if month == 0 || len(s) < len("Jan 2 03:04:05") || s[3] != ' ' {
		return t, s, false
	}
	word, rest := cutWord(s[4:])
	day, ok := atoi(word)
	if !ok || day < 1 || day > 31 {
		return t, s, false
	}
	word, rest = cutWord(rest)
	year := 0
	if len(word) == 4 {
		if year, ok = atoi(word); !ok {
			return t, s, false
		}
		word, rest = cutWord(rest)
	}
	clock := strings.TrimSuffix(word, ":")
	if len(clock) < len(word) {
		rest = s[len(s)-len(rest)-1:] // the colon tells Cisco's form
	}
	of, err := time.Parse("15:04:05", clock) // takes a fraction too
	if err != nil {
		return t, s, false
	}
	at := func(year int) time.Time {
		return time.Date(year, month, day, of.Hour(), of.Minute(), of.Second(), of.Nanosecond(), ps.zone)
	}
	if year != 0 {
		return at(year), rest, true
	}
	// Without a year it is this one, unless that would be the future: a message
	// of the last of December may arrive in January. A 29th of February is of
	// the newest year that has one.
	year = now.In(ps.zone).Year() + 1
	for range 9 { // there may be eight years between leap years
		if t = at(year); t.Day() == day && t.Before(now.Add(24*time.Hour)) {
			return t, rest, true
		}
		year--
	}
	return t, s, false
}

// cutWord takes blanks and the word after them off s.
func cutWord(s string) (word, rest string) {
	s = strings.TrimLeft(s, " ")
	if i := strings.IndexByte(s, ' '); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// cutCisco takes `sequence: [host: ]time` off s.
func (ps *parser) cutCisco(s string, now time.Time) (t time.Time, rest, host string, ok bool) {
	sequence, after, found := strings.Cut(s, ": ")
	if !found {
		return t, s, "", false
	}
	if _, ok := atoi(sequence); ok {
		if t, rest, ok = ps.cutTime(after, now); ok {
			return t, rest, "", true
		}
		if host, after, found = strings.Cut(after, ": "); !found {
			return t, s, "", false
		}
	} else {
		host = sequence
	}
	if strings.ContainsAny(host, " %") {
		return t, s, "", false
	}
	t, rest, ok = ps.cutTime(after, now)
	return t, rest, host, ok
}

// cutCiscoZone takes the colon that ends Cisco's time stamp, and the zone's
// abbreviation before it, off s.
func cutCiscoZone(s string) (rest string, ok bool) {
	s, colon := strings.CutPrefix(s, ":")
	if colon {
		return strings.TrimPrefix(s, " "), true
	}
	zone, rest, found := strings.Cut(strings.TrimPrefix(s, " "), ": ")
	if !found || len(zone) < 3 || len(zone) > 5 || strings.ToUpper(zone) != zone || strings.ContainsAny(zone, " [%0123456789") || !strings.HasPrefix(rest, "%") {
		return s, false
	}
	return rest, true
}
