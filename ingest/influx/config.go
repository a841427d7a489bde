package influx

import "fmt"

// Config is the `ingest.influx` section of oriel.yaml: how points become
// series.
type Config struct {
	Separator       string `yaml:"separator"`         // between measurement and field in a series' name
	DatabaseLabel   string `yaml:"database_label"`    // for the database or bucket; empty adds none
	SkipSingleField bool   `yaml:"skip_single_field"` // a line's only field adds nothing to the name, whatever it is called
	SkipMeasurement bool   `yaml:"skip_measurement"`  // series are named after the field alone
}

// DefaultConfig names series as VictoriaMetrics and Prometheus' exporter do.
func DefaultConfig() Config { return Config{Separator: "_", DatabaseLabel: "db"} }

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	for _, r := range c.Separator {
		if r != '_' && r != ':' {
			return fmt.Errorf("separator: %q may have underscores and colons only", c.Separator)
		}
	}
	return nil
}
