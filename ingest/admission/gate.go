package admission

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/exemplar"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/internal/auth"
)

var (
	_ promstorage.AppendableV2     = (*Gate)(nil)
	_ promstorage.AppenderV2       = (*appender)(nil)
	_ promstorage.ExemplarAppender = (*appender)(nil)
	_ promstorage.GetRef           = (*appender)(nil)
)

// A Gate is a metric store whose samples pass the rules in force.
type Gate struct {
	store   promstorage.AppendableV2
	forget  func() // called after the rules have changed
	metrics *metrics

	turn    sync.Mutex // held by the one Apply that is going on
	config  Config
	checked []*relabel.Config        // of config
	last    uint64                   // number of the newest rules of any tenant
	rules   atomic.Pointer[Rules]    // of the default tenant, and of all without tenants; nil while there were never any
	tenants atomic.Pointer[sync.Map] // *Rules by tenant; nil without tenants
}

// New returns a Gate of c's rules to store. forget is called whenever the
// rules have changed: it drops what receivers keep of series beyond Seed.
func New(store promstorage.AppendableV2, c Config, forget func(), reg prometheus.Registerer) (*Gate, error) {
	g := &Gate{store: store, forget: forget, metrics: newMetrics(reg)}
	if err := g.Apply(c); err != nil {
		return nil, err
	}
	return g, nil
}

// Apply replaces the rules. Transactions that are open go on with those that
// they began with.
func (g *Gate) Apply(c Config) error {
	checked, err := c.checked()
	if err != nil {
		return err
	}
	g.turn.Lock()
	defer g.turn.Unlock()
	if c.Equal(g.config) {
		return nil
	}
	g.config, g.checked = c, checked
	g.metrics.dropped.Reset()
	g.renew()
	return nil
}

// renew puts g.checked in force. g.turn is held.
func (g *Gate) renew() {
	g.last++
	r := newRules(g.checked, g.last, g.metrics)
	if g.tenants.Load() != nil {
		r.stamp = stampOf("")
		g.tenants.Store(&sync.Map{}) // those of the others are made anew as they come
	}
	g.rules.Store(r)
	g.forget()
}

// KeepTenants has series stamped with the tenant whose identity is in the
// context of a transaction: see auth.TenantLabel. It is called before the first
// transaction.
func (g *Gate) KeepTenants() {
	g.turn.Lock()
	defer g.turn.Unlock()
	g.tenants.Store(&sync.Map{})
	g.renew()
}

// Rules are those in force for who writes in ctx, for receivers that keep what
// became of a series themselves; they append to the store, not the Gate.
func (g *Gate) Rules(ctx context.Context) *Rules {
	tenant := auth.From(ctx).Tenant()
	if tenant == "" {
		return g.rules.Load()
	}
	all := g.tenants.Load()
	if all == nil {
		return g.rules.Load()
	}
	if r, ok := all.Load(tenant); ok {
		return r.(*Rules)
	}
	g.turn.Lock()
	defer g.turn.Unlock()
	all = g.tenants.Load() // of the rules that are in force now
	if r, ok := all.Load(tenant); ok {
		return r.(*Rules)
	}
	g.last++
	r := newRules(g.checked, g.last, g.metrics)
	r.stamp = stampOf(tenant)
	all.Store(tenant, r)
	return r
}

// AppenderV2 begins a transaction.
func (g *Gate) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	app := g.store.AppenderV2(ctx)
	rules := g.Rules(ctx)
	if rules == nil {
		return app
	}
	return &appender{AppenderV2: app, rules: rules}
}

// Derived is the Gate for what the process itself makes of tenants' data, and
// has stamped already. Samples of it pass the operator's rules alone.
func (g *Gate) Derived() promstorage.AppendableV2 { return derived{g} }

type derived struct{ *Gate }

// AppenderV2 begins a transaction.
func (d derived) AppenderV2(ctx context.Context) promstorage.AppenderV2 {
	app := d.store.AppenderV2(ctx)
	rules := d.rules.Load()
	if rules == nil {
		return app
	}
	return &appender{AppenderV2: app, rules: rules.unstamped()}
}

type appender struct {
	promstorage.AppenderV2
	rules *Rules
}

// References that receivers get and give again carry the number of the rules
// in their upper half, which tsdb does not use: a reference from other rules
// may be of a series that now has another name, or is dropped. The highest bit
// is set where the labels that a receiver knows are not those of the series.
const (
	numberShift = 48
	changedBit  = 1 << 63
	numberMask  = changedBit>>numberShift - 1
)

func (a *appender) tag() promstorage.SeriesRef {
	return promstorage.SeriesRef(min(a.rules.number, numberMask)) << numberShift
}

