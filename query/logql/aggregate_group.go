package logql

import (
	"github.com/oriel-obs/oriel/internal/linefield"
	"github.com/oriel-obs/oriel/model"
	"github.com/oriel-obs/oriel/storage"
)

// A groupLine stands for all lines of a group: it has those of their labels
// that the aggregation looks at. Stages do to it what they do to lines.
type groupLine struct {
	line
	values map[storage.Field]model.Value // of the group's key
	stream []label

	// unclear is set when the order of fields in a body decides what a label
	// is, which a group does not tell.
	unclear bool
}

// A groupStage does to the line of a group what a stage does to each of its
// lines; it returns false if that drops them.
type groupStage interface{ processGroup(g *groupLine) bool }

// load makes g the line of a group.
func (g *groupLine) load(a *aggregate, from *storage.Group) {
	clear(g.values)
	g.stream = g.stream[:0]
	g.unclear = false
	if from.Stream != nil {
		for _, at := range from.Stream.Attrs {
			g.stream = append(g.stream, label{name: at.Key, value: at.Value.Text()})
		}
	}
	for i, p := range a.places {
		v := from.Key[i]
		if v.IsNone() {
			continue
		}
		g.values[p.field] = v
		if p.field.Place == storage.Stream {
			g.stream = append(g.stream, label{name: p.label, value: v.Text()})
		}
	}
	g.reset(0, "", g.stream)
	for i, p := range a.places {
		if p.field.Place != storage.Attr || p.label == "" {
			continue
		}
		if text := from.Key[i].Text(); text != "" {
			g.addMetadata(p.label, text)
		}
	}
}

// A processorStage is a stage that looks at labels only.
type processorStage struct{ processor }

func (s processorStage) processGroup(g *groupLine) bool { return s.process(&g.line) }

// A groupParser stands for a parser: what it finds is in the group's key.
type groupParser struct {
	parser *bodyParser
	labels []string // of a parser that finds any label, those looked at
	seen   []string
}

func (p *groupParser) processGroup(g *groupLine) bool {
	refusal, may := p.parser.refused()
	refused := may && !g.values[refusal].IsNone()
	if p.parser.picks == nil {
		p.every(g)
	} else if !refused {
		p.picks(g)
	}
	if refused {
		g.fail(linefield.JSONError, "")
	}
	return true
}

func (p *groupParser) every(g *groupLine) {
	p.seen = p.seen[:0]
	for _, name := range p.labels {
		v := g.values[storage.Field{Place: p.parser.place, Key: name}]
		if v.IsNone() {
			continue
		}
		at := g.extractedName(name)
		for _, other := range p.seen {
			g.unclear = g.unclear || other == at
		}
		p.seen = append(p.seen, at)
		g.extract(name, v.Str())
	}
}

func (p *groupParser) picks(g *groupLine) {
	for _, x := range p.parser.picks {
		for _, name := range p.labels {
			if name == x.label {
				v := g.values[x.field]
				g.pick(x.label, v.Str(), !v.IsNone())
			}
		}
	}
}
