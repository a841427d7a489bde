package main

import (
	"context"
	"fmt"
	"time"

	prompromql "github.com/prometheus/prometheus/promql"
	promstorage "github.com/prometheus/prometheus/storage"

	"github.com/oriel-obs/oriel/query/promql"
)

// A measurer evaluates PromQL for APIs whose language it is not. It implements
// jaegerapi.Measurer.
type measurer struct {
	engine *promql.Engine
	data   promstorage.Queryable
}

// Measure implements jaegerapi.Measurer.
func (m measurer) Measure(ctx context.Context, expr string, start, end time.Time, step time.Duration, use func(prompromql.Matrix) error) error {
	q, err := m.engine.NewRangeQuery(ctx, m.data, nil, expr, start, end, step)
	if err != nil {
		return err
	}
	defer q.Close()
	res := q.Exec(ctx)
	if res.Err != nil {
		return res.Err
	}
	series, err := res.Matrix()
	if err != nil {
		return fmt.Errorf("evaluate %s: %w", expr, err)
	}
	return use(series)
}
