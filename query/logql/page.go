package logql

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/oriel-obs/oriel/internal/fault"
)

// A Cursor is a place between two lines of a query's answer: at Time, after
// the first Lines of the lines of that time in the order in which they were
// stored. Lines that are stored later come after those there are, so that
// going on from a cursor neither loses a line nor shows one twice.
type Cursor struct {
	Time  int64 // ns since the Unix epoch
	Lines int
}

// String returns the text that ParseCursor reads.
func (c Cursor) String() string { return fmt.Sprintf("%d-%d", c.Time, c.Lines) }

// ParseCursor reads a cursor. What is none is fault.ErrInvalid.
func ParseCursor(s string) (Cursor, error) {
	if i := strings.LastIndexByte(s, '-'); i > 0 {
		t, err := strconv.ParseInt(s[:i], 10, 64)
		n, err2 := strconv.ParseUint(s[i+1:], 10, 31)
		if err == nil && err2 == nil {
			return Cursor{t, int(n)}, nil
		}
	}
	return Cursor{}, fmt.Errorf("%q is no cursor of an earlier answer: %w", s, fault.ErrInvalid)
}

// A PageRequest asks for some of the lines that a query selects.
type PageRequest struct {
	Start, End int64 // ns since the Unix epoch, [Start, End)
	Forward    bool  // oldest first
	Limit      int   // lines; positive
	From       *Cursor
}

// A Page is lines in the order asked for.
type Page struct {
	Lines []Line
	Next  *Cursor // where the next page begins; nil if there is none
}

// Page returns the lines of r that come next after r.From, or the first.
func (e *Engine) Page(ctx context.Context, expr *LogExpr, r PageRequest) (Page, error) {
	e = e.in(ctx)
	if r.Forward {
		return e.pageForward(ctx, expr, r)
	}
	return e.pageBackward(ctx, expr, r)
}

func (e *Engine) pageForward(ctx context.Context, expr *LogExpr, r PageRequest) (p Page, err error) {
	at := Cursor{Time: r.Start}
	if r.From != nil && r.From.Time >= r.Start {
		at = *r.From
	}
	seen := 0 // lines at at.Time
	for l, err := range e.Lines(ctx, expr, Params{Start: at.Time, End: r.End, Forward: true}) {
		if err != nil {
			return Page{}, err
		}
		if l.Time == at.Time && seen < at.Lines {
			seen++
			continue
		}
		if len(p.Lines) == r.Limit {
			p.Next = &at
			break
		}
		if l.Time != at.Time {
			at = Cursor{Time: l.Time}
			seen = 0
		}
		seen++
		at.Lines = seen
		p.Lines = append(p.Lines, l)
	}
	return p, nil
}

func (e *Engine) pageBackward(ctx context.Context, expr *LogExpr, r PageRequest) (p Page, err error) {
	end := r.End
	if c := r.From; c != nil && c.Time < end {
		end = c.Time
		if c.Lines > 0 && c.Time >= r.Start {
			first, n, err := e.at(ctx, expr, c.Time, c.Lines, r.Limit)
			if err != nil {
				return Page{}, err
			}
			if n > r.Limit {
				return Page{first, &Cursor{c.Time, n - r.Limit}}, nil
			}
			p.Lines = first
		}
	}
	for l, err := range e.Lines(ctx, expr, Params{Start: r.Start, End: end}) {
		if err != nil {
			return Page{}, err
		}
		if len(p.Lines) < r.Limit {
			p.Lines = append(p.Lines, l)
			continue
		}
		if l.Time != p.Lines[len(p.Lines)-1].Time {
			p.Next = &Cursor{Time: l.Time + 1}
			return p, nil
		}
		return e.splitTime(ctx, expr, p, r.Limit)
	}
	return p, nil
}

// splitTime ends p among lines of one time, that of its last line. They are
// read anew, oldest first, since the place is counted from there.
func (e *Engine) splitTime(ctx context.Context, expr *LogExpr, p Page, limit int) (Page, error) {
	last := p.Lines[len(p.Lines)-1].Time
	for len(p.Lines) > 0 && p.Lines[len(p.Lines)-1].Time == last {
		p.Lines = p.Lines[:len(p.Lines)-1]
	}
	room := limit - len(p.Lines)
	lines, n, err := e.at(ctx, expr, last, 0, room)
	if err != nil {
		return Page{}, err
	}
	p.Next = &Cursor{last, max(0, n-room)}
	p.Lines = append(p.Lines, lines...)
	return p, nil
}

// at returns how many lines of a time there are, of the first limit in the
// order in which they were stored unless that is 0, and the last of those, at
// most keep of them, in reverse. It holds no more than twice as many: any
// number of lines may have one time.
func (e *Engine) at(ctx context.Context, expr *LogExpr, time int64, limit, keep int) (lines []Line, n int, err error) {
	for l, err := range e.Lines(ctx, expr, Params{Start: time, End: time + 1, Forward: true, Limit: limit}) {
		if err != nil {
			return nil, 0, err
		}
		n++
		if len(lines) == 2*keep {
			lines = slices.Delete(lines, 0, keep)
		}
		lines = append(lines, l)
	}
	lines = slices.Delete(lines, 0, max(0, len(lines)-keep))
	slices.Reverse(lines)
	return lines, n, nil
}

// Find returns the place before the first line of a time whose text is text;
// ok is false if there is none.
func (e *Engine) Find(ctx context.Context, expr *LogExpr, time int64, text string) (c Cursor, ok bool, err error) {
	e = e.in(ctx)
	n := 0
	for l, err := range e.Lines(ctx, expr, Params{Start: time, End: time + 1, Forward: true}) {
		if err != nil {
			return Cursor{}, false, err
		}
		if l.Line == text {
			return Cursor{time, n}, true, nil
		}
		n++
	}
	return Cursor{}, false, nil
}
