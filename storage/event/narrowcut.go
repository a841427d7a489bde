package event

import "github.com/oriel-obs/oriel/storage"

// narrowCut does the steps that the columns of bodies alone decide, if only
// shredded rows matter or only the others: before times and streams, since few
// rows are left as a rule. It returns the rows, nil meaning all, and the steps
// to do.
func (f *filter) narrowCut(b *block) (sel []uint32, steps []step, err error) {
	narrow := (*step).narrowCut
	switch b.half {
	case allRows:
		return nil, f.steps, nil
	case wholeRows:
		narrow = (*step).narrowWhole
	}
	for _, s := range f.steps {
		kept, ok, err := narrow(&s, b, sel)
		switch {
		case err != nil:
			return nil, nil, err
		case !ok:
			steps = append(steps, s)
		case len(kept) == 0:
			return []uint32{}, nil, nil
		default:
			sel = kept
		}
	}
	return sel, steps, nil
}

// narrowWhole returns the rows of sel, nil meaning all, that are not shredded
// and s keeps; ok is false if that takes more than looking for a text.
func (s *step) narrowWhole(b *block, sel []uint32) (kept []uint32, ok bool, err error) {
	p, is := s.p.(storage.Contains)
	if !is || p.Field.Place != storage.Body || p.FoldCase || p.Needle == "" {
		return nil, false, nil
	}
	v := &bodyValues{}
	if err := b.readTexts(colBody, v); err != nil {
		return nil, false, err
	}
	return v.markHas(p.Needle).rows(sel), true, nil
}

// narrowCut returns the rows of sel, nil meaning all, that are shredded and s
// keeps; ok is false if that takes more than columns.
func (s *step) narrowCut(b *block, sel []uint32) (kept []uint32, ok bool, err error) {
	switch {
	case s.anchored != nil:
		return b.matchAnchored(s.anchored, sel)
	case s.sole:
		v, kind, err := b.soleValues(s.ofBody)
		if v == nil || err != nil {
			return nil, false, err
		}
		return narrowSole(b, v, kind, s.p, sel), true, nil
	}
	if p, is := s.p.(storage.Contains); is && p.Field.Place == storage.Body && !p.FoldCase && p.Needle != "" {
		return b.cutContains(p.Needle, sel)
	}
	return nil, false, nil
}

// narrowBoth returns the rows of sel that s, which is about bodies, keeps: of
// those that are shredded by narrowCut, if that can tell, and of the others by
// reading them.
func (s *step) narrowBoth(b *block, sel []uint32) (kept []uint32, ok bool, err error) {
	if b.half != allRows || s.sole {
		return nil, false, nil
	}
	kept, ok, err = s.narrowCut(b, sel)
	if err != nil || !ok {
		return nil, false, err
	}
	bodies, err := b.openShredded()
	if err != nil {
		return nil, false, err
	}
	open := sift(sel, func(i uint32) bool { return bodies.template[i] == whole })
	if len(open) == 0 {
		return kept, true, nil
	}
	if err := b.build(open); err != nil {
		return nil, false, err
	}
	m := storage.NewMatcher(s.p)
	return union(kept, sift(open, func(i uint32) bool { return m.Keep(&b.batch, int(i)) })), true, nil
}
