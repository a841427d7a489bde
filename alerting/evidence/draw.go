package evidence

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/golang/freetype/truetype"
	chart "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// The size that a picture is shown at. It has twice as many pixels each way,
// for screens that can show them.
const (
	pictureWidth  = 800
	pictureHeight = 300
	density       = 2
)

// Colours are those of the page's light theme.
var (
	paper     = drawing.ColorFromHex("ffffff")
	ink       = drawing.ColorFromHex("1f2937")
	faint     = drawing.ColorFromHex("6b7280")
	grid      = drawing.ColorFromHex("e5e7eb")
	other     = drawing.ColorFromHex("c7ccd4")
	alarm     = drawing.ColorFromHex("dc2626")
	firingBg  = drawing.ColorFromHex("fdecec")
	pendingBg = drawing.ColorFromHex("fff7e6")
	lineInks  = []drawing.Color{
		drawing.ColorFromHex("2563eb"), drawing.ColorFromHex("d97706"), drawing.ColorFromHex("059669"),
		drawing.ColorFromHex("7c3aed"), drawing.ColorFromHex("db2777"), drawing.ColorFromHex("0891b2"),
	}
)

// Distances in pixels of the shown size.
const (
	marginLeft   = 64 // or more, for long values
	marginRight  = 20
	marginTop    = 58
	marginBottom = 28
)

// A canvas draws in pixels of the shown size.
type canvas struct {
	chart.Renderer
	font *truetype.Font
}

func newCanvas() (*canvas, error) {
	r, err := chart.PNG(pictureWidth*density, pictureHeight*density)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	font, err := chart.GetDefaultFont()
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	r.SetDPI(72 * density) // so that a point is a pixel of the shown size
	c := &canvas{r, font}
	c.fill(paper, 0, 0, pictureWidth, pictureHeight)
	return c, nil
}

func px(v float64) int { return int(math.Round(v * density)) }

func (c *canvas) fill(colour drawing.Color, left, top, right, bottom float64) {
	c.ResetStyle()
	c.SetFillColor(colour)
	c.MoveTo(px(left), px(top))
	c.LineTo(px(right), px(top))
	c.LineTo(px(right), px(bottom))
	c.LineTo(px(left), px(bottom))
	c.Close()
	c.Fill()
}

// stroke sets the pen for lines that follow.
func (c *canvas) stroke(colour drawing.Color, width float64, dashes ...float64) {
	c.ResetStyle()
	c.SetStrokeColor(colour)
	c.SetStrokeWidth(width * density)
	for i := range dashes {
		dashes[i] *= density
	}
	c.SetStrokeDashArray(dashes)
}

func (c *canvas) rule(left, top, right, bottom float64) {
	c.MoveTo(px(left), px(top))
	c.LineTo(px(right), px(bottom))
	c.Stroke()
}

// text writes with its baseline at y, from x on, or up to x, or around it, for
// an align of 0, 1 and 0.5. It returns the width.
func (c *canvas) text(s string, size float64, colour drawing.Color, x, y, align float64) float64 {
	c.ResetStyle()
	c.SetFont(c.font)
	c.SetFontSize(size)
	c.SetFontColor(colour)
	s = printable(s)
	width := float64(c.MeasureText(s).Width()) / density
	c.Text(s, px(x-align*width), px(y))
	return width
}

func (c *canvas) width(s string, size float64) float64 {
	c.ResetStyle()
	c.SetFont(c.font)
	c.SetFontSize(size)
	return float64(c.MeasureText(printable(s)).Width()) / density
}

// fitting cuts s to a width.
func (c *canvas) fitting(s string, size, width float64) string {
	for c.width(s, size) > width && len(s) > 4 {
		s = cut(s, max(4, len(s)*9/10))
	}
	return s
}

// A plot places times and values on a canvas.
type plot struct {
	*canvas
	scene                    *scene
	left, right, top, bottom float64
	low, high                float64
}

func (p *plot) x(t time.Time) float64 {
	return p.left + (p.right-p.left)*float64(t.Sub(p.scene.from))/float64(p.scene.to.Sub(p.scene.from))
}

