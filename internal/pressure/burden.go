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
	if w == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	b := &burden{cancel}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.borne = append(w.borne, b)
	return ctx, func() {
		cancel(nil)
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
	w.log.Warn("memory is used up: the queries that began last were ended", "ended", len(w.borne)-n, "left", n)
	clear(w.borne[n:])
	w.borne = w.borne[:n]
}
