package otlp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/ingest"
	"github.com/oriel-obs/oriel/internal/fault"
)

// Options is what a Receiver needs.
type Options struct {
	Events     ingest.EventWriter       // takes logs and spans; required
	Metrics    promstorage.AppendableV2 // takes samples; required
	Refs       Refs                     // finds the series of Metrics; nil for none
	Recall     promstorage.Queryable    // reads Metrics, for the sums of delta metrics from before a restart; nil for none
	Limits     ingest.Limits
	Account    *ingest.Account // may be nil
	Log        *slog.Logger    // required; tagged by the caller
	Config     Config
	Registerer prometheus.Registerer // required
}

// A Receiver takes OTLP requests to the stores.
type Receiver struct {
	events  ingest.EventWriter
	samples promstorage.AppendableV2
	refs    Refs
	limits  ingest.Limits
	account *ingest.Account
	log     *slog.Logger
	cfg     Config
	metrics *metrics
	trans   *translation
	deltas  *tenantDeltas
	signals []*signal

	translators sync.Pool // of *translator
	now         func() time.Time
}

// The protocol labels of a Receiver's rows in an ingest.Account.
const (
	protocolGRPC = "otlp_grpc"
	protocolHTTP = "otlp_http"
)

// New returns a Receiver, or what is wrong with its configuration.
func New(o Options) (*Receiver, error) {
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	if err := o.Limits.Validate(); err != nil {
		return nil, err
	}
	rc := &Receiver{
		events:  o.Events,
		samples: o.Metrics,
		limits:  o.Limits,
		account: o.Account,
		log:     o.Log,
		cfg:     o.Config,
		trans:   newTranslation(o.Config),
		refs:    o.Refs,
		deltas:  newTenantDeltas(o.Config, o.Recall),
		now:     time.Now,
	}
	if rc.refs == nil {
		rc.refs = noRefs{}
	}
	rc.translators.New = func() any { return newTranslator(rc) }
	rc.metrics = newMetrics(o.Registerer, rc.deltas)
	rc.signals = []*signal{logsSignal(rc), metricsSignal(rc), tracesSignal(rc)}
	return rc, nil
}

// Run forgets idle delta series until ctx ends, and warns when there are too
// many.
func (rc *Receiver) Run(ctx context.Context) error {
	tick := time.NewTicker(rc.cfg.DeltaMaxIdle)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if refused := rc.deltas.expire(rc.now()); refused > 0 {
				rc.log.Warn("refused delta metrics: too many series; raise delta_max_series or send cumulative metrics",
					"points", refused, "limit", rc.cfg.DeltaMaxSeries)
			}
		}
	}
}

// A signal is what differs between logs, metrics and traces.
type signal struct {
	name    string // in paths
	account string // label in an ingest.Account
	service string // full name of the gRPC service

	keeps bool // what decode returns refers to body
	// decode reads a request, and returns what stores it and says how many
	// rows were refused and why.
	decode func(body []byte, json bool) (store, error)
	// reply encodes the response of a request that was stored, at least partly.
	reply func(rejected int64, message string, json bool) ([]byte, error)
}

type store func(ctx context.Context) (*outcome, error)

// receive takes one request: decodeErr is why it has none to run.
func (rc *Receiver) receive(ctx context.Context, protocol string, sig *signal, size int, run store, decodeErr error) (*outcome, error) {
	if decodeErr != nil {
		rc.account.Reject(ctx, protocol, sig.account, ingest.ReasonMalformed, 1, decodeErr.Error())
		return nil, decodeErr
	}
	ctx = rc.account.Arrive(ctx, protocol)
	out, err := run(ctx)
	for _, r := range out.refused {
		rc.account.Reject(ctx, protocol, sig.account, r.Reason, r.Rows, r.Example)
	}
	if err != nil {
		reason := ingest.ReasonStorage
		if errors.Is(err, fault.ErrOverloaded) {
			reason = ingest.ReasonOverload
		}
		rc.account.Reject(ctx, protocol, sig.account, reason, out.accepted, err.Error())
		return nil, err
	}
	rc.account.Accept(ctx, protocol, sig.account, out.accepted, size)
	return out, nil
}

// retryable marks a failure of a store as one to retry, unless its kind says
// otherwise: an OTLP sender drops what it gets INTERNAL or 500 for, and a store
// that failed may well recover.
func retryable(doing string, err error) error {
	switch {
	case errors.Is(err, fault.ErrOverloaded), errors.Is(err, fault.ErrUnavailable), errors.Is(err, fault.ErrTimeout),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: %w", doing, err)
	}
	return fmt.Errorf("%s: %w: %w", doing, err, fault.ErrUnavailable)
}
