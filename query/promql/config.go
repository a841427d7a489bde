package promql

import "github.com/prometheus/prometheus/promql/parser"

// Config is the `promql` section of oriel.yaml: the experimental parts of the
// language. Each is a feature flag of Prometheus, named behind it, and off by
// default as there.
type Config struct {
	ExperimentalFunctions  bool `yaml:"experimental_functions"`   // info, sort_by_label, limitk, mad_over_time…: promql-experimental-functions
	DurationExpressions    bool `yaml:"duration_expressions"`     // arithmetic in ranges and offsets: promql-duration-expr
	ExtendedRangeSelectors bool `yaml:"extended_range_selectors"` // anchored and smoothed: promql-extended-range-selectors
	FillModifiers          bool `yaml:"fill_modifiers"`           // fill, fill_left and fill_right of binary operators: promql-binop-fill-modifiers
	DelayedNameRemoval     bool `yaml:"delayed_name_removal"`     // metric names go at the end of a query: promql-delayed-name-removal
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
