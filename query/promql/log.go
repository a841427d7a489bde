package promql

import (
	"fmt"

	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/util/logging"
)

// LogQueries has every query written to the file path, a line of JSON each;
// "" ends that. The file is opened anew, so that it can be rotated by moving it
// away and reloading.
func (e *Engine) LogQueries(path string) error {
	var l promql.QueryLogger // stays nil without a path: a nil pointer in it would not be
	if path != "" {
		file, err := logging.NewJSONFileLogger(path)
		if err != nil {
			return fmt.Errorf("open query log: %w", err)
		}
		l = file
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.logging.Store(path != "")
	e.logger = l
	for _, own := range e.narrow {
		if l == nil {
			own.SetQueryLogger(nil)
		} else {
			own.SetQueryLogger(lent{l})
		}
	}
	e.SetQueryLogger(l) // which closes the old one
	return nil
}

// A lent logger is another engine's, which closes it.
type lent struct{ promql.QueryLogger }

// Close implements promql.QueryLogger.
func (lent) Close() error { return nil }
