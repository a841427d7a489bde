package sampling

import (
	"math"
	"strings"
)

// limits raises the threshold of services that send more than so many spans a
// second, from what they sent in the second before: so the share is known for
// each span, and counts stay right.
type limits struct {
	perSecond float64 // of spans kept by head; 0 for no limit
	base      threshold
	second    int64
	services  map[string]*flow
}

// A flow is what one service sends.
type flow struct {
	spans     int // in this second
	rate      float64
	threshold threshold
}

func newLimits(perSecond float64, base threshold) *limits {
	return &limits{perSecond: perSecond, base: base, services: map[string]*flow{}}
}

// turn begins a new second, if now, in ns, is in one. Services that sent
// nothing for some time are forgotten.
func (l *limits) turn(now int64) {
	second := now / 1e9
	if second <= l.second {
		return
	}
	gone := int(min(second-l.second, 100))
	l.second = second
	for name, f := range l.services {
		// It rises at once, and falls by half each second.
		n := float64(f.spans)
		f.rate = math.Ldexp(max(n, (f.rate+n)/2), 1-gone)
		f.spans = 0
		if f.rate < 0.01 {
			delete(l.services, name)
			continue
		}
		f.threshold = l.base
		if f.rate*l.base.share() > l.perSecond {
			f.threshold = thresholdOf(l.perSecond / f.rate)
		}
	}
}

// of returns the threshold for one more span of service.
func (l *limits) of(service string) threshold {
	if l.perSecond == 0 {
		return l.base
	}
	f := l.services[service]
	if f == nil {
		f = &flow{threshold: l.base}
		l.services[strings.Clone(service)] = f
	}
	f.spans++
	return f.threshold
}
