package shred

// A Layout is a way of writing a time as RFC 3339 has it, give or take the
// characters between its parts: 2006-01-02T15:04:05.000Z.
type Layout struct {
	Separator string `json:"separator"` // between date and time: T or a space
	Point     string `json:"point"`     // before the fraction: a point, a comma, or nothing
	Digits    int    `json:"digits"`    // of the fraction
	Zone      string `json:"zone"`      // Z, an offset as in +01:00, or nothing, which means UTC
}

// Years that all fit nanoseconds in an int64.
const (
	firstYear = 1970
	lastYear  = 2261
)

// layoutOf returns the layout of s, if it is a time.
func layoutOf(s string) (Layout, bool) {
	if len(s) < 19 || s[4] != '-' || s[10] != 'T' && s[10] != ' ' {
		return Layout{}, false
	}
	l := Layout{Separator: s[10:11]}
	rest := s[19:]
	if rest != "" && (rest[0] == '.' || rest[0] == ',') {
		l.Point = rest[:1]
		l.Digits = digits(rest, 1) - 1
		rest = rest[1+l.Digits:]
	}
	l.Zone = rest
	if !l.valid() {
		return Layout{}, false
	}
	_, ok := l.parse(s)
	return l, ok
}

func (l *Layout) valid() bool {
	if l.Separator != "T" && l.Separator != " " {
		return false
	}
	if (l.Point != "." && l.Point != "," || l.Digits < 1 || l.Digits > 9) && (l.Point != "" || l.Digits != 0) {
		return false
	}
	_, ok := l.offset()
	return ok
}

// offset returns the zone's offset in seconds.
func (l *Layout) offset() (seconds int64, ok bool) {
	z := l.Zone
	if z == "" || z == "Z" {
		return 0, true
	}
	if len(z) != 6 || z[0] != '+' && z[0] != '-' || z[3] != ':' {
		return 0, false
	}
	h, ok1 := number(z[1:3], 0, 23)
	m, ok2 := number(z[4:6], 0, 59)
	seconds = h*3600 + m*60
	if z[0] == '-' {
		seconds = -seconds
	}
	return seconds, ok1 && ok2
}

// parse returns the time that s is in ns since the Unix epoch.
func (l *Layout) parse(s string) (ns int64, ok bool) {
	frac := 19 + len(l.Point)
	if len(s) != frac+l.Digits+len(l.Zone) || s[4] != '-' || s[7] != '-' || s[10] != l.Separator[0] || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	if s[19:frac] != l.Point || s[frac+l.Digits:] != l.Zone {
		return 0, false
	}
	year, ok1 := number(s[:4], firstYear, lastYear)
	month, ok2 := number(s[5:7], 1, 12)
	if !ok1 || !ok2 {
		return 0, false
	}
	day, ok3 := number(s[8:10], 1, daysIn(year, month))
	hour, ok4 := number(s[11:13], 0, 23)
	minute, ok5 := number(s[14:16], 0, 59)
	second, ok6 := number(s[17:19], 0, 59)
	f, ok7 := number(s[frac:frac+l.Digits], 0, 999_999_999)
	for range 9 - l.Digits {
		f *= 10
	}
	offset, _ := l.offset()
	sec := (daysBefore(year, month)+day-1)*86400 + hour*3600 + minute*60 + second - offset
	return sec*1e9 + f, ok3 && ok4 && ok5 && ok6 && ok7
}

// append appends the text of a time that parse returned.
func (l *Layout) append(dst []byte, ns int64) []byte {
	offset, _ := l.offset()
	sec, f := ns/1e9, ns%1e9
	if f < 0 {
		sec, f = sec-1, f+1e9
	}
	sec += offset
	days, second := sec/86400, sec%86400
	if second < 0 {
		days, second = days-1, second+86400
	}
	year, month, day := civil(days)
	dst = appendNumber(dst, year, 4)
	dst = append(appendNumber(append(dst, '-'), month, 2), '-')
	dst = append(appendNumber(dst, day, 2), l.Separator...)
	dst = append(appendNumber(dst, second/3600, 2), ':')
	dst = append(appendNumber(dst, second/60%60, 2), ':')
	dst = appendNumber(dst, second%60, 2)
	for range 9 - l.Digits {
		f /= 10
	}
	return append(appendNumber(append(dst, l.Point...), f, l.Digits), l.Zone...)
}

// number reads digits that make a number from low to high.
func number(s string, low, high int64) (n int64, ok bool) {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int64(s[i]-'0')
	}
	return n, low <= n && n <= high
}

func appendNumber(dst []byte, n int64, width int) []byte {
	dst = append(dst, "000000000"[:width]...)
	for i := len(dst) - 1; width > 0; width-- {
		dst[i] = '0' + byte(n%10)
		n /= 10
		i--
	}
	return dst
}

func leap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if leap(year) {
			return 29
		}
		return 28
	}
	return 31
}

// daysBefore returns the days from 1970 to the first of a month.
func daysBefore(year, month int64) int64 {
	// Years counted from March have the leap day last.
	if month <= 2 {
		year--
		month += 12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 - 719468
}

// civil is the other way round, after Howard Hinnant's days algorithms.
func civil(days int64) (year, month, day int64) {
	z := days + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, day = yoe+era*400, mp+3, doy-(153*mp+2)/5+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, day
}
