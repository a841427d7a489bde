package event

import "context"

// settle finds out which parts have no row that a delete hides, so that they
// need not be written anew.
func (t *table) settle(ctx context.Context, pace mergePace) error {
	snap := t.snapshot()
	defer snap.release()
	for _, h := range snap.hidings {
		if h.number > 0 && !pace.urgent && pace.now.Sub(h.created) < deleteDelay {
			continue
		}
		for _, p := range snap.parts {
			if p.unfit.Load() || !h.concerns(p.meta.Segments[1], p.meta.Deletes, p.meta.MinTime, p.meta.MaxTime) {
				continue
			}
			if err := t.settlePart(ctx, h, p); err != nil {
				if err = t.corrupt(p, err); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *table) settlePart(ctx context.Context, h *hiding, p *part) error {
	if v, known := p.verdict(h); known && (v.nothing || v.some || h.number == 0) {
		return nil
	}
	p.enter()
	defer p.leave()
	hidden, err := p.hiddenBy([]*hiding{h})
	if err != nil || len(hidden) == 0 || h.number == 0 {
		return err
	}
	v, _ := p.verdict(h)
	pl := &planner{t: t, filter: h.filter, over: h.over}
	units, err := pl.part(p, nil)
	if err != nil {
		return err
	}
	for _, u := range units {
		if err := ctx.Err(); err != nil {
			return ioError{err}
		}
		b, err := openBlock(p, t.signal, u.number)
		if err != nil {
			return err
		}
		rows, err := h.filter.evaluate(b, h.over, v.keep)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			v.some = true
			p.judge(h, v)
			return nil
		}
	}
	v.nothing = true
	p.judge(h, v)
	return nil
}
