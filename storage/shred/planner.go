package shred

import (
	"cmp"
	"slices"
	"strings"
)

// Limits on what a plan has. A template, or a column, that few lines use costs
// more than it saves.
const (
	maxTemplates     = 1024
	maxTemplateBytes = 256 << 10
	maxColumns       = 128
	templateShare    = 4096 // a template has at least one line in so many
	columnShare      = 64   // a column has a value in at least one line in so many
	fewest           = 4    // and both in so many lines

	maxSkeletons     = 1 << 14 // looked at; further ones are not counted
	maxSkeletonBytes = 8 << 20
)

// A Planner finds out what lines have in common.
type Planner struct {
	cut   Cutter
	lines int
	seen  map[string]*candidate // by skeleton; nil if it can be no template
	size  int                   // of the keys of seen
	stats map[string]*stats     // by format and path
	last  *candidate
}

// A candidate is a template with the lines that have it.
type candidate struct {
	template *Template
	lines    int
	stats    []*stats // by hole
}

// NewPlanner returns a Planner that has not seen any line.
func NewPlanner() *Planner {
	return &Planner{seen: map[string]*candidate{}, stats: map[string]*stats{}}
}

// Look takes in a line and its time. A fair sample of the lines to come will
// do. The line must not change while the Planner is in use.
func (p *Planner) Look(line string, at int64) {
	p.lines++
	c := p.candidate(line)
	if c == nil {
		return
	}
	p.last = c
	c.lines++
	for i, v := range p.cut.Values {
		c.stats[i].look(line[v.Start:v.End])
	}
}

func (p *Planner) candidate(line string) *candidate {
	if p.last != nil {
		var ok bool
		if p.cut.Values, ok = p.last.template.match(line, p.cut.Values); ok {
			return p.last
		}
	}
	if !p.cut.cut(line) {
		return nil
	}
	c, ok := p.seen[string(p.cut.skeleton)]
	if ok || len(p.seen) >= maxSkeletons || p.size >= maxSkeletonBytes {
		return c
	}
	skeleton := string(p.cut.skeleton)
	p.size += len(skeleton)
	if t, paths, err := parseSkeleton(skeleton); err == nil {
		c = &candidate{template: t}
		for _, path := range paths {
			c.stats = append(c.stats, p.statsOf(t.Format(), path))
		}
	}
	p.seen[skeleton] = c
	return c
}

func (p *Planner) statsOf(f Format, path []string) *stats {
	key := f.String() + "\x00" + strings.Join(path, "\x00")
	s := p.stats[key]
	if s == nil {
		s = newStats(f, path)
		p.stats[key] = s
	}
	return s
}

// Plan returns how to cut lines like those seen, or nil if that is not worth
// the while.
func (p *Planner) Plan() *Plan {
	var chosen []string
	for skeleton, c := range p.seen {
		if c != nil && c.lines >= max(fewest, p.lines/templateShare) {
			chosen = append(chosen, skeleton)
		}
	}
	slices.SortFunc(chosen, func(a, b string) int {
		return cmp.Or(cmp.Compare(p.seen[b].lines, p.seen[a].lines), strings.Compare(a, b))
	})
	columns := p.columns(chosen)
	plan := &Plan{bySkeleton: map[string]int{}}
	number := map[*stats]int{}
	size := 0
	for _, skeleton := range chosen {
		c := p.seen[skeleton]
		if !slices.ContainsFunc(c.stats, func(s *stats) bool { return columns[s] }) {
			continue
		}
		if size += len(skeleton); size > maxTemplateBytes || len(plan.Templates) == maxTemplates {
			break
		}
		t := *c.template
		t.Holes = slices.Clone(t.Holes)
		for j, s := range c.stats {
			n, ok := number[s]
			if t.Holes[j].Column = n; ok {
				continue
			}
			if t.Holes[j].Column = Rest; columns[s] {
				t.Holes[j].Column = len(plan.Columns)
				number[s] = len(plan.Columns)
				plan.Columns = append(plan.Columns, s.column())
			}
		}
		plan.bySkeleton[skeleton] = len(plan.Templates)
		plan.Templates = append(plan.Templates, &t)
	}
	if len(plan.Templates) == 0 {
		return nil
	}
	return plan
}

// columns returns the keys of the templates that get a column.
func (p *Planner) columns(templates []string) map[*stats]bool {
	lines := map[*stats]int{}
	for _, skeleton := range templates {
		c := p.seen[skeleton]
		for _, s := range c.stats {
			lines[s] += c.lines
		}
	}
	var keys []*stats
	for s, n := range lines {
		if n >= max(fewest, p.lines/columnShare) {
			keys = append(keys, s)
		}
	}
	slices.SortFunc(keys, func(a, b *stats) int {
		return cmp.Or(cmp.Compare(lines[b], lines[a]), cmp.Compare(a.format, b.format), slices.Compare(a.path, b.path))
	})
	chosen := map[*stats]bool{}
	for _, s := range keys[:min(len(keys), maxColumns)] {
		chosen[s] = true
	}
	return chosen
}
