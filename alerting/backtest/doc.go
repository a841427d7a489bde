// Package backtest finds when an alerting rule would have fired in the past.
// The rule is Prometheus' own, evaluated step by step as the rule manager
// does; its expression is asked once, for all steps, where the language can
// do that.
package backtest
