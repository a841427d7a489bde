package fair

import "context"

type passKey struct{}

// A Pass is for one place in a gate, to be taken once the work begins and not
// while it is still on its way: a sender whose request comes in slowly holds
// nobody up. It is of one goroutine.
type Pass struct {
	gate *Gate
	task *Task
	key  string
	in   bool
}

// Issue returns a context with a pass for who is named key. A task in ctx begins
// and ends with the work.
func (g *Gate) Issue(ctx context.Context, key string) (context.Context, *Pass) {
	p := &Pass{gate: g, task: taskOf(ctx), key: key}
	return context.WithValue(ctx, passKey{}, p), p
}

// Begin waits for the place that the pass in ctx is for, unless it has been
// taken. Without a pass there is nothing to wait for.
func Begin(ctx context.Context) error {
	p, _ := ctx.Value(passKey{}).(*Pass)
	if p == nil || p.in {
		return nil
	}
	p.task.Begin()
	if err := p.gate.enter(ctx, p.task, p.key); err != nil {
		p.task.End()
		return err
	}
	p.in = true
	return nil
}

// End gives the place of the pass in ctx back, if it was taken.
func End(ctx context.Context) {
	if p, _ := ctx.Value(passKey{}).(*Pass); p != nil {
		p.End()
	}
}

// End gives the place back, if it was taken.
func (p *Pass) End() {
	if p.in {
		p.in = false
		p.gate.leave(p.task, p.key)
		p.task.End()
	}
}
