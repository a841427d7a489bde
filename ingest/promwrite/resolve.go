package promwrite

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/cespare/xxhash/v2"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/ingest/admission"
)

// A resolver finds the series of a request.
type resolver struct {
	refs   Refs
	get    promstorage.GetRef // nil if the storage cannot look series up
	limits ingest.Limits
	rules  *admission.Rules // nil takes every series as it is
}

// resolve sets ref and labels of every series of q, or says why it is refused.
// It fails as a whole only if a label is not protobuf, and appends nothing, so
// that a damaged request leaves no trace.
func (r *resolver) resolve(q *request) error {
	if q.equal = q.equalV1; q.v2 {
		q.equal = q.equalV2
	}
	last := uint32(0)
	hits, seed, judging := 0, r.rules.Seed(), r.rules.Active()
	for i := range q.series {
		s := &q.series[i]
		if q.v2 {
			refs := q.refs[s.refs.from:s.refs.to]
			if err := q.checkRefs(refs); err != nil {
				s.refused = labelError{fmt.Sprintf("parsing labels for series %v: %v", refs, err)}
			}
			if s.refused != nil {
				continue
			}
			s.hash = q.hashOfSymbols(refs) ^ seed
		} else {
			s.hash = xxhash.Sum64(s.wire) ^ seed
		}
		q.cur = s
		var at uint32
		if s.ref, s.labels, at, s.known = r.refs.GetAfter(last, s.hash, q.equal); s.known {
			last = at
			hits++
			continue
		}
		if judging && r.recall(q, s) {
			hits++
			continue
		}
		if err := q.readPairs(s.wire, q.refs[s.refs.from:s.refs.to]); err != nil {
			return fmt.Errorf("time series %d: label: %w", i, err)
		}
		r.build(q, s)
	}
	r.refs.Count(hits, len(q.series)-hits)
	return nil
}

// recall reports whether the bytes of s are known to be those of a series that
// the rules drop or change.
func (r *resolver) recall(q *request, s *series) bool {
	if s.verdict, s.ref, s.known = r.rules.Recall(s.hash, q.equal); !s.known {
		return false
	}
	s.labels = s.verdict.Labels
	return true
}

// build makes the labels of s of q.pairs.
func (r *resolver) build(q *request, s *series) {
	if s.refused = r.checkSizes(q.pairs); s.refused != nil {
		return
	}
	q.builder.Reset()
	for _, p := range q.pairs {
		q.builder.Add(p.Name, p.Value)
	}
	q.builder.Sort()
	q.builder.Overwrite(&q.scratch) // not for keeps yet
	if s.refused = checkLabels(q.scratch); s.refused != nil {
		return
	}
	ls := q.scratch.WithoutEmpty()
	if v := r.rules.Judge(ls); v.Dropped || v.Changed {
		r.judged(s, v.Keep())
		return
	}
	if r.get != nil {
		if s.ref, s.labels = r.get.GetRef(ls, ls.Hash()); s.ref != 0 {
			return
		}
	}
	s.labels = q.builder.Labels().WithoutEmpty()
}

// judged has s dropped or changed.
func (r *resolver) judged(s *series, v admission.Verdict) {
	s.verdict, s.labels = v, v.Labels
	if v.Dropped {
		r.rules.Remember(s.hash, v, 0)
		return
	}
	if s.refused = checkLabels(v.Labels); s.refused == nil && r.get != nil {
		s.ref, _ = r.get.GetRef(v.Labels, v.Labels.Hash())
	}
}

// maxLabelBytes is what Prometheus' labels can hold of one string.
const maxLabelBytes = 1<<24 - 1

func (r *resolver) checkSizes(pairs []labels.Label) error {
	if n := r.limits.MaxLabels; n > 0 && len(pairs) > n {
		return labelError{fmt.Sprintf("series %s has %d labels, more than max_labels: %d", named(pairs), len(pairs), n)}
	}
	most := maxLabelBytes
	if n := r.limits.MaxLabelValueBytes; n > 0 && n < most {
		most = n
	}
	for _, p := range pairs {
		if n := max(len(p.Name), len(p.Value)); n > most {
			return labelError{fmt.Sprintf("series %s: label %.64q has %d bytes, more than max_label_value_bytes: %d", named(pairs), p.Name, n, most)}
		}
	}
	return nil
}

// named is enough of the labels to find the series by.
func named(pairs []labels.Label) string {
	for _, p := range pairs {
		if p.Name == model.MetricNameLabel {
			return fmt.Sprintf("%.128q", p.Value)
		}
	}
	return "without a name"
}

// A labelError is a fault of a series' labels.
type labelError struct{ text string }

func (e labelError) Error() string { return e.text }

var errNoSamples = errors.New("TimeSeries must contain at least one sample or histogram")

