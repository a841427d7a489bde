package tracediff

import (
	"github.com/oriel-obs/oriel/query/traceql"
)

// The formats, which are the versions of their documents.
const (
	PatchV0    = "trace-patch-v0"
	SummaryV0  = "trace-summary-v0-native"
	ComposedV0 = "trace-summary-v0-composed"
)

// A Patch lists what makes the base trace the compared one.
type Patch struct {
	Version  string     `json:"version"`
	Base     Side       `json:"base"`
	Compare  Side       `json:"compare"`
	Stats    Counts     `json:"stats"`
	Modified []Modified `json:"modified"` // in the order of the compared trace
	Added    []Single   `json:"added"`    // as well
	Removed  []Single   `json:"removed"`  // in that of the base
	Warnings []Warning  `json:"warnings"`
}

// A Side is one of the two traces.
type Side struct {
	TraceID   string `json:"traceId"` // 32 hex digits
	SpanCount int    `json:"spanCount"`
}

// Counts are those of the lists of a Patch; A is the base.
type Counts struct {
	SpanCountA       int  `json:"spanCountA"`
	SpanCountB       int  `json:"spanCountB"`
	MatchedSpans     int  `json:"matchedSpans"`
	ModifiedSpans    int  `json:"modifiedSpans"`
	AddedSpans       int  `json:"addedSpans"`
	RemovedSpans     int  `json:"removedSpans"`
	FieldChanges     int  `json:"fieldChanges"`
	AttributeChanges int  `json:"attributeChanges"`
	EventChanges     int  `json:"eventChanges"` // 0: version 0 looks at no events
	Truncated        bool `json:"truncated"`    // false: it leaves nothing out
}

// Modified is a span that both traces have, with what is not the same.
type Modified struct {
	Span    Ref      `json:"span"` // of the compared trace
	Changes []Change `json:"changes"`
}

// A Ref finds a span in its trace.
type Ref struct {
	Path    []int  `json:"path"` // of indexes among siblings, from the top
	Service string `json:"service"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
}

// Single is a span that one trace has.
type Single struct {
	Target Place    `json:"target"`
	Span   Snapshot `json:"span"`
}

// A Place is where a span is removed, or where it is added.
type Place struct {
	Type       string `json:"type"`                 // "span"
	Path       []int  `json:"path,omitempty"`       // of a removed one
	ParentPath []int  `json:"parentPath,omitempty"` // of an added one; absent at the top
	Index      *int   `json:"index,omitempty"`      // of an added one, among its siblings
}

// A Snapshot is what there is to show of a span.
type Snapshot struct {
	Path     []int  `json:"path"`
	Service  string `json:"service"`
	Name     string `json:"name"`
	Kind     string `json:"kind"`
	Duration int64  `json:"duration_nanos"` // 0 if the span's times make no sense
	Status   string `json:"status"`         // "unset", "ok" or "error"
}

// A Diff is two traces, compared.
type Diff struct {
	base, compare []*node
	patch         *Patch
}

// Of compares two whole traces. A fault.ErrLimit says that one of them is too
// deep.
func Of(base, compare *traceql.Trace) (*Diff, error) {
	d := &Diff{}
	var err error
	if d.base, err = walk(base); err != nil {
		return nil, err
	}
	if d.compare, err = walk(compare); err != nil {
		return nil, err
	}
	d.patch = &Patch{
		Version: PatchV0,
		Base:    Side{base.ID.String(), len(d.base)}, Compare: Side{compare.ID.String(), len(d.compare)},
		Modified: []Modified{}, Added: []Single{}, Removed: []Single{}, Warnings: warnings(d.base, d.compare),
	}
	d.fill()
	return d, nil
}

// Patch returns what changed, span by span.
func (d *Diff) Patch() *Patch { return d.patch }

func (d *Diff) fill() {
	p := d.patch
	of := match(d.base, d.compare)
	kept := make(map[*node]bool, len(of))
	for _, n := range d.compare {
		was, ok := of[n]
		if !ok {
			p.Added = append(p.Added, added(n))
			continue
		}
		kept[was] = true
		if changes := changesOf(was, n); len(changes) > 0 {
			p.Modified = append(p.Modified, Modified{refOf(n), changes})
			for _, c := range changes {
				if c.Target.Type == targetField {
					p.Stats.FieldChanges++
				} else {
					p.Stats.AttributeChanges++
				}
			}
		}
	}
	for _, n := range d.base {
		if !kept[n] {
			s := snapshotOf(n)
			p.Removed = append(p.Removed, Single{Place{Type: targetSpan, Path: s.Path}, s})
		}
	}
	p.Stats.SpanCountA, p.Stats.SpanCountB, p.Stats.MatchedSpans = len(d.base), len(d.compare), len(of)
	p.Stats.ModifiedSpans, p.Stats.AddedSpans, p.Stats.RemovedSpans = len(p.Modified), len(p.Added), len(p.Removed)
}

func added(n *node) Single {
	s := snapshotOf(n)
	return Single{Place{Type: targetSpan, ParentPath: s.Path[:n.depth-1], Index: &n.index}, s}
}

func refOf(n *node) Ref {
	return Ref{n.path(), n.id.service, n.id.name, n.id.kind.String()}
}

func snapshotOf(n *node) Snapshot {
	return Snapshot{n.path(), n.id.service, n.id.name, n.id.kind.String(), n.length(), n.Status.String()}
}