// untag returns the store's reference, or 0 if ref is of other rules or of a
// series that was changed.
func (a *appender) untag(ref promstorage.SeriesRef) promstorage.SeriesRef {
	if ref&^(1<<numberShift-1) != a.tag() || a.rules.number >= numberMask { // of which there are several
		return 0
	}
	return ref & (1<<numberShift - 1)
}

// Append implements promstorage.AppenderV2. Of a dropped sample it returns
// reference 0 and no error.
func (a *appender) Append(ref promstorage.SeriesRef, ls labels.Labels, st, t int64, v float64, h *histogram.Histogram, fh *histogram.FloatHistogram, opts promstorage.AOptions) (promstorage.SeriesRef, error) {
	if ref = a.untag(ref); ref != 0 {
		ref, err := a.AppenderV2.Append(ref, ls, st, t, v, h, fh, opts)
		return a.tagged(ref, 0), err
	}
	if !a.rules.Active() {
		ref, err := a.AppenderV2.Append(0, ls, st, t, v, h, fh, opts)
		return a.tagged(ref, 0), err
	}
	verdict, ref, hash, known := a.judge(ls)
	if verdict.Dropped {
		a.rules.CountDropped(verdict, 1)
		if !known {
			a.rules.Remember(hash, verdict.Keep(), 0)
		}
		return 0, nil
	}
	bits := promstorage.SeriesRef(0)
	if verdict.Changed {
		bits = changedBit
		renameFamily(&opts, ls.Get(model.MetricNameLabel), verdict.Labels.Get(model.MetricNameLabel))
	}
	got, err := a.AppenderV2.Append(ref, verdict.Labels, st, t, v, h, fh, opts)
	if got != 0 && (!known || got != ref) {
		a.remember(hash, verdict, got)
	}
	return a.tagged(got, bits), err
}

// remember keeps v, in memory of our own or of the store's.
func (a *appender) remember(hash uint64, v Verdict, ref promstorage.SeriesRef) {
	if get, ok := a.AppenderV2.(promstorage.GetRef); ok && !v.Changed {
		if found, stored := get.GetRef(v.Sent, hash); found == ref {
			v.Sent, v.Labels = stored, stored
			a.rules.Remember(hash, v, ref)
			return
		}
	}
	a.rules.Remember(hash, v.Keep(), ref)
}

// judge recalls or makes the verdict on ls, which is kept under hash.
func (a *appender) judge(ls labels.Labels) (v Verdict, ref promstorage.SeriesRef, hash uint64, known bool) {
	hash = ls.Hash()
	v, ref, known = a.rules.Recall(hash, func(sent labels.Labels) bool { return labels.Equal(sent, ls) })
	if !known {
		v = a.rules.Judge(ls)
	}
	return v, ref, hash, known
}

func (a *appender) tagged(ref, bits promstorage.SeriesRef) promstorage.SeriesRef {
	if ref == 0 {
		return 0
	}
	return ref | a.tag() | bits
}

// renameFamily has metadata follow a series that got another name: what stood
// before the suffix stands before it now. Where there is no telling, the
// metadata are left out.
func renameFamily(opts *promstorage.AOptions, sent, stored string) {
	if sent == stored || opts.MetricFamilyName == "" {
		return
	}
	suffix, ok := strings.CutPrefix(sent, opts.MetricFamilyName)
	family, cut := strings.CutSuffix(stored, suffix)
	if !ok || !cut || family == "" {
		opts.MetricFamilyName = ""
		return
	}
	opts.MetricFamilyName = family
}

// AppendExemplar implements promstorage.ExemplarAppender, if the store does.
func (a *appender) AppendExemplar(ref promstorage.SeriesRef, ls labels.Labels, e exemplar.Exemplar) (promstorage.SeriesRef, error) {
	app, ok := a.AppenderV2.(promstorage.ExemplarAppender)
	if !ok {
		return 0, promstorage.ErrExemplarsDisabled
	}
	bits := promstorage.SeriesRef(0)
	if ref = a.untag(ref); ref == 0 && a.rules.Active() {
		v, known, _, _ := a.judge(ls)
		if v.Dropped {
			return 0, nil
		}
		if v.Changed {
			bits = changedBit
		}
		ref, ls = known, v.Labels
	}
	ref, err := app.AppendExemplar(ref, ls, e)
	return a.tagged(ref, bits), err
}

// GetRef implements promstorage.GetRef. It knows only series that the rules
// leave as they are.
func (a *appender) GetRef(ls labels.Labels, hash uint64) (promstorage.SeriesRef, labels.Labels) {
	get, ok := a.AppenderV2.(promstorage.GetRef)
	if !ok {
		return 0, labels.EmptyLabels()
	}
	if v, _, _, _ := a.judge(ls); a.rules.Active() && (v.Changed || v.Dropped) {
		return 0, labels.EmptyLabels()
	}
	ref, stored := get.GetRef(ls, hash)
	return a.tagged(ref, 0), stored
}
