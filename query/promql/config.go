package promql

import (
	"fmt"

	"github.com/alecthomas/units"
	"github.com/prometheus/prometheus/promql/parser"
)

// Config is the `promql` section of oriel.yaml: what is kept of answers, and
// the experimental parts of the language. Each of those is a feature flag of
// Prometheus, named behind it, and off by default as there.
type Config struct {
	ResultCache CacheConfig `yaml:"result_cache"`

	// NoFolding has Prometheus' engine evaluate queries all by itself, as it does
	// with delayed_name_removal and for stats=all.
	NoFolding bool `yaml:"no_folding"`

	ExperimentalFunctions  bool `yaml:"experimental_functions"`   // info, sort_by_label, limitk, mad_over_time…: promql-experimental-functions
	DurationExpressions    bool `yaml:"duration_expressions"`     // arithmetic in ranges and offsets: promql-duration-expr
	ExtendedRangeSelectors bool `yaml:"extended_range_selectors"` // anchored and smoothed: promql-extended-range-selectors
	FillModifiers          bool `yaml:"fill_modifiers"`           // fill, fill_left and fill_right of binary operators: promql-binop-fill-modifiers
	DelayedNameRemoval     bool `yaml:"delayed_name_removal"`     // metric names go at the end of a query: promql-delayed-name-removal
}

// CacheConfig bounds the cache of answers to range queries. An answer is used
// again, as a whole or for its first steps, by a query with the same text and
// a step and start that fit, as long as no sample that it depends on has
// changed. It is passed by for requests with nocache=1, with stats, or with
// Cache-Control: no-store or no-cache, and while there is a query log.
type CacheConfig struct {
	MaxBytes units.Base2Bytes `yaml:"max_bytes"` // memory, as in 64MiB; 0 keeps nothing
}

// DefaultConfig has no experimental parts.
func DefaultConfig() Config {
	return Config{ResultCache: CacheConfig{MaxBytes: 64 * units.MiB}}
}

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	if c.ResultCache.MaxBytes < 0 {
		return fmt.Errorf("result_cache: max_bytes: %d is negative", c.ResultCache.MaxBytes)
	}
	return nil
}

// Parser returns a parser of the dialect that c describes.
func (c Config) Parser() parser.Parser {
	return parser.NewParser(parser.Options{
		EnableExperimentalFunctions:  c.ExperimentalFunctions,
		ExperimentalDurationExpr:     c.DurationExpressions,
		EnableExtendedRangeSelectors: c.ExtendedRangeSelectors,
		EnableBinopFillModifiers:     c.FillModifiers,
	})
}
