package elastic

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/oriel-obs/oriel/ingest/logrecord"
)

// Config is the `ingest.elastic` section of oriel.yaml. Fields are named by
// their path, with dots.
type Config struct {
	Version       string   `yaml:"version"`        // told to clients: they choose their features by it, and Beats refuse a server older than themselves
	TimeFields    []string `yaml:"time_fields"`    // the first that a document has is its time
	MessageFields []string `yaml:"message_fields"` // the first that a document has is its line
	StreamFields  []string `yaml:"stream_fields"`  // stream labels, besides those that every document of the Elastic Common Schema has
}

// DefaultConfig suits the shippers' own defaults.
func DefaultConfig() Config {
	return Config{
		Version:       "8.17.0",
		TimeFields:    []string{"@timestamp", "timestamp", "time", "ts"},
		MessageFields: []string{"message", "msg", "log", "_msg", "event.original", "body"},
	}
}

var releaseVersion = regexp.MustCompile(`^\d+\.\d+\.\d+$`)

// Validate returns every problem at once, each prefixed with its key.
func (c Config) Validate() error {
	var errs []error
	if !releaseVersion.MatchString(c.Version) {
		errs = append(errs, fmt.Errorf("version: %q is not of the form 8.17.0", c.Version))
	}
	return errors.Join(errs...)
}

func (c Config) mapping() logrecord.Mapping {
	m := logrecord.Mapping{
		Time: c.TimeFields, Body: c.MessageFields,
		Labels: logrecord.OriginFields(),
		Rename: map[string]string{"trace.id": "trace_id", "span.id": "span_id"},
	}
	for _, f := range c.StreamFields {
		m.Labels[f] = logrecord.LabelName(f)
	}
	return m
}
