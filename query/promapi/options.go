package promapi

import (
	"context"
	"iter"
	"log/slog"
	"net/url"
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/metadata"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/rules"
	"github.com/prometheus/prometheus/scrape"
	promstorage "github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/util/features"
	v1 "github.com/prometheus/prometheus/web/api/v1"
)

// Metadata is what is known of metric families. metric.Families implements it.
type Metadata interface {
	// Get returns the metadata of one family.
	Get(family string) (metadata.Metadata, bool)

	// All yields the families, sorted by name.
	All() iter.Seq2[string, metadata.Metadata]
}

// Targets are what is scraped; scrape.Manager implements it.
type Targets interface {
	v1.TargetRetriever
	v1.ScrapePoolsRetriever
}

// Options are what the API asks. All of them but the nilable ones are needed.
type Options struct {
	Engine    promql.QueryEngine
	Parser    parser.Parser // of the engine
	Queryable promstorage.SampleAndChunkQueryable
	Local     promstorage.Queryable // what federation is of; nil means Queryable
	Exemplars promstorage.ExemplarQueryable
	Metadata  Metadata

	// Admin is the database, for statistics and, if AdminEnabled, for
	// deletion and snapshots, which go to DataDir/snapshots.
	Admin        v1.TSDBAdminStats
	AdminEnabled bool
	DataDir      string

	Features      features.Collector       // what the engine and others can do; nil means nothing said
	Rules         RulesOf                  // nil means no rules
	Signal        SignalOf                 // nil means that all rules are about metrics
	Targets       Targets                  // nil means no targets
	Alertmanagers v1.AlertmanagerRetriever // nil means none
	Reached       v1.GlobalURLOptions      // listen address, host and scheme, to show targets on this machine as others see them
	External      func() labels.Labels     // external labels, for federation and remote read; nil means none
	Config        func() string            // of the whole configuration, as YAML, secrets masked
	Reloaded      func() (time.Time, bool) // when the configuration was last loaded, and whether that worked; nil means at start
	Flags         map[string]string        // of the command line
	Version       v1.PrometheusVersion     // clients choose features by Version, so it is Prometheus' own
	Retention     string                   // for people, as in "15d or 50GiB"
	Ready         func() bool              // nil means always; until then everything answers 503
	CORSOrigin    *regexp.Regexp           // anchored, of origins whose scripts may read answers; nil means any, as in Prometheus
	Gatherer      prometheus.Gatherer      // the registry of the process
	Registerer    prometheus.Registerer    // for the API's own metrics
	Log           *slog.Logger
}

// RulesOf returns the rules as the one who asks in ctx sees them.
type RulesOf = func(ctx context.Context) v1.RulesRetriever

// SignalOf returns what the rules of a group look at, "logs" or "traces", or ""
// for metrics.
type SignalOf func(file, group string) string

// withDefaults fills what may be nil.
func (o Options) withDefaults(now time.Time) Options {
	if o.Local == nil {
		o.Local = o.Queryable
	}
	if o.Features == nil {
		o.Features = features.NewRegistry()
	}
	if o.Rules == nil {
		o.Rules = func(context.Context) v1.RulesRetriever { return noRules{} }
	}
	if o.Signal == nil {
		o.Signal = func(string, string) string { return "" }
	}
	if o.Targets == nil {
		o.Targets = noTargets{}
	}
	if o.Alertmanagers == nil {
		o.Alertmanagers = noAlertmanagers{}
	}
	if o.Reached.ListenAddress == "" { // Prometheus' code cannot do without
		o.Reached = v1.GlobalURLOptions{ListenAddress: ":0", Host: "localhost", Scheme: "http"}
	}
	if o.External == nil {
		o.External = labels.EmptyLabels
	}
	if o.Reloaded == nil {
		o.Reloaded = func() (time.Time, bool) { return now, true }
	}
	if o.Ready == nil {
		o.Ready = func() bool { return true }
	}
	if o.CORSOrigin == nil {
		o.CORSOrigin = regexp.MustCompile(`^(?:.*)$`) // the text that Prometheus answers with "*"
	}
	return o
}

type noRules struct{}

func (noRules) RuleGroups() []*rules.Group           { return nil }
func (noRules) AlertingRules() []*rules.AlertingRule { return nil }

type noTargets struct{}

func (noTargets) TargetsActive() map[string][]*scrape.Target  { return nil }
func (noTargets) TargetsDropped() map[string][]*scrape.Target { return nil }
func (noTargets) TargetsDroppedCounts() map[string]int        { return map[string]int{} }
func (noTargets) ScrapePools() []string                       { return []string{} }

func (noTargets) ScrapePoolConfig(pool string) (*config.ScrapeConfig, error) {
	return nil, &unknownPoolError{pool}
}

type unknownPoolError struct{ pool string }

func (e *unknownPoolError) Error() string { return "scrape pool " + e.pool + " does not exist" }

type noAlertmanagers struct{}

func (noAlertmanagers) Alertmanagers() []*url.URL        { return nil }
func (noAlertmanagers) DroppedAlertmanagers() []*url.URL { return nil }
