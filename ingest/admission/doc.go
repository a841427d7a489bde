// Package admission stands between the receivers of samples and the metric
// store, and applies the operator's rules: which series come in at all, and
// under which labels. The rules are Prometheus' relabelling rules, as in a
// scrape job's metric_relabel_configs, and can be replaced at any time.
//
// A rule is evaluated once for each series, not for each sample: what became
// of a series is kept as long as the rules are in force and the series is
// sent. A dropped sample is counted, and no error to its sender.
//
// A Gate is safe for concurrent use; an appender of it belongs to one
// goroutine.
package admission
