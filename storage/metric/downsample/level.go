package downsample

import (
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/common/model"
)

// A Level is one resolution that old samples are kept in too.
type Level struct {
	Resolution model.Duration `yaml:"resolution"` // length of a window; divides a day
	After      model.Duration `yaml:"after"`      // age at which a day of samples gets its windows
	Retention  model.Duration `yaml:"retention"`  // windows older than this are dropped; 0 keeps all
}

// DefaultLevels are Thanos' resolutions, and one for charts of a year, whose points
// are hours apart. The coarse ones begin with the finest: a long chart would spend
// most of its time on days that have but fine windows.
func DefaultLevels() []Level {
	const day = 24 * time.Hour
	after := model.Duration(40 * time.Hour)
	return []Level{
		{model.Duration(5 * time.Minute), after, model.Duration(90 * day)},
		{model.Duration(time.Hour), after, model.Duration(400 * day)},
		{model.Duration(6 * time.Hour), after, model.Duration(400 * day)},
	}
}

// Milliseconds; a day is what is downsampled at a time.
const (
	second = int64(time.Second / time.Millisecond)
	day    = 24 * 60 * 60 * second
)

func (l Level) resolution() int64 { return time.Duration(l.Resolution).Milliseconds() }
func (l Level) after() int64      { return time.Duration(l.After).Milliseconds() }
func (l Level) retention() int64  { return time.Duration(l.Retention).Milliseconds() }

// Validate returns every problem of levels at once. Nothing younger than
// minAfter may be downsampled, because samples may still come.
func Validate(levels []Level, minAfter time.Duration) error {
	var errs []error
	for i, l := range levels {
		fail := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("[%d]."+format, append([]any{i}, args...)...))
		}
		switch r := l.resolution(); {
		case r < time.Minute.Milliseconds():
			fail("resolution: %v is shorter than 1m", l.Resolution)
			continue
		case day%r != 0:
			fail("resolution: %v does not divide a day", l.Resolution)
		}
		if time.Duration(l.After) < minAfter {
			fail("after: %v is less than %v, the time in which samples may still come", l.After, model.Duration(minAfter))
		}
		if l.Retention != 0 && l.retention() < l.after()+day {
			fail("retention: %v is less than a day more than after, %v: no window would live", l.Retention, l.After)
		}
		if i == 0 {
			continue
		}
		before := levels[i-1]
		if r := before.resolution(); r > 0 && (l.resolution() <= r || l.resolution()%r != 0) {
			fail("resolution: %v is no multiple of the one before, %v", l.Resolution, before.Resolution)
		}
		if l.After < before.After {
			fail("after: %v is less than that of the resolution before, %v", l.After, before.After)
		}
	}
	return errors.Join(errs...)
}
