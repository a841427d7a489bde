package pressure

import (
	"context"
	"slices"
)

// A burden is work that takes more memory the longer it goes on.
type burden struct{ end context.CancelCauseFunc }

// Bear returns a context for such work, until done is called. To refuse new work
// does not help when what has begun takes the rest: the context ends then, with
// ErrMemory as its cause. A nil Watch ends nothing.
func (w *Watch) Bear(ctx context.Context) (_ context.Context, done func()) {
	ctx, end, leave := w.bear(ctx, func(all []*burden, b *burden) []*burden { return append(all, b) })
	return ctx, func() { end(nil); leave() }
}

// BearDuty is Bear for what the process must do, rules for instance, and nobody
// would ask for again: it counts as what began first.
func (w *Watch) BearDuty(ctx context.Context) (_ context.Context, done func()) {
	ctx, end, leave := w.bear(ctx, func(all []*burden, b *burden) []*burden { return slices.Insert(all, 0, b) })
	return ctx, func() { end(nil); leave() }
}

// BearComing is Bear for what is sent, which takes memory as it comes. Once it
// has come, the context goes on.
func (w *Watch) BearComing(ctx context.Context) (_ context.Context, come func()) {
	ctx, _, leave := w.bear(ctx, func(all []*burden, b *burden) []*burden { return append(all, b) })
	return ctx, leave
}

func (w *Watch) bear(ctx context.Context, add func([]*burden, *burden) []*burden) (_ context.Context, end context.CancelCauseFunc, leave func()) {
	if w == nil {
		return ctx, func(error) {}, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	b := &burden{cancel}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.borne = add(w.borne, b)
	return ctx, cancel, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if i := slices.Index(w.borne, b); i >= 0 {
			w.borne = slices.Delete(w.borne, i, i+1)
		}
	}
}

// shed ends the half of all burdens that began last: what has gone on for longer
// is nearer to its end.
func (w *Watch) shed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.borne) / 2
	if len(w.borne) == n {
		return
	}
	for _, b := range w.borne[n:] {
		b.end(ErrMemory)
	}
	w.ended.Add(float64(len(w.borne) - n))
	w.log.Warn("memory is used up: what began last was ended", "ended", len(w.borne)-n, "left", n)
	clear(w.borne[n:])
	w.borne = w.borne[:n]
}
