package evidence

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
)

// picture draws the series of the rule that matters most.
func (s *search) picture(ctx context.Context) (func(*Evidence), error) {
	d, err := s.scene(ctx)
	if err != nil || d == nil {
		return nil, err
	}
	img, err := d.draw()
	if err != nil {
		return nil, err
	}
	p := &Picture{Title: d.title, Width: pictureWidth, Height: pictureHeight}
	return func(e *Evidence) { e.Picture, e.PNG = p, img }, nil
}

// maxLines bounds the lines of a picture: those of alerts, and others with them.
const (
	maxLines  = 6
	maxOthers = 12
)

// scene asks for what there is to draw, or nil if there is nothing.
func (s *search) scene(ctx context.Context) (*scene, error) {
	sub := s.main()
	r := s.shown(sub)
	found, err := s.curves(ctx, sub, sub.cond.measured, r)
	if err != nil {
		return nil, err
	}
	d := &scene{
		title: cut(sub.name, maxName), from: time.Unix(0, r.Start), to: time.Unix(0, r.End), unit: sub.cond.unit,
		op: sub.cond.op, bound: sub.cond.bound,
	}
	if sub.cond.boundExpr != "" {
		// A threshold that moves is drawn as a line of its own; without it the
		// picture still tells the value.
		bounds, err := s.curves(ctx, sub, sub.cond.boundExpr, r)
		if err == nil {
			i := slices.IndexFunc(bounds, func(c curve) bool { return sub.has(c.labels) })
			if i < 0 && len(bounds) == 1 {
				i = 0
			}
			if i >= 0 {
				d.moving = bounds[i].points
			}
		}
	}
	same := slices.DeleteFunc(slices.Clone(s.subjects), func(o *subject) bool { return o.expr != sub.expr || o.name != sub.name })
	for _, c := range found {
		if len(c.points) == 0 {
			continue
		}
		if i := slices.IndexFunc(same, func(o *subject) bool { return o.has(c.labels) }); i >= 0 {
			d.lines = append(d.lines, line{s.c.clean(name(c.labels, found), maxName), c.points, i})
		} else {
			d.others = append(d.others, c.points)
		}
	}
	slices.SortStableFunc(d.lines, func(a, b line) int { return cmp.Compare(a.order, b.order) })
	d.more = max(0, len(d.lines)-maxLines)
	d.lines = d.lines[:len(d.lines)-d.more]
	d.others = d.others[:min(len(d.others), maxOthers)]
	if len(d.lines) == 0 && len(d.others) == 0 {
		return nil, nil
	}
	for _, o := range same {
		end := s.at
		if o.over {
			end = o.EndsAt
		}
		d.firing = append(d.firing, span{o.StartsAt, end})
		if o.rule.For > 0 {
			d.pending = append(d.pending, span{o.since(), o.StartsAt})
		}
	}
	return d, nil
}

// name is what tells a series from the others.
func name(ls labels.Labels, all []curve) string {
	var parts []string
	ls.Range(func(l labels.Label) {
		if l.Name == model.MetricNameLabel && ls.Len() > 1 {
			return
		}
		common := len(all) > 1
		for _, o := range all {
			common = common && o.labels.Get(l.Name) == l.Value
		}
		if !common {
			parts = append(parts, l.Value)
		}
	})
	if len(parts) == 0 {
		return "value"
	}
	return strings.Join(parts, " · ")
}

// A scene is what a picture shows.
type scene struct {
	title    string
	from, to time.Time
	unit     unit
	op       string
	bound    float64 // NaN for none
	moving   []point // a bound that is not constant

	lines           []line    // of alerts
	more            int       // of those, that are left out
	others          [][]point // of the rule's other series
	firing, pending []span
}

// A line is a series with a name; order is that of its alert.
type line struct {
	name   string
	points []point
	order  int
}

// A span is a stretch of time.
type span struct{ from, to time.Time }

// scale returns the values at the bottom and the top of the picture, and those
// to mark between.
func (d *scene) scale(marks int) (low, high float64, at []float64) {
	low, high = math.Inf(1), math.Inf(-1)
	see := func(points []point) {
		for _, p := range points {
			low, high = min(low, p.v), max(high, p.v)
		}
	}
	for _, l := range d.lines {
		see(l.points)
	}
	if len(d.lines) == 0 {
		for _, o := range d.others {
			see(o)
		}
	}
	see(d.moving)
	if !math.IsNaN(d.bound) {
		low, high = min(low, d.bound), max(high, d.bound)
	}
	// Zero belongs to a picture unless the values are all far from it.
	if low > 0 && low < high*0.6 {
		low = 0
	}
	if high < 0 && high > low*0.6 {
		high = 0
	}
	if high-low < 1e-9*max(math.Abs(high), math.Abs(low), 1e-9) {
		low, high = low-max(math.Abs(low)*0.1, 0.5), high+max(math.Abs(high)*0.1, 0.5)
		if low < 0 && d.smallest() >= 0 {
			low = 0
		}
	}
	step := d.unit.step((high - low) / float64(marks))
	low = math.Floor(low/step) * step
	high = math.Ceil(high/step+0.05) * step // with a little air above
	for i := 0; ; i++ {
		v := low + float64(i)*step
		if v > high+step/1e6 {
			return low, high, at
		}
		at = append(at, v)
	}
}

func (d *scene) smallest() float64 {
	low := math.Inf(1)
	for _, l := range d.lines {
		for _, p := range l.points {
			low = min(low, p.v)
		}
	}
	return low
}

// step returns a distance between marks, not less than about want, that reads
// well in the unit.
func (u unit) step(want float64) float64 {
	base := 10.0
	scale := 1.0
	switch u {
	case inBytes, bytesPerSecond:
		for _, s := range byteSteps {
			if want >= s.size {
				scale = s.size
				break
			}
		}
	case inSeconds:
		for _, s := range durationSteps[:3] { // minutes and more go by sixties
			if want >= s.size {
				scale = s.size
				break
			}
		}
		if want >= 20 && want < 60 {
			if want <= 30 {
				return 30
			}
			return 60
		}
	default:
	}
	want /= scale
	power := math.Pow(base, math.Floor(math.Log10(want)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*power >= want*0.999 {
			return m * power * scale
		}
	}
	return base * power * scale
}

// timeSteps are distances between marks of time.
var timeSteps = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// times returns the moments to mark, in UTC.
func (d *scene) times(marks int) (out []time.Time) {
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if d.to.Sub(d.from)/s <= time.Duration(marks) {
			step = s
			break
		}
	}
	for t := d.from.UTC().Truncate(step); !t.After(d.to); t = t.Add(step) {
		if !t.Before(d.from) {
			out = append(out, t)
		}
	}
	return out
}

// printable leaves out what the font has no letters for.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r < unicode.MaxLatin1 && unicode.IsPrint(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic) || r >= '‐' && r <= '…':
			return r
		}
		return '?'
	}, text)
}
