package evidence

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// fire is a scene in which one series goes over 5 % at 12:20 and an alert fires
// from 12:22 to 12:30, its end.
func fire() *scene {
	d := &scene{title: "HighErrorRatio", from: noon, to: noon.Add(30 * time.Minute), unit: inRatio, op: ">", bound: 0.05}
	var up, flat []point
	for i := range 181 {
		t := noon.Add(time.Duration(i) * 10 * time.Second)
		v := 0.004 + 0.002*math.Sin(float64(i)/7)
		flat = append(flat, point{t, v / 2})
		if i > 120 {
			v += 0.36 * (1 - math.Exp(-float64(i-120)/8))
		}
		up = append(up, point{t, v})
	}
	d.lines = []line{{"shop/payment", up, 0}}
	d.others = [][]point{flat}
	d.firing = []span{{noon.Add(22 * time.Minute), d.to}}
	d.pending = []span{{noon.Add(20 * time.Minute), noon.Add(22 * time.Minute)}}
	return d
}

type pixels struct {
	t   *testing.T
	img interface {
		At(x, y int) color.Color
	}
}

func paint(t *testing.T, d *scene) pixels {
	t.Helper()
	b, err := d.draw()
	require.NoError(t, err)
	if dir := os.Getenv("EVIDENCE_PICTURES"); dir != "" {
		require.NoError(t, os.WriteFile(dir+"/"+t.Name()+".png", b, 0o644))
	}
	img, err := png.Decode(bytes.NewReader(b))
	require.NoError(t, err)
	require.Equal(t, pictureWidth*density, img.Bounds().Dx())
	require.Equal(t, pictureHeight*density, img.Bounds().Dy())
	return pixels{t, img}
}

// count returns how many pixels of a part, in the shown size, have a colour.
func (p pixels) count(c drawing.Color, left, top, right, bottom float64) (n int) {
	for x := px(left); x < px(right); x++ {
		for y := px(top); y < px(bottom); y++ {
			r, g, b, _ := p.img.At(x, y).RGBA()
			if uint8(r>>8) == c.R && uint8(g>>8) == c.G && uint8(b>>8) == c.B {
				n++
			}
		}
	}
	return n
}

func TestThePictureHasTheSeriesTheThresholdAndWhenItFired(t *testing.T) {
	d := fire()
	p := paint(t, d)
	low, high, marks := d.scale(4)
	require.Zero(t, low)
	require.GreaterOrEqual(t, high, 0.36)
	require.Greater(t, len(marks), 3)
	at := &plot{scene: d, left: marginLeft, right: pictureWidth - marginRight, top: marginTop, bottom: pictureHeight - marginBottom, low: low, high: high}
	start, pending := at.x(d.firing[0].from), at.x(d.pending[0].from)

	require.Zero(t, p.count(firingBg, at.left, at.top, pending, at.bottom), "nothing is shaded before")
	require.Zero(t, p.count(firingBg, pending, at.top, start-1, at.bottom))
	require.NotZero(t, p.count(pendingBg, pending, at.top, start-1, at.bottom))
	require.Greater(t, p.count(firingBg, start+2, at.top+2, at.right-2, at.y(0.37)), 1000, "above the line, where it fires")
	require.NotZero(t, p.count(lineInks[0], at.right-60, at.y(0.375), at.right, at.y(0.34)), "the series, high at the end")
	require.NotZero(t, p.count(lineInks[0], at.left, at.y(0.008), at.left+60, at.y(0.001)), "and low at the start")
	require.NotZero(t, p.count(other, at.left, at.y(0.005), at.left+60, at.y(0)), "and another series of the rule")

	y := at.y(0.05)
	dashes := p.count(alarm, at.left+100, y-1, at.right, y+1)
	whole := int((at.right - at.left - 100) * 2 * density * density)
	require.Greater(t, dashes, whole/4, "the threshold")
	require.Less(t, dashes, whole*9/10, "in dashes")
	require.NotZero(t, p.count(alarm, at.left+8, y-18, at.left+60, y-4), "with its value")
	require.NotZero(t, p.count(ink, 16, 8, 300, 28), "the title")
}

func TestPicturesOfOddSeries(t *testing.T) {
	for name, change := range map[string]func(*scene){
		"one point":          func(d *scene) { d.lines[0].points = d.lines[0].points[:1]; d.others = nil },
		"no threshold":       func(d *scene) { d.op, d.bound = "", math.NaN() },
		"a moving threshold": func(d *scene) { d.bound, d.moving = math.NaN(), d.others[0] },
		"flat at zero": func(d *scene) {
			d.lines[0].points = []point{{noon, 0}, {d.to, 0}}
			d.op, d.bound, d.others = "==", 0, nil
		},
		"below zero": func(d *scene) {
			d.lines[0].points = []point{{noon, -5}, {d.to, -7}}
			d.op, d.bound, d.others = "<", -6, nil
		},
		"huge": func(d *scene) { d.lines[0].points = []point{{noon, 1e300}, {d.to, -1e300}}; d.unit = inBytes },
		"tiny": func(d *scene) {
			d.lines[0].points = []point{{noon, 1e-300}, {d.to, 2e-300}}
			d.bound, d.op, d.others = math.NaN(), "", nil
		},
		"threshold far above": func(d *scene) { d.bound = 50 },
		"only others":         func(d *scene) { d.lines = nil },
		"a gap":               func(d *scene) { d.lines[0].points = append(d.lines[0].points[:60:60], d.lines[0].points[120:]...) },
		"letters of no font":  func(d *scene) { d.lines[0].name, d.title = "支払い\x00\n", "🔥 bränd" },
		"two days":            func(d *scene) { d.from = d.to.Add(-48 * time.Hour) },
		"firing from before":  func(d *scene) { d.firing[0].from = d.from.Add(-time.Hour) },
		"many lines": func(d *scene) {
			for range maxLines - 1 {
				d.lines = append(d.lines, line{"checkout · a long name of a service in eu-1b", d.others[0], 1})
			}
			d.more = 3
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := fire()
			change(d)
			low, high, marks := d.scale(4)
			require.Less(t, low, high)
			require.NotEmpty(t, marks)
			require.Less(t, len(marks), 16)
			paint(t, d)
		})
	}
}
