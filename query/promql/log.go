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
	e.logging.Store(path != "")
	e.SetQueryLogger(l)
	return nil
}
