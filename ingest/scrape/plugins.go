package scrape

// Prometheus' discoveries register themselves when they are imported. A server
// carries what its binary carries, used or not: docs/scraping.md has the sizes.
import (
	_ "github.com/prometheus/prometheus/discovery/aws"        // ec2, ecs, elasticache, lightsail, msk, rds; and aws, for all of them
	_ "github.com/prometheus/prometheus/discovery/consul"     // consul
	_ "github.com/prometheus/prometheus/discovery/dns"        // dns
	_ "github.com/prometheus/prometheus/discovery/file"       // file
	_ "github.com/prometheus/prometheus/discovery/http"       // http
	_ "github.com/prometheus/prometheus/discovery/kubernetes" // kubernetes, a fifth of the binary
	_ "github.com/prometheus/prometheus/discovery/moby"       // docker, dockerswarm
)
