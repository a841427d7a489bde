//go:build kubernetes

package scrape

import _ "github.com/prometheus/prometheus/discovery/kubernetes" // a quarter of the binary
