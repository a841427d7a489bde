package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"
)

// Config says where the shop sends and how busy it is.
type Config struct {
	Endpoint string        // host:port of an OTLP/gRPC receiver without TLS
	Rate     float64       // visits a second, at most maxRate
	Incident time.Duration // one incident in each such period; 0 for none
	Seed     uint64
}

const maxRate = 200

// Run plays the shop until ctx ends, then sends what is left. It returns an
// error only if it cannot start.
func Run(ctx context.Context, cfg Config, log *slog.Logger) (err error) {
	if cfg.Rate <= 0 || cfg.Rate > maxRate {
		return fmt.Errorf("rate of %g visits a second: want more than 0, at most %d", cfg.Rate, maxRate)
	}
	sh := &player{cfg: cfg, start: time.Now(), rand: rand.New(rand.NewPCG(cfg.Seed, 1)), instances: map[string][]*instance{}}
	defer func() {
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		for _, list := range sh.instances {
			for _, in := range list {
				in.shutdown(stop) // the receiver may be gone: nothing to do about it
			}
		}
	}()
	for name, svc := range shop {
		for _, zone := range []string{"eu-1a", "eu-1b"} {
			in, err := newInstance(ctx, cfg.Endpoint, svc, zone)
			if err != nil {
				return fmt.Errorf("demo service %s: %w", name, err)
			}
			sh.instances[name] = append(sh.instances[name], in)
		}
	}
	log.Info("demo shop is open", "services", len(shop), "visits_per_second", cfg.Rate, "incident_every", cfg.Incident)
	limiter := rate.NewLimiter(rate.Limit(cfg.Rate), 1)
	for {
		if err := limiter.Wait(ctx); err != nil {
			if errors.Is(ctx.Err(), context.Canceled) {
				return nil
			}
			return err
		}
		sh.visit(ctx, time.Now())
	}
}

// A player turns visits into telemetry. It is used by one goroutine.
type player struct {
	cfg       Config
	start     time.Time
	rand      *rand.Rand
	instances map[string][]*instance // by service
}

// visit plays one visit that begins at now.
func (p *player) visit(ctx context.Context, now time.Time) {
	roll := p.rand.IntN(100)
	for _, v := range visits {
		if roll -= v.weight; roll < 0 {
			p.serve(ctx, now, "storefront", v.operation, fmt.Sprintf("u-%04d", p.rand.IntN(2000)))
			return
		}
	}
}

// spread returns d times a factor that is mostly near 1 and sometimes large,
// as response times are.
func (p *player) spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.5 + p.rand.ExpFloat64()*0.5))
}

// An outcome is how a request ended.
type outcome struct {
	end time.Time
	err error // nil for success
}

// serve plays a request to a service, which arrives at now.
func (p *player) serve(ctx context.Context, now time.Time, name, opName, user string) outcome {
	in := p.instances[name][p.rand.IntN(len(p.instances[name]))]
	op := in.service.operations[opName]
	rq := in.begin(ctx, now, op, user)

	work, err := p.spread(op.work), error(nil)
	if bad := incidentAt(now, p.start, p.cfg.Incident); bad != nil && bad.service == name && bad.operation == opName && (bad.onlyZone == "" || bad.onlyZone == in.zone) {
		work = time.Duration(float64(work) * bad.slower)
		if p.rand.Float64() < bad.failures {
			work = bad.after
			err = &failure{kind: bad.exception, message: bad.message}
		}
	}
	at := now.Add(work / 2)
	for _, c := range op.calls {
		if err != nil {
			break
		}
		if c.share > 0 && p.rand.Float64() >= c.share {
			continue
		}
		out := rq.call(at, shop[c.service], c.operation, func(ctx context.Context, at time.Time) outcome {
			return p.serve(ctx, at, c.service, c.operation, user)
		})
		at = out.end
		if out.err != nil {
			err = fmt.Errorf("call %s: %w", c.service, out.err)
		}
	}
	if op.store != nil && err == nil {
		at = rq.query(at, op.store, p.spread(op.store.took))
	}
	end := at.Add(work / 2)
	rq.finish(end, err)
	return outcome{end: end, err: err}
}

// A failure is an error with the name its language would give it.
type failure struct{ kind, message string }

func (f *failure) Error() string { return f.message }