func (p *plot) y(v float64) float64 {
	return p.bottom - (p.bottom-p.top)*(v-p.low)/(p.high-p.low)
}

// draw returns the picture as PNG.
func (d *scene) draw() ([]byte, error) {
	c, err := newCanvas()
	if err != nil {
		return nil, err
	}
	p := &plot{canvas: c, scene: d, left: marginLeft, right: pictureWidth - marginRight, top: marginTop, bottom: pictureHeight - marginBottom}
	low, high, marks := d.scale(4)
	p.low, p.high = low, high
	for _, v := range marks {
		p.left = max(p.left, p.width(d.unit.text(tidy(v, marks)), axisText)+16)
	}

	p.shade(d.pending, pendingBg)
	p.shade(d.firing, firingBg)
	p.axes(marks)
	for _, points := range d.others {
		p.curve(points, other, 1)
	}
	for i, l := range d.lines {
		p.curve(l.points, lineInks[i], 2)
	}
	p.start()
	p.bounds()
	p.ends()
	p.head()
	var out bytes.Buffer
	if err := c.Save(&out); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return out.Bytes(), nil
}

// shade fills the background of spans of time, each moment once.
func (p *plot) shade(spans []span, colour drawing.Color) {
	if len(spans) == 0 {
		return
	}
	spans = slices.SortedFunc(slices.Values(spans), func(a, b span) int { return a.from.Compare(b.from) })
	until := p.scene.from
	for _, s := range spans {
		from, to := s.from, s.to
		if from.Before(until) {
			from = until
		}
		if to.After(p.scene.to) {
			to = p.scene.to
		}
		if from.Before(to) {
			p.fill(colour, p.x(from), p.top, max(p.x(to), p.x(from)+1), p.bottom)
			until = to
		}
	}
}

const axisText = 11

// axes draws the marks of values and times.
func (p *plot) axes(marks []float64) {
	for _, v := range marks {
		y := p.y(v)
		p.stroke(grid, 1)
		p.rule(p.left, y, p.right, y)
		p.text(p.scene.unit.text(tidy(v, marks)), axisText, faint, p.left-8, y+4, 1)
	}
	times := p.scene.times(9)
	layout := "15:04"
	if p.scene.to.Sub(p.scene.from) > 20*time.Hour {
		layout = "Jan 2 15:04"
	}
	for _, t := range times {
		x := p.x(t)
		p.stroke(faint, 1)
		p.rule(x, p.bottom, x, p.bottom+4)
		if half := p.width(t.Format(layout), axisText) / 2; x+half > p.right-26 {
			continue // the zone is there
		}
		p.text(t.Format(layout), axisText, faint, x, p.bottom+18, 0.5)
	}
	p.text("UTC", axisText, faint, p.right, p.bottom+18, 1)
	p.stroke(faint, 1)
	p.rule(p.left, p.bottom, p.right, p.bottom)
}

// tidy takes what computing has left behind off a mark near zero.
func tidy(v float64, marks []float64) float64 {
	if len(marks) > 1 && math.Abs(v) < (marks[1]-marks[0])/1e6 {
		return 0
	}
	return v
}

// curve draws a series. Where it has a gap, so does the line; a point alone is
// a dot.
func (p *plot) curve(points []point, colour drawing.Color, width float64) {
	gap := usualStep(points) * 5 / 2
	for i := 0; i < len(points); {
		end := i + 1
		for end < len(points) && points[end].t.Sub(points[end-1].t) <= gap {
			end++
		}
		if end == i+1 {
			p.dot(points[i], colour, width)
		}
		p.stroke(colour, width)
		p.MoveTo(px(p.x(points[i].t)), px(p.y(points[i].v)))
		for _, pt := range points[i+1 : end] {
			p.LineTo(px(p.x(pt.t)), px(p.y(pt.v)))
		}
		p.Stroke()
		i = end
	}
}

// usualStep is the least distance between points.
func usualStep(points []point) time.Duration {
	step := time.Duration(math.MaxInt64 / 5)
	for i := 1; i < len(points); i++ {
		step = min(step, points[i].t.Sub(points[i-1].t))
	}
	return step
}

