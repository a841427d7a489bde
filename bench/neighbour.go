package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	neighbourWarmUp = 2 * time.Second  // of a storm, before anything is measured beside it
	neighbourRest   = 30 * time.Second // most that the server may work on after a storm
	neighbourFactor = 2                // what is beside a storm may take so many times as long as alone
)

// A neighbourhood is one server of two tenants: one that asks and sends little,
// and one that storms.
type neighbourhood struct {
	o *options
	s *server

	quiet  []*chore
	storms []*storm

	refused atomic.Int64 // requests of the quiet tenant
}

// A storm is what the other tenant does all at once.
type storm struct {
	name   string
	chores []*chore
	lasted time.Duration
	cpu    time.Duration // of the server meanwhile
}

// A chore is something that a tenant does again and again.
type chore struct {
	name  string
	every time.Duration // at most; 0 is as fast as it is answered
	at    int           // so many do it at once
	do    func(ctx context.Context, i int) error

	done atomic.Int64
	took [][]time.Duration // alone, and beside each storm
}

// neighbour measures what one tenant's requests take alone and beside another
// tenant's storm, by turns, so that a noisy spell of the machine hits both. It
// returns an error if a request fails, or takes too much longer beside it.
func neighbour(o *options, w io.Writer) error {
	// What the storm's client does must not hold up the other's: that is the
	// kernel's to share out, not the runtime's.
	runtime.GOMAXPROCS(4 * runtime.NumCPU())
	t := o.targets[0]
	if t.tenants == "" {
		return fmt.Errorf("%s knows no tenants, which neighbour needs; oriel-tenants does", t.name)
	}
	s, end, err := started(t, o)
	if err != nil {
		return err
	}
	defer end()
	n := &neighbourhood{o: o, s: s}
	if err := n.moveIn(); err != nil {
		return err
	}
	s.settle(startLimit)
	// Alone before and after, as the storm's data stay and both look through them.
	if err := n.measure(0); err != nil {
		return err
	}
	for run := range o.runs {
		for i, st := range n.storms {
			begin, cpu := time.Now(), s.cpu()
			stop := st.unleash()
			time.Sleep(neighbourWarmUp)
			err := n.measure(1 + i)
			st.lasted, st.cpu = st.lasted+time.Since(begin), st.cpu+s.cpu()-cpu
			if err = errors.Join(err, stop()); err != nil {
				return err
			}
			s.settle(neighbourRest)
			if err := n.measure(0); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "neighbour run %d/%d done\n", run+1, o.runs)
	}
	return errors.Join(n.report(w), checkLog(filepath.Join(s.dir, "server.log")))
}

// measure has the quiet tenant's chores done for a while; into is where what
// they took goes.
func (n *neighbourhood) measure(into int) error {
	ctx, cancel := context.WithTimeout(context.Background(), n.o.lasting)
	defer cancel()
	errs := make([]error, len(n.quiet))
	var wg sync.WaitGroup
	for i, c := range n.quiet {
		wg.Go(func() {
			tick := time.NewTicker(c.every)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
				begin := time.Now()
				if err := c.do(context.Background(), int(c.done.Add(1))); err != nil {
					errs[i] = fmt.Errorf("%s: %w", c.name, err)
					return
				}
				c.took[into] = append(c.took[into], time.Since(begin))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// unleash starts the storm. What is refused of it is no failure.
func (s *storm) unleash() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	errs := make(chan error, 1)
	for _, c := range s.chores {
		for range c.at {
			wg.Go(func() {
				for ctx.Err() == nil {
					if err := c.do(ctx, int(c.done.Add(1))); err != nil && ctx.Err() == nil {
						select {
						case errs <- fmt.Errorf("%s: %w", c.name, err):
						default:
						}
						return
					}
				}
			})
		}
	}
	return func() error {
		cancel()
		wg.Wait()
		select {
		case err := <-errs:
			return err
		default:
			return nil
		}
	}
}

// report prints what everything took.
func (n *neighbourhood) report(w io.Writer) error {
	var slow []error
	for i, st := range n.storms {
		fmt.Fprintf(w, "| %s beside %s, ms | alone p50 | p95 | p99 | beside p50 | p95 | p99 | p50 × | p95 × | requests |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n", n.s.target.name, st.name)
		for _, c := range n.quiet {
			alone, beside := quantiles(c.took[0]), quantiles(c.took[1+i])
			fmt.Fprintf(w, "| %s", c.name)
			for _, v := range slices.Concat(alone, beside) {
				fmt.Fprintf(w, " | %s", number(v))
			}
			fmt.Fprintf(w, " | %.2f | %.2f | %d |\n", beside[0]/alone[0], beside[1]/alone[1], len(c.took[0])+len(c.took[1+i]))
			if beside[1] > neighbourFactor*alone[1] {
				slow = append(slow, fmt.Errorf("%s: 95%% are answered in %s ms beside %s, in %s ms alone", c.name, number(beside[1]), st.name, number(alone[1])))
			}
		}
		seconds := st.lasted.Seconds()
		fmt.Fprintf(w, "\nOf %s, in a second:", st.name)
		for _, c := range st.chores {
			fmt.Fprintf(w, " %s %s;", number(float64(c.done.Load())/seconds), c.name)
		}
		fmt.Fprintf(w, " %s cores of the server.\n\n", number(st.cpu.Seconds()/seconds))
	}
	fmt.Fprintf(w, "%d requests of the quiet tenant were refused and made again.\n", n.refused.Load())
	return errors.Join(slow...)
}

// quantiles returns p50, p95 and p99 in ms.
func quantiles(took []time.Duration) []float64 {
	took = slices.Sorted(slices.Values(took))
	out := make([]float64, 3)
	for i, percent := range []int{50, 95, 99} {
		if len(took) > 0 {
			out[i] = ms(took[min(len(took)*percent/100, len(took)-1)])
		}
	}
	return out
}
