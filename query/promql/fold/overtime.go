package fold

import (
	"math"

	"github.com/prometheus/prometheus/promql"
)

// overTime are functions that need no more than the floats of a window, of which
// there is at least one. They are the engine's, which has them called in ways that
// take longer than they do.
var overTime = map[string]func([]promql.FPoint) float64{
	"count_over_time":   func(points []promql.FPoint) float64 { return float64(len(points)) },
	"present_over_time": func([]promql.FPoint) float64 { return 1 },
	"first_over_time":   func(points []promql.FPoint) float64 { return points[0].F },
	"last_over_time":    func(points []promql.FPoint) float64 { return points[len(points)-1].F },
	"max_over_time":     largest,
	"min_over_time":     smallest,
}

func largest(points []promql.FPoint) float64 {
	most := points[0].F
	for i := range points {
		if v := points[i].F; v > most || math.IsNaN(most) {
			most = v
		}
	}
	return most
}

func smallest(points []promql.FPoint) float64 {
	least := points[0].F
	for i := range points {
		if v := points[i].F; v < least || math.IsNaN(least) {
			least = v
		}
	}
	return least
}