func (p *plot) dot(at point, colour drawing.Color, radius float64) {
	p.ResetStyle()
	p.SetFillColor(colour)
	p.SetStrokeColor(colour)
	p.Circle(radius*density, px(p.x(at.t)), px(p.y(at.v)))
	p.FillStroke()
}

// start marks when the first alert of the picture began to fire.
func (p *plot) start() {
	first, ok := p.scene.began()
	if !ok || first.Before(p.scene.from) || first.After(p.scene.to) {
		return
	}
	x := p.x(first)
	p.stroke(alarm, 1)
	p.rule(x, p.top, x, p.bottom)
	p.ResetStyle()
	p.SetFillColor(alarm)
	p.MoveTo(px(x-4), px(p.top-6))
	p.LineTo(px(x+4), px(p.top-6))
	p.LineTo(px(x), px(p.top))
	p.Close()
	p.Fill()
}

// began is when the first alert began to fire.
func (d *scene) began() (first time.Time, ok bool) {
	for _, s := range d.firing {
		if !ok || s.from.Before(first) {
			first, ok = s.from, true
		}
	}
	return first, ok
}

// bounds draws the threshold with its value.
func (p *plot) bounds() {
	if len(p.scene.moving) > 0 {
		p.stroke(alarm, 1.5, 5, 4)
		for i, pt := range p.scene.moving {
			if i == 0 {
				p.MoveTo(px(p.x(pt.t)), px(p.y(pt.v)))
			} else {
				p.LineTo(px(p.x(pt.t)), px(p.y(pt.v)))
			}
		}
		p.Stroke()
		last := p.scene.moving[len(p.scene.moving)-1].v
		p.label(p.scene.op+" "+p.scene.unit.text(last), p.y(last))
		return
	}
	if p.scene.op == "" || math.IsNaN(p.scene.bound) || math.IsInf(p.scene.bound, 0) {
		return
	}
	y := p.y(p.scene.bound)
	p.stroke(alarm, 1.5, 5, 4)
	p.rule(p.left, y, p.right, y)
	p.label(p.scene.op+" "+p.scene.unit.text(p.scene.bound), y)
}

// label writes the threshold at its left end, above the line or, where that is
// the top, below it.
func (p *plot) label(s string, y float64) {
	const size = 11
	width := p.width(s, size)
	top := y - 19
	if top < p.top {
		top = y + 3
	}
	p.fill(paper, p.left+5, top, p.left+width+15, top+16)
	p.text(s, size, alarm, p.left+10, top+12, 0)
}

// ends marks where the lines of alerts are now.
func (p *plot) ends() {
	for i, l := range p.scene.lines {
		p.dot(l.points[len(l.points)-1], lineInks[i], 3)
	}
}

// head writes the title and what the lines are.
func (p *plot) head() {
	s := p.scene
	title := s.title
	if s.op != "" && len(s.moving) == 0 && !math.IsNaN(s.bound) {
		title += "  " + s.op + " " + s.unit.text(s.bound)
	}
	const size = 12
	x, right := 16.0, float64(pictureWidth-marginRight)
	if first, ok := s.began(); ok {
		right -= p.text("firing since "+first.UTC().Format("15:04 UTC, 2 Jan 2006"), size, alarm, right, 24, 1) + 16
	}
	p.text(p.fitting(title, 15, right-x), 15, ink, x, 24, 0)
	right = pictureWidth - marginRight
	for i, l := range s.lines {
		now := s.unit.text(l.points[len(l.points)-1].v)
		text := p.fitting(l.name, size, 260) + "  " + now
		if w := p.width(text, size); x+18+w > right && i > 0 {
			p.text(fmt.Sprintf("and %d more", len(s.lines)-i+s.more), size, faint, min(x, right-80), 45, 0)
			return
		}
		p.ResetStyle()
		p.fill(lineInks[i], x, 38, x+12, 42)
		x += 18 + p.text(text, size, ink, x+18, 45, 0) + 18
	}
	if s.more > 0 {
		p.text(fmt.Sprintf("and %d more", s.more), size, faint, min(x, right-80), 45, 0)
	}
}