// checkLabels takes what Prometheus takes; ls is sorted.
func checkLabels(ls labels.Labels) error {
	if !ls.Has(model.MetricNameLabel) || !ls.IsValid(model.UTF8Validation) {
		return labelError{fmt.Sprintf("invalid metric name or labels, got %v", ls)}
	}
	if name, dup := ls.HasDuplicateLabelNames(); dup {
		return labelError{fmt.Sprintf("invalid labels for series, labels %v, duplicated label %s", ls, name)}
	}
	return nil
}

// checkRefs makes sure that refs can be looked up.
func (q *request) checkRefs(refs []uint32) error {
	if len(refs)%2 != 0 {
		return fmt.Errorf("invalid labelRefs length %d", len(refs))
	}
	for i := 0; i < len(refs); i += 2 {
		if int(refs[i]) >= len(q.symbols) || int(refs[i+1]) >= len(q.symbols) {
			return fmt.Errorf("labelRefs %d (name) = %d (value) outside of symbols table (size %d)", refs[i], refs[i+1], len(q.symbols))
		}
	}
	return nil
}

// hashOfSymbols depends on the strings alone: where they stand in the table
// differs from request to request.
func (q *request) hashOfSymbols(refs []uint32) uint64 {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(len(refs))
	for _, r := range refs {
		h = bits.RotateLeft64(h^q.hashes[r], 29) * prime
	}
	return h
}

// readPairs sets q.pairs to the labels in wire or refs, as they stand there.
func (q *request) readPairs(wire []byte, refs []uint32) error {
	q.pairs = q.pairs[:0]
	for i := 0; i+1 < len(refs); i += 2 {
		q.pairs = append(q.pairs, labels.Label{Name: q.symbols[refs[i]], Value: q.symbols[refs[i+1]]})
	}
	for len(wire) > 0 {
		name, value, rest, err := nextLabel(wire)
		if err != nil {
			return err
		}
		q.pairs = append(q.pairs, labels.Label{Name: text(name), Value: text(value)})
		wire = rest
	}
	return nil
}

// sameAsWire reports whether the label bytes of q.cur say ls. They do so in
// order, unless the sender does not sort, or sends empty values.
func (q *request) sameAsWire(ls labels.Labels) bool {
	wire := q.cur.wire
	same := ls.Validate(func(l labels.Label) error {
		var ok bool
		if wire, ok = cutLabel(wire, l); !ok {
			return errDiffers
		}
		return nil
	}) == nil
	if same && len(wire) == 0 {
		return true
	}
	return q.readPairs(q.cur.wire, nil) == nil && q.sameAsPairs(ls)
}

// cutLabel takes l off the front of wire, if it is what stands there. The bytes
// of a short label are foreseen rather than read: this is the innermost loop.
func cutLabel(wire []byte, l labels.Label) ([]byte, bool) {
	n, v := len(l.Name), len(l.Value)
	if all := n + v + 6; all < 0x80 && all <= len(wire) &&
		wire[0] == 1<<3|wireBytes && int(wire[1]) == all-2 &&
		wire[2] == 1<<3|wireBytes && int(wire[3]) == n && string(wire[4:4+n]) == l.Name &&
		wire[4+n] == 2<<3|wireBytes && int(wire[5+n]) == v && string(wire[6+n:all]) == l.Value {
		return wire[all:], true
	}
	name, value, rest, err := nextLabel(wire)
	return rest, err == nil && text(name) == l.Name && text(value) == l.Value
}

// sameAsSymbols is sameAsWire for version 2.
func (q *request) sameAsSymbols(ls labels.Labels) bool {
	refs := q.refs[q.cur.refs.from:q.cur.refs.to]
	same := ls.Validate(func(l labels.Label) error {
		if len(refs) < 2 || q.symbols[refs[0]] != l.Name || q.symbols[refs[1]] != l.Value {
			return errDiffers
		}
		refs = refs[2:]
		return nil
	}) == nil
	if same && len(refs) == 0 {
		return true
	}
	return q.readPairs(nil, q.refs[q.cur.refs.from:q.cur.refs.to]) == nil && q.sameAsPairs(ls)
}

var errDiffers = errors.New("labels differ")

// sameAsPairs reports whether q.pairs are ls in another order. Every pair must
// be a label of its own; a pair without a value is none.
func (q *request) sameAsPairs(ls labels.Labels) bool {
	var seen uint64
	n := 0
	for _, p := range q.pairs {
		if p.Value == "" {
			continue
		}
		at, i := -1, 0
		ls.Range(func(l labels.Label) {
			if l.Name == p.Name && l.Value == p.Value {
				at = i
			}
			i++
		})
		if at < 0 || at >= 64 || seen&(1<<at) != 0 {
			return false
		}
		seen |= 1 << at
		n++
	}
	return n == ls.Len()
}
