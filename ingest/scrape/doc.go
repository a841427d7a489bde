// Package scrape fetches metrics from targets and appends them to the metric
// store, with Prometheus' own scrape and discovery packages: whatever a
// Prometheus configuration says in scrape_configs means the same here.
//
// Service discoveries cost memory and size even when unused, so only some are
// in; plugins.go lists them. A Manager is safe for concurrent use.
package scrape
